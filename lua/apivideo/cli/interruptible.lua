--- Runs a command so that Ctrl-C ends it soon, wherever it waits.
--
-- The interpreter makes Ctrl-C an error, "interrupted!", in what runs outside
-- of coroutines, as soon as Lua runs there again. So the command is a task, and
-- whoever runs it comes back all the time.

local TURN = 0.1 -- seconds

--- Calls the body with the arguments; its error is raised.
---@param client apivideo.Client
---@param body function
---@param ... any
---@return any result the first of the body's
return function(client, body, ...)
  local task = client:spawn(body, ...)
  while task.state == "running" do client:step(TURN) end
  return (task:await())
end
