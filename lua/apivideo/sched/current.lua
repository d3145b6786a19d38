--- Which task is running, and what a coroutine can do. It is apart from `task`
-- since every call asks, also where there are no tasks.

local core = require "apivideo.core"
local host = require "apivideo.util.host"
local misuse = require "apivideo.util.misuse"

local current = {}

local tasks = setmetatable({}, { __mode = "kv" })

--- The running coroutine is that of the task.
---@param task apivideo.Task
function current.begin(task)
  tasks[coroutine.running()] = task
end

--- The task of a coroutine, if it is one.
---@param thread thread
---@return apivideo.Task?
function current.of(thread)
  return tasks[thread]
end

--- The task that is running, or nil.
---@return apivideo.Task?
function current.task()
  local thread = coroutine.running()
  return thread and tasks[thread]
end

--- Raises misuse in a task: whoever runs tasks cannot be one.
---@param method string
function current.check_outside(method)
  if not current.task() then return end
  misuse.rethrow(method .. " cannot be called inside a task: tasks wait by"
    .. " making calls, and whoever runs them steps")
end

--- Whether the task that is running was cancelled, and has to fail now as
-- `cancelled`: it sees that once.
---@return boolean
function current.sees_cancel()
  local task = current.task()
  if not task or task.state ~= "cancelled" then return false end
  task.saw_cancel = true
  return true
end

-- Lua 5.1 cannot yield out of pcall: there, errors reach who resumes. Not
-- found out by trying: inside nginx a yield would reach nginx.
local yields_in_pcall = _VERSION ~= "Lua 5.1" or host.jit ~= nil

-- C functions that Lua 5.2 can yield out of; later versions tell themselves.
local YIELDABLE = yields_in_pcall and { [pcall] = true, [xpcall] = true } or {}

--- Whether `can_yield` and `check` have to look at the stack.
current.must_ask = (_VERSION == "Lua 5.1" and not host.jit
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
function current.can_yield()
  return core.can_yield() and not (current.must_ask and is_blocked())
end

--- Raises misuse, in the name of `method`, where the running task cannot yield,
-- and its runtime would only find that out when it is too late.
---@param method string
function current.check(method)
  if not current.must_ask or not is_blocked() then return end
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
function current.unprotected()
  return not yields_in_pcall and coroutine.running() or nil
end

--- `pcall`, where the body can yield.
---@return boolean ok
---@return any ...
function current.protect(body, ...)
  if current.unprotected() then return true, body(...) end
  return pcall(body, ...)
end

--- Ends a coroutine that is not resumed again.
---@param thread thread
function current.close(thread)
  local close = host.close -- since Lua 5.4: runs what is to be closed
  if close then pcall(close, thread) end
end

return current
