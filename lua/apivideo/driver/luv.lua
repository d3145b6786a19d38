--- The driver for luv: a coroutine waits for its call while libuv's loop goes
-- on with everything else. The loop watches the client's descriptor while
-- something is in flight, and only then.

local core = require "apivideo.core"
local coroutines = require "apivideo.sched.coroutines"
local current = require "apivideo.sched.current"
local misuse = require "apivideo.util.misuse"
local uv = require "luv"

local luv = { loads_all = true, runs_tasks = true }

-- Milliseconds between two looks, where the system has no such descriptor.
local LOOK = 5

-- What watches a client, while something does.
local watchers = setmetatable({}, { __mode = "k" })

-- Those that watch nobody, in lists by descriptor. They are started again and
-- never closed: closing one would also end what libuv watches by then at the
-- same number, and luv crashes when a program ends before the loop is through
-- with it.
local spare = {}

--- Raises where no coroutine can be suspended.
---@param method string
function luv.check(method)
  local thread, is_main = coroutine.running()
  if thread and not is_main and core.can_yield() then
    return coroutines.check(method)
  end
  misuse.rethrow(("'%s' would hold up luv's loop here: call it inside a "
    .. "coroutine, coroutine.wrap(function() … end)()"):format(method))
end

-- What watches a descriptor, or, where there is none, looks every now and
-- then.
local function watcher_of(fd)
  local list = spare[fd or "none"] or {}
  spare[fd or "none"] = list
  local watcher = table.remove(list)
  if watcher and not watcher.handle:is_closing() then return watcher end
  watcher = { list = list }
  local function move()
    local sched = watcher.sched
    sched:move(0)
    if not sched:due() then luv.release(sched) end
  end
  watcher.handle = fd and uv.new_poll(fd) or uv.new_timer()
  function watcher.start()
    if fd then return watcher.handle:start("r", move) end
    watcher.handle:start(LOOK, LOOK, move)
  end
  return watcher
end

--- Watches the client no longer.
---@param sched apivideo.Scheduler
function luv.release(sched)
  local watcher = watchers[sched]
  if not watcher then return end
  watchers[sched], watcher.sched = nil, nil
  if watcher.handle:is_closing() then return end -- the program closes all
  watcher.handle:stop()
  table.insert(watcher.list, watcher)
end

--- Sees to it that the loop moves the client on. A loop with nothing else to
-- do ends when nothing is in flight any more.
---@param sched apivideo.Scheduler
function luv.push(sched)
  if watchers[sched] then return end
  local has_fd, fd = pcall(sched.fd, sched) -- there may be none left
  local watcher = watcher_of(has_fd and fd or nil)
  watchers[sched], watcher.sched = watcher, sched
  watcher.start()
end

-- --- who waits --------------------------------------------------------------

local Waiter = {}
Waiter.__index = Waiter

function Waiter:wake()
  self.sched:enqueue(self)
end

-- An error in a coroutine of the program's is the loop's to show, not that of
-- whoever moves the client on.
local function show(message)
  local timer = uv.new_timer()
  timer:start(0, 0, function()
    timer:close()
    error(message, 0)
  end)
end

-- Whoever has been resumed by others, and waits for something else now, or was
-- closed, is left alone.
function Waiter:resume()
  if self.over or coroutine.status(self.thread) ~= "suspended" then return end
  local ok, err = coroutine.resume(self.thread)
  local task = current.of(self.thread)
  if ok then
    if task and task.given_up then coroutines.close(self.thread) end
    return
  end
  if task then return task:fail(err) end -- Lua 5.1, see there
  show(debug.traceback(self.thread, tostring(err)))
end

--- Returns when the call is done.
---@param sched apivideo.Scheduler
---@param call apivideo.core.Call
function luv.await(sched, call)
  if call:done() then return end
  local waiter = {
    sched = sched, thread = coroutine.running(), following = false,
  }
  sched:watch(call, setmetatable(waiter, Waiter))
  luv.push(sched)
  repeat coroutine.yield() until call:done()
  waiter.over = true
end

--- Runs a function beside the caller. When it yields by itself, whoever it
-- yields to resumes it.
---@param run fun()
---@param task apivideo.Task
function luv.spawn(run, task)
  local waiter = {
    sched = task.sched, task = task, thread = coroutine.create(run),
    following = false,
  }
  task.sched:begin(setmetatable(waiter, Waiter))
end

return luv
