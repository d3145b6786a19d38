-- Who may call: API keys, and the access tokens that are given for them.
local clock = require "server.clock"
local random = require "server.random"
local settings = require "server.settings"

local auth = {}

-- token -> { key =, expires_at = }, and refresh token -> key.
local access_tokens, refresh_tokens

function auth.reset()
  access_tokens, refresh_tokens = {}, {}
end

auth.reset()

local function is_key(text)
  for _, key in ipairs(settings.current.keys) do
    if key == text then return true end
  end
  return false
end

-- Basic: the key is the user name, the password is empty.
local function basic_problem(credentials)
  local key = (ngx.decode_base64(credentials) or ""):match("^([^:]+):$")
  if not (key and is_key(key)) then return "authentication-invalid-api-key" end
end

local function bearer_problem(token)
  local entry = access_tokens[token]
  if not entry or entry.expires_at <= clock.now() or not is_key(entry.key) then
    access_tokens[token] = nil
    return "authentication-invalid-access-token"
  end
end

local function credentials_problem(header)
  if not header then return "authentication-missing-authorization-header" end
  local scheme, credentials = header:match("^(%a+) +(%S+)$")
  scheme = scheme and scheme:lower()
  if scheme == "bearer" then return bearer_problem(credentials) end
  if scheme == "basic" then return basic_problem(credentials) end
  return "authentication-invalid-api-key"
end

function auth.suspension_problem()
  local suspended = settings.current.suspended
  return suspended and "authorization-suspended-account" or nil
end

-- The name of the problem with the request's credentials, or nil.
function auth.problem(request)
  return credentials_problem(request:header("authorization"))
    or auth.suspension_problem()
end

local function issue(key)
  local lifetime = settings.current.access_token_lifetime
  local access = random.id("eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsImp0aSI6", 180)
  local refresh = random.id("def50200", 180)
  access_tokens[access] = { key = key, expires_at = clock.now() + lifetime }
  refresh_tokens[refresh] = key
  return {
    token_type = "Bearer", expires_in = lifetime,
    access_token = access, refresh_token = refresh,
  }
end

-- API key -> a new pair of tokens, or nil.
function auth.grant(key)
  return is_key(key) and issue(key) or nil
end

-- Refresh token -> a new pair, or nil. A refresh token serves once.
function auth.renew(refresh_token)
  local key = refresh_tokens[refresh_token]
  refresh_tokens[refresh_token] = nil
  return key and is_key(key) and issue(key) or nil
end

return auth
