--- How far an upload has come. It never goes back: a part that is sent again
-- counts when it has passed the point where it was before.

local core = require "apivideo.core"

-- Seconds over which the rate is an average, about.
local SPAN = 3

---@class apivideo.Progress
---@field uploaded_bytes integer
---@field total_bytes? integer nil where nobody knows it yet
---@field part integer that was begun last
---@field parts? integer nil where nobody knows it yet
---@field bytes_per_second number of late

local Meter = {}
Meter.__index = Meter

---@param bytes integer that had arrived before
function Meter.new(bytes)
  return setmetatable({
    bytes = bytes, first = bytes, rate = 0,
    started = core.now(), at = core.now(),
  }, Meter)
end

-- An average over all the time at first, over the last seconds later.
local function add_rate(self, bytes, now)
  local seconds = now - self.at
  if seconds <= 0 then return end
  local rate = (bytes - self.bytes) / seconds
  local share = math.min(1, seconds / math.min(now - self.started, SPAN))
  self.rate = self.rate + (rate - self.rate) * share
end

--- Takes what was sent up to now; whether it is more than before.
---@param bytes integer
---@return boolean
function Meter:reach(bytes)
  if bytes <= self.bytes then return false end
  local now = core.now()
  add_rate(self, bytes, now)
  self.bytes, self.at = bytes, now
  return true
end

return Meter
