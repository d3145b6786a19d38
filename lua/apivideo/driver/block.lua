--- The driver of plain scripts: the whole program waits for the call. Tasks
-- move on meanwhile.
--
-- A driver decides who waits; deadlines stay the engine's. It has
-- - `await(client, call)`: returns when the call is done, as it may be already;
--   false where it knows that this would never be, and has cancelled it;
-- - `push(client)`: sees to it that what was started moves on, although nobody
--   waits for it yet;
-- - `check(method)`, perhaps: raises misuse where the caller cannot wait;
-- - `spawn(run, task)`, perhaps: runs a function beside the caller. Without
--   it, tasks are coroutines that the client resumes;
-- - `give_up(task)`, perhaps: ends the task that is running, where it is.
--   Without it, the task yields and is not resumed again;
-- - `open(client)`, perhaps: is told of a new client;
-- - `release(client)`, perhaps: watches the client's descriptor no longer.

local block = {}

-- Seconds after which Lua gets a turn, so that Ctrl-C is noticed.
local TURN = 1

---@param client apivideo.Client
---@param call apivideo.core.Call
---@return boolean? ends
function block.await(client, call)
  local engine = client.core
  while true do
    local done = engine:wait(call, TURN)
    client:settle()
    if done or call:done() then return end
    if not engine:timeout() then
      call:cancel() -- nothing is in flight, and whoever could go on has
      return false
    end
  end
end

---@param client apivideo.Client
function block.push(client)
  client.core:step(0)
end

return block
