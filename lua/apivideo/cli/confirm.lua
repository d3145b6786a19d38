--- Asks before something is destroyed.

local failure = require "apivideo.cli.failure"
local terminal = require "apivideo.cli.terminal"

local confirm = {}

-- Read by a shell, which Ctrl-C ends: some versions of Lua go on reading.
local READ = 'IFS= read -r line && printf "%s\\n" "$line"'

local function read_line()
  local pipe = assert(io.popen(READ))
  local line = pipe:read "*l"
  pipe:close()
  -- Whoever runs this task notices Ctrl-C, if it was that.
  if not line then coroutine.yield() end
  return line
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

--- Whether the user wants it.
---@param options { yes: boolean? }
---@param question string
---@return boolean
function confirm.ask(options, question)
  if options.yes then return true end
  io.stdout:flush()
  io.stderr:write(question, " [y/N] ")
  local line = read_line()
  if not line then io.stderr:write "\n" end
  local answer = (line or ""):lower():match "^%s*(.-)%s*$"
  return answer == "y" or answer == "yes"
end

return confirm
