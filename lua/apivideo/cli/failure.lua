--- How a command ends: its exit status, and its words when it failed.

local apivideo = require "apivideo"
local terminal = require "apivideo.cli.terminal"

local failure = {
  DONE = 0,
  FAILED = 1,
  MISUSE = 2,
  INTERRUPTED = 130, -- as after SIGINT in a shell
}

local Misuse = {}
Misuse.__index = Misuse

function Misuse:__tostring()
  return self.words
end

--- Raises what the user has to put right.
---@param words string
function failure.misuse(words)
  error(setmetatable({ words = words }, Misuse), 0)
end

--- Gives what a call of apivideo.safe gave, or raises its error.
---@generic T
---@param value T?
---@param ... any
---@return T
function failure.check(value, ...)
  if value == nil or value == false then error((...), 0) end
  return value, ...
end

--- Whether an error is what Ctrl-C makes of a running script.
function failure.is_interrupt(err)
  return type(err) == "string" and err:find "interrupted!$" ~= nil
end

-- The words between the parentheses of "bad argument #1 to 'new' (…)".
local function words_of_misuse(err)
  if getmetatable(err) == Misuse then return err.words end
  return type(err) == "string"
    and err:match "bad argument #%d+ to '[%w_]+' %((.*)%)$" or nil
end

--- What an error is: its exit status, kind and words.
---@param err any
---@return integer status
---@return string kind
---@return string words
function failure.describe(err)
  if failure.is_interrupt(err) then
    return failure.INTERRUPTED, "interrupted", "stopped by Ctrl-C"
  end
  local misuse = words_of_misuse(err)
  if misuse then return failure.MISUSE, "misuse", misuse end
  if apivideo.is_error(err) then
    return failure.FAILED, err.kind, err.message
  end
  return failure.FAILED, "internal", tostring(err)
end

--- Writes a line to stderr.
---@param words string
function failure.note(words)
  local line = words:gsub("%s*[\r\n]+%s*", " ")
  io.stdout:flush()
  io.stderr:write(terminal.paint("stderr", "red", "apivideo:"), " ", line, "\n")
end

--- Writes an error as a line to stderr, its kind in it.
---@param err any
---@param about string? what it happened to
---@return integer status to exit with
function failure.tell(err, about)
  local status, kind, words = failure.describe(err)
  -- The library's own messages have it already.
  if not words:find(kind .. ":", 1, true) then words = kind .. ": " .. words end
  if about then words = about .. ": " .. words end
  failure.note(words)
  return status
end

return failure
