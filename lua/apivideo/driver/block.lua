--- The driver of plain scripts: the whole program waits for the call.
--
-- A driver is one function, `await(client, call)`: it returns when the call
-- is done. Deadlines stay the engine's; a driver only decides who waits.

local block = {}

-- Seconds after which Lua gets a turn, so that Ctrl-C is noticed.
local TURN = 1

---@param client apivideo.Client
---@param call apivideo.core.Call
function block.await(client, call)
  local core = client.core
  while not call:done() do
    core:step(TURN)
  end
end

return block
