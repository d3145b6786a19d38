--- The driver of plain scripts: the whole program waits for the call. Tasks
-- move on meanwhile.

local block = { blocks = true }

-- Seconds after which Lua gets a turn, so that Ctrl-C is noticed.
local TURN = 1

---@param sched apivideo.Scheduler
---@param call apivideo.core.Call
---@return boolean? ends
function block.await(sched, call)
  while not sched:move_for(call, TURN) do
    if not sched:due() then
      call:cancel() -- nothing is in flight, and whoever could go on has
      return false
    end
  end
end

---@param sched apivideo.Scheduler
function block.push(sched)
  sched:send()
end

return block
