--- Runs a command so that Ctrl-C ends it soon, wherever it waits.
--
-- The interpreter makes Ctrl-C an error, "interrupted!", in what runs outside
-- of coroutines, as soon as Lua runs there again. So the command is a task, and
-- whoever runs it comes back all the time. A reader of stdout or stderr that
-- goes away ends it in the same way.

local failure = require "apivideo.cli.failure"

local TURN = 0.1 -- seconds

--- Calls the body with the arguments; its error is raised.
---@param client apivideo.Client of apivideo.safe
---@param body function
---@param ... any
---@return any result the body's only one
return function(client, body, ...)
  local task = client:spawn(body, ...)
  while task.state == "running" do
    failure.heed_readers()
    client:step(TURN)
  end
  local result, err = task:await()
  if err ~= nil then error(err, 0) end
  return result
end
