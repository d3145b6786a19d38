-- Rate limits by class of request: reads, writes, uploads. A window begins
-- with the first request after the last window ended.
local clock = require "server.clock"
local settings = require "server.settings"

-- What the service's test environment allows in a minute.
local DEFAULTS = { reads = 100, writes = 40, uploads = 40, window = 60 }

local limits = {}

local windows

function limits.reset()
  windows = {}
end

limits.reset()

local function window_of(class, now, length)
  local window = windows[class]
  local age = window and now - window.began
  if not window or age < 0 or age >= length then
    window = { began = now, requests = 0 }
    windows[class] = window
  end
  return window
end

-- Counts a request. -> the headers to answer with, and whether it is one too
-- many; nil when limits are off.
function limits.count(class)
  local chosen = settings.current.rate_limits
  if not chosen then return nil, false end
  local length = chosen.window or DEFAULTS.window
  local limit = chosen[class] or DEFAULTS[class]
  local now = clock.now()
  local window = window_of(class, now, length)
  window.requests = window.requests + 1
  return {
    ["X-RateLimit-Limit"] = limit,
    ["X-RateLimit-Remaining"] = math.max(0, limit - window.requests),
    ["X-RateLimit-Retry-After"] = math.ceil(window.began + length - now),
  }, window.requests > limit
end

return limits
