--- Misuse: an argument that can never be right raises at the caller's line,
-- before anything is sent.

local core = require "apivideo.core"
local host = require "apivideo.util.host"

local misuse = {}

-- Some hosts give no debug library; messages have no position then.
local getinfo = host.debug and host.debug.getinfo

-- The folder of this library's files, as functions name their source. On
-- Windows there are slashes of either kind.
local HOME = getinfo
  and getinfo(1, "S").source:match "^(.*)[/\\]util[/\\]misuse%.lua$"

local function is_ours(source)
  return HOME ~= nil and source:sub(1, #HOME) == HOME
    and source:find("^[/\\]", #HOME + 1) ~= nil
end

-- "file:line: " of the nearest caller outside this library. Counting levels
-- instead would tie every function to the depth it is called from.
local function caller_position()
  local level = 2
  while true do
    level = level + 1
    local info = getinfo and getinfo(level, "Sl")
    if not info then return "" end
    if info.currentline > 0 and not is_ours(info.source) then
      return ("%s:%d: "):format(info.short_src, info.currentline)
    end
  end
end

--- Raises a text with the caller's position in front; what is no text (an
-- error object) goes on as it is.
---@param message any
function misuse.rethrow(message)
  if type(message) == "string" then message = caller_position() .. message end
  error(message, 0)
end

--- Raises "bad argument #n to 'method' (message)".
---@param method string
---@param argument integer its number, not counting the receiver
---@param message string
function misuse.raise(method, argument, message)
  local text = "bad argument #%d to '%s' (%s)"
  misuse.rethrow(text:format(argument, method, message))
end

--- Calls a function of the C module, so that what it raises names our caller.
---@return any result
function misuse.guard(call, ...)
  local ok, result = pcall(call, ...)
  if not ok then misuse.rethrow(result) end
  return result
end

--- Calls a function of the C module that may also fail: misuse raises.
---@return boolean ok
---@return any result or the error object
function misuse.attempt(call, ...)
  local ok, result = pcall(call, ...)
  if not ok and not core.is_error(result) then misuse.rethrow(result) end
  return ok, result
end

--- Whether a value can be called: a function, or what has `__call`.
---@param value any
---@return boolean
function misuse.is_callable(value)
  if type(value) == "function" then return true end
  local meta = host.getmetatable(value)
  return type(meta) == "table" and rawget(meta, "__call") ~= nil
end

-- Seconds, the longest that anybody may wait.
local LONGEST = 1000000

--- Raises unless an argument, the first, is so many seconds.
---@param method string
---@param name string
---@param value any
function misuse.check_seconds(method, name, value)
  if type(value) == "number" and value >= 0 and value <= LONGEST then return end
  misuse.raise(method, 1, ("%s must be a number from 0 to %d, got %s"):format(
    name, LONGEST, core.describe(value)))
end

--- Raises unless a method was called with its object: with a colon.
---@param receiver any
---@param class table
---@param method string
---@param example string how it is called
function misuse.check_receiver(receiver, class, method, example)
  if type(receiver) == "table" and getmetatable(receiver) == class then
    return
  end
  local text = "calling '%s' needs a colon: %s"
  misuse.rethrow(text:format(method, example))
end

-- What a name that is none is to be called: one that is near, or all of them.
local function advice(name, names)
  local nearest = core.nearest(name, names)
  if nearest then return ('did you mean "%s"?'):format(nearest) end
  return "known are " .. table.concat(names, ", ")
end

-- Why a name is none of `names`.
local function problem_with(name, names, behind)
  if type(name) ~= "string" then
    return "options have names, got the key " .. core.describe(name)
  end
  for _, other in ipairs(behind or {}) do
    if name == other then
      return ('"%s" is a call option: give it in the table behind'):format(name)
    end
  end
  return ("unknown option %s; %s"):format(
    core.describe(name), advice(name, names))
end

--- Raises unless `options` is nil or a table whose every key is in `names`.
---@param method string
---@param argument integer
---@param options any
---@param names string[] all that are known
---@param behind string[]? those that belong in the argument behind
function misuse.check_options(method, argument, options, names, behind)
  if options == nil then return end
  if type(options) ~= "table" then
    -- By its type only: it may be a key that was given without its name.
    local message = "options must be a table, got a " .. type(options)
    misuse.raise(method, argument, message)
  end
  local known = {}
  for _, name in ipairs(names) do known[name] = true end
  for name in pairs(options) do
    if not known[name] then
      misuse.raise(method, argument, problem_with(name, names, behind))
    end
  end
end

return misuse
