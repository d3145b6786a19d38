--- What a client tells about its calls. An event is a plain table:
-- operation, method, path, status, attempts, elapsed, reused and, for a call
-- that failed, kind and message. A warning, and a task that failed with nobody
-- to await it, have nothing but the latter two.
-- Paths and messages come masked from the core, so an event holds no secret.

local core = require "apivideo.core"
local host = require "apivideo.util.host"

local log = {}

-- Seconds, in thousandths; `%f` would write a locale's decimal point.
local function text_of(seconds)
  local thousandths = math.floor(seconds * 1000 + 0.5)
  return ("%d.%03d s"):format(math.floor(thousandths / 1000),
    thousandths % 1000)
end

-- One line for people.
local function line(event)
  if not event.elapsed then return "apivideo: " .. event.message end
  local seconds = text_of(event.elapsed)
  if event.kind then
    return ("apivideo: %s in %s"):format(event.message, seconds)
  end
  return ("apivideo: %s %s: %s in %s"):format(
    event.method, event.path, event.status, seconds)
end

-- Some hosts have taken it away.
local function write(text)
  local stderr = host.io and host.io.stderr
  if stderr then stderr:write(text, "\n") end
end

--- Takes events: writes lines to stderr, where the host has it.
---@param event apivideo.Event
function log.to_stderr(event)
  write(line(event))
end

--- Writes an event to stderr with the traceback of its error. Code that is not
-- in a file may hold secrets, which are masked.
---@param client apivideo.core.Client
---@param event apivideo.Event
---@param trace string?
function log.trace_to_stderr(client, event, trace)
  log.to_stderr(event)
  local lines = (trace or ""):gsub("[^\n]+", function(text)
    text = text:gsub("^\t", "  ")
    return text:find "^  %[string" and client:redact(text) or text
  end)
  if lines ~= "" then write(lines) end
end

--- Tells what the caller should know.
---@param sink function
---@param message string
function log.tell(sink, message)
  sink { kind = "warning", message = message }
end

--- The same of the libraries in use, if there is something.
---@param sink function
function log.warn(sink)
  if core.WARNING then log.tell(sink, core.WARNING) end
end

-- What an error says, whatever value it is; where it has words of its own,
-- those, without the client's secrets.
local function words_of(client, err)
  if core.is_error(err) then return err.message end
  local words, meta = err, host.getmetatable(err)
  if type(meta) == "table" and meta.__tostring then
    local ok, text = pcall(tostring, err)
    words = ok and text
  end
  if type(words) == "string" then return client:redact(words) end
  return core.describe(err)
end

--- The event of a task that failed, and that nobody awaited.
---@param client apivideo.core.Client whose secrets are not shown
---@param err any what it failed with
---@return apivideo.Event
function log.failure(client, err)
  local words = words_of(client, err)
  return {
    kind = "task",
    message = "a task failed, and nobody awaited it: " .. words,
  }
end

--- The event of a done call.
---@param call apivideo.core.Call
---@param operation string
---@param err apivideo.Error? what it failed with
---@return apivideo.Event
function log.event(call, operation, err)
  local method, path = call:request()
  return {
    operation = operation,
    method = method,
    path = path,
    status = call.status,
    attempts = err and err.attempts or call.attempts,
    elapsed = err and err.elapsed or call.elapsed,
    reused = call.reused,
    kind = err and err.kind,
    message = err and err.message,
  }
end

return log
