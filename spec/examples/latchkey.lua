-- Asks Latchkey whether a request may pass: `lua-load latchkey.lua`, then `http-request lua.latchkey`, in HAProxy.
-- The environment says where Latchkey is, and what its cookies are called, with spaces between them.

local question = os.getenv("LATCHKEY_URL") .. "/services/auth/v1/verify?answer=302"
local own_cookies = {}
for name in os.getenv("LATCHKEY_COOKIE"):gmatch("%S+") do
	own_cookies[name] = true
end

-- What belongs to one connection or to a body, which the question does not have.
local not_asked = {
	["host"] = true, ["connection"] = true, ["content-length"] = true, ["transfer-encoding"] = true, ["te"] = true,
	["trailer"] = true, ["expect"] = true, ["keep-alive"] = true, ["upgrade"] = true, ["http2-settings"] = true,
	["accept-encoding"] = true,
}
-- Of a refusal, what the client gets.
local passed_on = {
	"content-type", "location", "vary", "cache-control", "www-authenticate", "retry-after", "set-cookie",
	"latchkey-login", "latchkey-login-status", "latchkey-code", "latchkey-proof-needed", "x-request-id",
	"access-control-allow-origin", "access-control-allow-credentials", "access-control-expose-headers",
	"content-security-policy", "x-content-type-options", "referrer-policy",
}

-- HAProxy's tables of header values begin at 0.
local function values_of(header)
	local values = {}
	for at, value in pairs(header) do
		values[at + 1] = value
	end
	return values
end

-- A connection changes to another protocol only where both headers say so.
local function asks_for_websocket(headers)
	local upgrade = values_of(headers["upgrade"] or {})
	if #upgrade ~= 1 or upgrade[1]:lower() ~= "websocket" then
		return false
	end
	for option in table.concat(values_of(headers["connection"] or {}), ","):gmatch("[^,%s]+") do
		if option:lower() == "upgrade" then
			return true
		end
	end
	return false
end

local function question_of(txn)
	local asked = {}
	local headers = txn.http:req_get_headers()
	for name, header in pairs(headers) do
		if not not_asked[name] then
			asked[name] = values_of(header)
		end
	end
	asked["x-forwarded-method"] = { txn.f:method() }
	-- What the client wrote, and what the application gets.
	asked["x-forwarded-uri"] = { txn.f:pathq() }
	if asks_for_websocket(headers) then
		asked["x-forwarded-proto"] = { txn.f:ssl_fc() == 1 and "wss" or "ws" }
	end
	return asked
end

-- Sessions, keys, and by what a browser is known again that signs in with a passkey, or comes back from a sign-in page of another host.
local function is_ours(pair)
	local name = pair:match("^[^=]*")
	local plain = name:gsub("^__Host%-", "")
	return own_cookies[name] or plain == "latchkey-passkey" or plain:find("^latchkey%-enter%-") ~= nil
end

-- The cookies of the application. Of a session cookie that comes twice, neither.
local function take_our_cookies(http)
	local left = {}
	for _, header in pairs(http:req_get_headers()["cookie"] or {}) do
		for cookie in header:gmatch("[^;]+") do
			local pair = cookie:match("^%s*(.-)%s*$")
			if pair ~= "" and not is_ours(pair) then
				left[#left + 1] = pair
			end
		end
	end
	http:req_del_header("cookie")
	if #left > 0 then
		http:req_add_header("cookie", table.concat(left, "; "))
	end
end

local function refuse(txn, status, headers, body)
	local reply = txn:reply({ status = status })
	for _, name in ipairs(passed_on) do
		for _, value in pairs(headers[name] or {}) do
			reply:add_header(name, value)
		end
	end
	reply:set_body(body)
	txn:done(reply)
end

core.register_action("latchkey", { "http-req" }, function(txn)
	local answer = core.httpclient():get({ url = question, headers = question_of(txn), timeout = 10000 })
	if answer == nil or answer.status ~= 200 then
		local known = answer ~= nil and answer.status >= 300 and answer.headers["content-type"] ~= nil
		if known then
			return refuse(txn, answer.status, answer.headers, answer.body or "")
		end
		local unavailable = { ["content-type"] = { "application/json" }, ["cache-control"] = { "no-store" } }
		return refuse(txn, 503, unavailable, '{"message":"The service is unavailable for a moment, try again","code":"unavailable"}')
	end
	for name, header in pairs(answer.headers) do
		if name:sub(1, 7) == "remote-" then
			for _, value in pairs(header) do
				txn.http:req_set_header(name, value)
			end
		end
	end
	take_our_cookies(txn.http)
end)
