-- POST /auth/api-key and POST /auth/refresh.
local auth = require "service.auth"
local problems = require "service.problems"

local auth_calls = {}

-- The one required text of the body, or nil and the answer that says why not.
local function required(request, name)
  local body = request:object()
  if not body then return nil, { problems.answer("invalid-payload") } end
  local value = body[name]
  if value == nil then
    local title = "This attribute is required."
    return nil, { problems.parameters("attribute-required",
      { { name = name, title = title } }) }
  elseif type(value) ~= "string" then
    local title = "This attribute must be a string."
    return nil, { problems.parameters("invalid-attribute",
      { { name = name, title = title } }) }
  end
  return value
end

function auth_calls.api_key(request)
  local key, refusal = required(request, "apiKey")
  if not key then return unpack(refusal) end
  local pair = auth.grant(key)
  if pair then return 200, pair end
  return problems.answer("authentication-invalid-user-credentials",
    { name = "" })
end

function auth_calls.refresh(request)
  local token, refusal = required(request, "refreshToken")
  if not token then return unpack(refusal) end
  local pair = auth.renew(token)
  if pair then return 200, pair end
  return problems.answer("authentication-invalid-refresh-token")
end

return auth_calls
