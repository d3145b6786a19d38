--- `client:sleep(seconds)`: waits, in a task without holding anybody up.

local core = require "apivideo.core"
local current = require "apivideo.sched.current"
local misuse = require "apivideo.util.misuse"

local SHORTEST = 1e-6 -- even that lets others go on

---@param sched apivideo.Scheduler
---@param seconds number
---@return true|nil
---@return apivideo.Error? err
return function(sched, seconds)
  misuse.check_seconds("sleep", "seconds", seconds)
  sched:check "sleep"
  if sched:is_closed() then
    return nil, core.failure("sleep", "closed", "the client is closed")
  end
  sched:await(sched:pause(math.max(seconds, SHORTEST)))
  local err = current.see_cancel "sleep"
  if err then return nil, err end
  if sched:is_closed() then
    return nil, core.failure("sleep", "cancelled", "the client was closed")
  end
  return true
end
