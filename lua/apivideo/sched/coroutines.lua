--- What a coroutine can do: yield or not, fail and be caught or not. It depends
-- on the version of Lua, and on what is on the coroutine's stack.

local core = require "apivideo.core"
local host = require "apivideo.util.host"
local misuse = require "apivideo.util.misuse"

local coroutines = {}

-- Lua 5.1 cannot yield out of pcall: there, errors reach who resumes. Not
-- found out by trying: inside nginx a yield would reach nginx.
local yields_in_pcall = _VERSION ~= "Lua 5.1" or host.jit ~= nil

-- C functions that Lua 5.2 can yield out of; later versions tell themselves.
local YIELDABLE = yields_in_pcall and { [pcall] = true, [xpcall] = true } or {}

-- Whether to look at the stack, because the runtime does not tell.
local must_ask = (_VERSION == "Lua 5.1" and not host.jit
  or _VERSION == "Lua 5.2") and host.debug ~= nil

-- Whether something on the coroutine's stack keeps it from yielding.
local function is_blocked()
  local getinfo = host.debug.getinfo
  local level = 2
  local info = getinfo(level, "Snf")
  while info do
    if info.what == "C" and not YIELDABLE[info.func] then return true end
    if info.name == "(for generator)" and not yields_in_pcall then
      return true
    end
    level = level + 1
    info = getinfo(level, "Snf")
  end
  return false
end

--- False where C stands between the coroutine and whoever resumes it, or there
-- is none.
---@return boolean
function coroutines.can_yield()
  return core.can_yield() and not (must_ask and is_blocked())
end

--- True where `can_yield` is, and that is known without a look at the stack.
---@return boolean
function coroutines.can_surely_yield()
  return not must_ask and core.can_yield()
end

--- Raises misuse, in the name of `method`, where the running task cannot yield,
-- and its runtime would only find that out when it is too late.
---@param method string
function coroutines.check(method)
  if not must_ask or not is_blocked() then return end
  local text = yields_in_pcall
    and "'%s' cannot wait inside a C function that calls Lua, such as"
      .. " require, table.sort or string.gsub: call it outside"
    or "'%s' cannot wait here: Lua 5.1 cannot yield out of pcall, nor out of"
      .. " the iterator of a for loop. Inside tasks there, use apivideo.safe"
      .. " instead of pcall, and call an iterator by hand"
  misuse.rethrow(text:format(method))
end

--- The running thread, if errors in it are not caught but end it.
---@return thread?
function coroutines.unprotected()
  return not yields_in_pcall and coroutine.running() or nil
end

local function protect_outside(body, ...)
  if coroutines.unprotected() then return true, body(...) end
  return pcall(body, ...)
end

--- `pcall`, where the body can yield.
---@type fun(body: function, ...: any): boolean, ...: any
coroutines.protect = yields_in_pcall and pcall or protect_outside

--- Ends a coroutine that is not resumed again.
---@param thread thread
function coroutines.close(thread)
  local close = host.close -- since Lua 5.4: runs what is to be closed
  if close then pcall(close, thread) end
end

return coroutines
