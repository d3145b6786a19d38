-- The sandbox's time: the system's, moved by the setting `clock_offset`, so
-- that expiry can be tested without waiting.
local settings = require "server.settings"

local clock = {}

-- Unix time in seconds, with a fraction.
function clock.now()
  return ngx.now() + settings.current.clock_offset
end

-- Unix time in whole seconds.
function clock.seconds()
  return math.floor(clock.now())
end

local last_seconds, last_text

-- Whole seconds -> "2020-12-02T10:13:19+00:00".
function clock.atom(seconds)
  if seconds ~= last_seconds then
    last_text = os.date("!%Y-%m-%dT%H:%M:%S+00:00", seconds)
    last_seconds = seconds
  end
  return last_text
end

return clock
