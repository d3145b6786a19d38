--- Bearer authentication: the key is exchanged for an access token, which is
-- renewed before it expires. A session is made of closures, so that nobody
-- who prints a client sees the secrets in it.

local core = require "apivideo.core"
local misuse = require "apivideo.misuse"

local session = {}

-- The part of its lifetime that an access token is used for.
local USED = 0.9

-- Seconds that a call must at least be given.
local LEAST = 0.001

-- The caller's options with what is left until the deadline.
local function options_until(deadline, options)
  local copy = {}
  for name, value in pairs(options or {}) do copy[name] = value end
  copy.timeout = math.max(deadline - core.now(), LEAST)
  return copy
end

--- Makes a session.
-- `send(operation, argument, options)` carries out one call and returns
-- `true, value, response` or `false, err`.
---@param client apivideo.core.Client whose calls carry the access token
---@param api_key string
---@param timeout number seconds of a call that has no timeout of its own
---@param send function
---@return function attempt like `send`, with a valid access token
function session.new(client, api_key, timeout, send)
  local refresh_token
  local renew_at = 0

  -- Without memory it raises before anything is taken for renewed.
  local function accept(pair)
    client:set_access_token(pair.access_token)
    refresh_token = pair.refresh_token
    renew_at = core.now() + pair.expires_in * USED
  end

  -- A refresh token serves once: it is given up before it is sent, and
  -- whatever goes wrong with it, the key remains.
  local function renew(deadline, options)
    local own = { retries = options and options.retries }
    local spent = refresh_token
    refresh_token = nil
    if spent then
      local ok, pair = send("refresh", spent, options_until(deadline, own))
      if ok then
        accept(pair)
        return true
      end
      if pair.kind == "too_many_requests" then
        refresh_token = spent -- it was not looked at, nor would the key be
        return false, pair
      end
      if core.now() >= deadline then return false, pair end
    end
    local ok, pair = send(
      "authenticate", api_key, options_until(deadline, own))
    if ok then accept(pair) end
    return ok, pair
  end

  return function(operation, argument, options)
    -- Before a renewal, too, nothing is sent for a call that cannot be right.
    local fine, err = pcall(
      client.check, client, operation, operation, argument, options)
    if not fine then
      if core.is_error(err) then return false, err end -- closed
      misuse.rethrow(err)
    end
    local renewed = false
    local now = core.now()
    local deadline = now + (options and options.timeout or timeout)
    if now >= renew_at then
      local ok, why = renew(deadline, options)
      if not ok then return false, why end
      renewed = true
      options = options_until(deadline, options)
    end
    local ok, value, response = send(operation, argument, options)
    -- The service may end a token early; once a call is enough to notice.
    if ok or renewed or value.kind ~= "unauthorized" then
      return ok, value, response
    end
    local again, why = renew(deadline, options)
    if not again then return false, why end
    return send(operation, argument, options_until(deadline, options))
  end
end

return session
