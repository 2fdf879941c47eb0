-- refusals.lua -- what lighttpd itself refuses, as its error handler.
--
-- lighttpd 1.4.69 refuses a POST without Content-Length with 411 before it looks at
-- anything else, and `curl -X POST` sends none. This script restarts such a request; the
-- programs recognise it by REDIRECT_STATUS (fcgi/request.c). A POST to a WebSocket or an
-- event stream stays refused, since the broker would take it for a GET.
--
-- Every other error is answered like those of the programs: with the status's file in
-- run/problems, an id, and Retry-After where trying again may help.
local r = lighty.r

-- (if the request was not HTTP at all, there is no REDIRECT_STATUS)
local status = r.req_env['REDIRECT_STATUS']
local target = r.req_attr['request.orig-uri']

if status == '411' then
	local is_live = r.req_header['Upgrade'] or (target .. '?'):match('^[^?]*/events/?%?')

	if not is_live then
		r.req_attr['request.uri'] = target
		return lighty.RESTART_REQUEST
	end
end

local file = status and io.open(os.getenv('SHARE') .. '/run/problems/' .. status .. '.html')

if not file then
	return
end
local problem = file:read('*a')
file:close()

r.req_attr['request.uri'] = target -- for the access log

-- the caller's own, as in fcgi/request.c
local id = r.req_header['X-Request-Id']
if not id or #id > 64 or not id:match('^[%w._-]+$') then
	id = ('%08x%08x'):format(lighty.c.rand() & 0xffffffff, lighty.c.rand() & 0xffffffff)
end

r.resp_header['Content-Type'] = 'application/problem+json'
r.resp_header['X-Request-Id'] = id
r.resp_header['X-Content-Type-Options'] = 'nosniff'
r.resp_header['Cache-Control'] = 'no-store'
if status == '503' then
	r.resp_header['Retry-After'] = '1'
end
r.resp_body.set({ (problem:gsub('}%s*$', ', "request_id": "' .. id .. '"}\n')) })
return tonumber(status)
