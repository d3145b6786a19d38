-- A host's loop in its smallest form: it watches the client's descriptor and
-- knows nothing else.

local patience = require "spec.support.patience"
local socket = require "socket"

local LONGEST = 20 -- seconds of silence after which something is broken

local watched = {}

-- Whether the descriptor becomes readable within that time.
function watched.readable(client, seconds)
  local fd = client:fd()
  local object = { getfd = function() return fd end }
  return socket.select({ object }, nil, seconds)[object] ~= nil
end

-- Steps whenever the descriptor is readable, until `over(in_flight)`. → how
-- often.
function watched.drive(client, over)
  local steps, in_flight = 0, 1
  while not over(in_flight) do
    if not watched.readable(client, patience(LONGEST)) then
      error("the descriptor stays silent", 2)
    end
    in_flight = client:step(0)
    steps = steps + 1
  end
  return steps
end

-- The same until nothing is in flight.
function watched.finish(client)
  return watched.drive(client, function(in_flight) return in_flight == 0 end)
end

-- Steps as long as the descriptor is readable, for so many seconds. → how
-- often.
function watched.count(client, seconds)
  local steps, deadline = 0, socket.gettime() + seconds
  repeat
    local left = math.max(0, deadline - socket.gettime())
    local ready = watched.readable(client, left)
    if ready then
      client:step(0)
      steps = steps + 1
    end
  until not ready
  return steps
end

return watched
