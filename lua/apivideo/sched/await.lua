--- Waiting for the end of a task.

local core = require "apivideo.core"
local current = require "apivideo.sched.current"
local Forgotten = require "apivideo.sched.forgotten"
local misuse = require "apivideo.util.misuse"
local unpack = require("apivideo.util.host").unpack

local SHORTEST = 1e-6 -- seconds

local await = {}

-- Tasks that are awaited however long it takes, by the pauses of those who do.
local awaited = setmetatable({}, { __mode = "kv" })

-- Whether `task` waits, over others, for `other`, however long it takes.
local function awaits(task, other)
  while task do
    if task == other then return true end
    task = task.call and awaited[task.call]
  end
  return false
end

-- Made here, and not where somebody waits: nginx may drop who waits, and what
-- their functions hold.
local function canceller(pause)
  return function() pause:cancel() end
end

--- Waits until the task, which is running, has ended, the time is over, or the
-- one that waits is cancelled. Even no time lets others go on.
---@param task apivideo.Task
---@param running apivideo.Task? the one that waits
---@param timeout number?
---@return boolean? ends false: nothing of that would ever happen
function await.join(task, running, timeout)
  local sched = task.sched
  local deadline = timeout and core.now() + timeout
  local ends
  repeat
    local pause = sched:pause(
      deadline and math.max(deadline - core.now(), SHORTEST))
    if not deadline then awaited[pause] = task end
    local watcher = canceller(pause)
    task:watch_end(watcher)
    ends = sched:await(pause)
    task:unwatch_end(watcher)
  until task.state ~= "running" or ends == false
    or running and running.saw_cancel
    or deadline and core.now() >= deadline
  return ends
end

-- Raises where waiting would make no sense.
local function check(task, running, timeout)
  if timeout ~= nil then misuse.check_seconds("await", "timeout", timeout) end
  -- It may have resumed a coroutine of its own, which is no task.
  local thread = not running and task.thread
  local within = thread and coroutine.status(thread) == "normal"
  -- Nobody waits for one that is not watched.
  local watched = running and (task == running or running.on_end)
  local in_circle = watched
    and (task == running or not timeout and awaits(task, running))
  if within or in_circle then
    misuse.rethrow((within or task == running) and "a task cannot await itself"
      or "await would never end: that task waits for this one")
  end
end

-- What a task that has ended came to.
local function outcome(task)
  if task.state == "done" then
    return unpack(task.results, 1, task.results.n)
  end
  local note = task.failure
  if type(note) == "table" then Forgotten.of(task.client):take_back(note) end
  local err = task.err
  if core.is_error(err) then return task.client.fail(nil, err) end
  return error(err, 0)
end

--- Waits until the task has ended: gives its results, or fails as it did. What
-- `task:await(timeout)` does.
---@param task apivideo.Task
---@param timeout number? seconds after which this fails; the task goes on
---@return any ...
function await.result(task, timeout)
  local running = current.task()
  check(task, running, timeout)
  if task.state == "running" then
    task.sched:check("await")
    if await.join(task, running, timeout) == false then
      misuse.rethrow("await would never end: that task waits for what will"
        .. " not happen")
    end
  elseif running and task.state ~= "done" and task.sched:is_closed() then
    running:begin_wait(true) -- it may await that for ever
  end
  if task.state ~= "running" then return outcome(task) end
  local err = current.see_cancel "await" or core.failure("await", "timeout",
    ("the task has not ended within %s s"):format(core.describe(timeout)))
  return task.client.fail(nil, err)
end

return await
