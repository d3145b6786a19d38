--- Hands upload tokens to browsers. What went wrong with the service is for
-- our own log; a browser is only told whether to come back.

local apivideo = require "apivideo.safe"
local cjson = require "cjson"

local broker = {}

-- Seconds that a token serves: long enough to choose a file and begin.
local TTL = 600

-- Seconds after which whoever was refused may try again, unless the service
-- names a time.
local WAIT = 2

-- Seconds; nobody waits longer in front of a page.
local TIMEOUT = 5

-- Nil when it is empty, too.
local function variable(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

if not variable "APIVIDEO_API_KEY" then
  error("set APIVIDEO_API_KEY, and name it in nginx.conf: "
    .. "env APIVIDEO_API_KEY;", 0)
end

-- Where tokens come from, and where browsers upload with them.
local SERVICE = variable "APIVIDEO_BASE_URL" or "https://ws.api.video"

-- One client for all requests of a worker: they share its connections, which
-- are as many as visitors may be waiting at once.
local client = apivideo.new {
  base_url = SERVICE, timeout = TIMEOUT, max_connections = 64,
}

local function answer(status, fields)
  ngx.status = status
  ngx.say(cjson.encode(fields))
end

local function fail(status, message, retry_after)
  ngx.header["Retry-After"] = retry_after
  answer(status, { error = message })
end

--- POST /upload-token
function broker.give_token()
  if ngx.req.get_method() ~= "POST" then
    ngx.header.Allow = "POST"
    return fail(405, "only POST is answered here")
  end
  ngx.req.discard_body()
  local token, err = client.upload_tokens:create_token { ttl = TTL }
  if token then
    return answer(200, {
      token = token.token, ttl = token.ttl, expires_at = token.expires_at,
      service = SERVICE,
    })
  end
  ngx.log(ngx.ERR, "no upload token: ", tostring(err))
  if err.kind == "too_many_requests" then
    return fail(503, "too many uploads begin", err.retry_after or WAIT)
  end
  return fail(502, "there is no upload token to be had")
end

--- Whoever asks too often, by nginx's own count.
function broker.refuse()
  fail(429, "too many requests", WAIT)
end

return broker
