--- Waits for any of several calls.

-- In a table of its own: nginx may drop who waits, with all that its functions
-- hold, while the calls go on.
local Waiter = {}
Waiter.__index = Waiter

function Waiter:wake()
  self.pause:cancel()
end

local function any_done(calls)
  for call in pairs(calls) do
    if call:done() then return true end
  end
  return false
end

--- Returns when one of the calls has ended, when so many seconds are over, or
-- when whoever waits was cancelled; it may return earlier. If that is dropped,
-- the calls are cancelled.
---@param sched apivideo.Scheduler
---@param calls table<apivideo.core.Call, any>
---@param seconds number? nil: however long it takes
return function(sched, calls, seconds)
  if any_done(calls) then return end
  local pause = sched:pause(seconds)
  local waiter = setmetatable({ pause = pause }, Waiter)
  for call in pairs(calls) do sched:watch(call, waiter) end
  sched:begin_group(pause, calls)
  sched:await(pause)
  sched:end_group(pause)
  pause:cancel()
end
