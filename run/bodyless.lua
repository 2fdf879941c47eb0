-- bodyless.lua -- accept a POST without a body and without Content-Length.
--
-- lighttpd 1.4.69 refuses a POST without Content-Length with 411 before it looks at
-- anything else, and `curl -X POST` sends none. As the error handler, this script restarts
-- such a request; the programs recognise it by REDIRECT_STATUS (fcgi/request.c). Every
-- other error stays as it is. So does a POST to a WebSocket or an event stream, which the
-- broker would take for a GET.
local r = lighty.r

-- (if the request was not HTTP at all, there is no REDIRECT_STATUS)
if r.req_env['REDIRECT_STATUS'] == '411' then
	local target = r.req_attr['request.orig-uri']
	local is_live = r.req_header['Upgrade'] or (target .. '?'):match('^[^?]*/events/?%?')

	if not is_live then
		r.req_attr['request.uri'] = target
		return lighty.RESTART_REQUEST
	end
end
