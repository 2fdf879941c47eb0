-- bodyless.lua -- a POST that has no body need not say so.
--
-- lighttpd 1.4.69 refuses a POST without Content-Length with 411 before it looks at
-- anything else, and `curl -X POST` sends none. As error handler we send such a request
-- on its way again; the programs know it by REDIRECT_STATUS (fcgi/request.c). Every
-- other error stays what it is, and so does a POST that wants to become a WebSocket, or
-- an event stream: the broker would take it for a GET.
local r = lighty.r

-- of what is no HTTP at all not even that is known
if r.req_env['REDIRECT_STATUS'] == '411' then
	local target = r.req_attr['request.orig-uri']
	local is_live = r.req_header['Upgrade'] or (target .. '?'):match('^[^?]*/events/?%?')

	if not is_live then
		r.req_attr['request.uri'] = target
		return lighty.RESTART_REQUEST
	end
end
