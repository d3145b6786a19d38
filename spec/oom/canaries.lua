-- Eight secrets, each kind in a success and in a failure, on their way through
-- the core. The host gives `watch(text, seldom)`, which looks for a text from
-- now on and wants to see it unless it is seldom there, and `look()`, which
-- notes the texts that the core holds; that is done at the end of every call.

local apivideo = require "apivideo"
local sandbox = require "spec.support.sandbox_http"

local KEY = "CanaryKeyThatServes0123456789"
local WRONG_KEY = "CanaryKeyThatIsRefused0123456"
local ACCESS = "CanaryAccessTokenThatServes01"
local OLD_ACCESS = "CanaryAccessTokenThatExpired1"
local REFRESH = "CanaryRefreshTokenThatServes1"
local SPENT_REFRESH = "CanaryRefreshTokenThatIsSpent"
local TOKEN = "toCanaryThatIsThere01234567"
local UNKNOWN = "toCanaryThatIsUnknown012345"

local canaries = {}

local look

local function new_client(options)
  options.base_url = sandbox.url
  options.ca_file = os.getenv "APIVIDEO_CA_FILE"
  options.retries = 0
  options.log = look
  return apivideo.new(options)
end

local function must_fail(kind, call, ...)
  local ok, err = pcall(call, ...)
  if ok then error("a call succeeded that must fail as " .. kind, 0) end
  if type(err) ~= "table" or err.kind ~= kind then error(err, 0) end
end

local function answer(path, body, status)
  return {
    status = status or 200, body = body, match = { path = path },
  }
end

local function pair(access, refresh)
  return {
    token_type = "Bearer", expires_in = 3600, access_token = access,
    refresh_token = refresh,
  }
end

local CREATED = { token = TOKEN, ttl = 0, createdAt = "2026-11-23T10:13:19+00:00" }
local PAGE = {
  data = { CREATED },
  pagination = {
    currentPage = 1, currentPageItems = 1, pageSize = 25, pagesTotal = 1,
    itemsTotal = 1, links = { { rel = "self", uri = "/" } },
  },
}

local function refusal(path)
  return { status = 401, problem = "authentication-invalid-access-token",
    match = { path = path } }
end

-- With a key; an upload token that is there, and one that is not.
local function use_keys()
  sandbox.set { keys = { KEY } }
  local client = new_client { api_key = KEY }
  local tokens = client.upload_tokens
  sandbox.control("POST", "faults", {
    answer("/upload-tokens", CREATED), answer("/upload-tokens/" .. TOKEN, CREATED),
  })
  assert(tokens:create_token().token == TOKEN)
  assert(tokens:get_token(TOKEN).token == TOKEN)
  must_fail("not_found", tokens.get_token, tokens, UNKNOWN)
  must_fail("not_found", tokens.delete_token, tokens, UNKNOWN)
  local call = client.core:start("get_token", TOKEN)
  client.core:step(0)
  client:close()
  assert(not pcall(call.result, call))
  local stranger = new_client { api_key = WRONG_KEY }
  must_fail("unauthorized", stranger.upload_tokens.list, stranger.upload_tokens)
  stranger:close()
end

-- The first access token has expired and is renewed; the second expires as
-- well, its refresh token is refused, and the key is, too.
local function use_session()
  local client = new_client { api_key = KEY, auth = "bearer" }
  local tokens = client.upload_tokens
  sandbox.control("POST", "faults", {
    answer("/auth/api-key", pair(OLD_ACCESS, REFRESH)),
    answer("/upload-tokens", PAGE),
  })
  assert(tokens:list().data[1].token == TOKEN)
  sandbox.control("POST", "faults", {
    refusal "/upload-tokens",
    answer("/auth/refresh", pair(ACCESS, SPENT_REFRESH)),
    answer("/upload-tokens", PAGE),
  })
  assert(tokens:list().data[1].token == TOKEN)
  sandbox.control("POST", "faults", {
    refusal "/upload-tokens", refusal "/auth/refresh", refusal "/auth/api-key",
  })
  must_fail("unauthorized", tokens.list, tokens)
  client:close()
end

function canaries.run(watch, at_end_of_call)
  look = at_end_of_call
  for _, secret in ipairs {
    KEY, WRONG_KEY, ACCESS, OLD_ACCESS, REFRESH, SPENT_REFRESH, TOKEN, UNKNOWN,
  } do
    local is_key = secret == KEY or secret == WRONG_KEY
    watch(secret)
    watch(sandbox.basic(secret):match " (.*)", not is_key)
  end
  sandbox.reset()
  use_keys()
  use_session()
  collectgarbage()
  collectgarbage()
end

return canaries
