--- How a command ends: its exit status, and its words when it failed.

local apivideo = require "apivideo"
local core = require "apivideo.core"
local shown = require "apivideo.cli.format.shown"
local status_line = require "apivideo.cli.terminal.status_line"
local terminal = require "apivideo.cli.terminal.terminal"

local failure = {
  DONE = 0,
  FAILED = 1,
  MISUSE = 2,
}

local SIGINT, SIGPIPE = 2, 13

-- What the interpreters make of Ctrl-C.
local INTERRUPTED = "interrupted!"

-- What shells add to the number of a signal that ended a command.
local BY_SIGNAL = 128

-- What the command line itself finds wrong; a call that failed has an error
-- object of the library's.
local Failure = {}
Failure.__index = Failure

function Failure:__tostring()
  return self.message
end

--- What went wrong.
---@param kind string "misuse", or a kind of the library's
---@param message string
---@return table
function failure.new(kind, message)
  return setmetatable({ kind = kind, message = message }, Failure)
end

--- Raises what went wrong.
---@param kind string
---@param message string
function failure.raise(kind, message)
  error(failure.new(kind, message), 0)
end

--- Raises what the user has to put right.
---@param message string
function failure.misuse(message)
  failure.raise("misuse", message)
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

--- What the client in use adds to the words of a call that failed, or nil.
---@param err apivideo.Error
---@return string?
function failure.explain(err) -- luacheck: ignore 212
  return nil
end

local REFUSED = { unauthorized = true, forbidden = true }

--- Whether somebody on the way, or at its end, wants other credentials. Those
-- that were refused are not shown again.
---@param err { kind: string, message: string }
---@return boolean
function failure.is_refusal(err)
  return REFUSED[err.kind]
    or err.message:find("the proxy wants a user name", 1, true) ~= nil
end

--- Whether it is what Ctrl-C, or a signal like it, makes of a running script.
-- In some runtimes that may be anywhere, also in a task.
---@param err any
function failure.is_interrupt(err)
  return type(err) == "string" and err:find(INTERRUPTED .. "$") ~= nil
end

local has_told = false

--- Raises, once, what Ctrl-C does, when whoever read our words has gone.
function failure.heed_readers()
  if has_told or core.signal() ~= SIGPIPE then return end
  has_told = true
  error(INTERRUPTED, 0)
end

--- What an error is: its exit status, kind and words.
---@param err any
---@return integer status
---@return string kind
---@return string message
function failure.describe(err)
  if failure.is_interrupt(err) then
    local number, name = core.signal()
    return BY_SIGNAL + (number or SIGINT), "interrupted",
      "stopped by " .. (name or "Ctrl-C")
  end
  if apivideo.is_error(err) then
    local more = failure.explain(err)
    local words = more and err.message .. "; " .. more or err.message
    return failure.FAILED, err.kind, words
  elseif getmetatable(err) == Failure then
    local status = err.kind == "misuse" and failure.MISUSE or failure.FAILED
    return status, err.kind, err.message
  end
  -- The library's misuse, without the place in the program.
  local misuse = type(err) == "string"
    and err:match "bad argument #%d+ to '[%w_]+' %((.*)%)$"
  if misuse then return failure.MISUSE, "misuse", misuse end
  return failure.FAILED, "internal", tostring(err)
end

--- Whether a status is that of a command which was interrupted.
---@param status integer
function failure.is_interrupted(status)
  return status > BY_SIGNAL
end

--- Whether a status is that of a command whose words nobody reads.
---@param status integer
function failure.is_unread(status)
  return status == BY_SIGNAL + SIGPIPE
end

--- Writes a line to stderr.
---@param words string
function failure.note(words)
  local line = words:gsub("%s*%c+%s*", " ")
  if terminal.is "stderr" then line = shown(line) end
  status_line.leave()
  io.stdout:flush()
  io.stderr:write(terminal.paint("stderr", "red", "apivideo:"), " ", line, "\n")
end

-- What else an error of the library says.
local function more(err, name)
  if apivideo.is_error(err) then return err[name] end
end

--- An error as JSON has it.
---@param err any
---@param run { ambiguous: boolean? }? what it happened to
---@return table
function failure.fields(err, run)
  local _, kind, message = failure.describe(err)
  return {
    kind = kind,
    message = message,
    ambiguous = (more(err, "ambiguous") or run and run.ambiguous) == true,
    retry_after = more(err, "retry_after"),
  }
end

local function begins_with(text, beginning)
  return text:sub(1, #beginning) == beginning
end

--- Writes an error as a line to stderr, its kind in it.
---@param err any
---@param run { about: string?, advice: string? }? what it happened to, and
-- what is to be done
---@return integer status to exit with
function failure.tell(err, run)
  local status, kind, words = failure.describe(err)
  if failure.is_unread(status) then return status end
  -- The library's own messages begin with the operation and the kind.
  local head = apivideo.is_error(err) and ("%s: %s: "):format(
    err.operation, kind) or ""
  local about = run and run.about
  local has_name = about and begins_with(words:sub(#head + 1), about .. ":")
  if head == "" then words = kind .. ": " .. words end
  if about and not has_name then words = about .. ": " .. words end
  local seconds = more(err, "retry_after")
  if seconds then words = ("%s; try again in %d s"):format(words, seconds) end
  if run and run.advice then words = words .. "; " .. run.advice end
  failure.note(words)
  return status
end

return failure
