--- Asks before something is destroyed.

local failure = require "apivideo.cli.failure"
local status_line = require "apivideo.cli.terminal.status_line"
local system = require "apivideo.cli.system"
local terminal = require "apivideo.cli.terminal.terminal"

local confirm = {}

local function read_line()
  local line = system.read_line()
  if line then
    status_line.answered()
  else
    coroutine.yield() -- if it was Ctrl-C, whoever runs this task ends here
    status_line.leave()
  end
  return line or ""
end

--- Raises misuse unless there is somebody to ask, or an answer was given.
---@param options { yes: boolean? }
---@param what string "token purge"
function confirm.require(options, what)
  if options.yes then return end
  if terminal.is "stdin" and terminal.is "stderr" then return end
  failure.misuse(what .. " asks before it deletes, and there is no terminal"
    .. " to ask on: say --yes")
end

--- Returns when the user wants it; raises otherwise.
---@param options { yes: boolean? }
---@param question string
function confirm.ask(options, question)
  if options.yes then return end
  status_line.ask(question .. " [y/N] ")
  local answer = read_line():lower():match "^%s*(.-)%s*$"
  if answer ~= "y" and answer ~= "yes" then
    failure.raise("cancelled", "nothing was deleted")
  end
end

return confirm
