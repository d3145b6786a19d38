--- Tasks: functions that run beside their caller and wait without holding it
-- up.
--
-- A task is a coroutine. It begins at once, and whenever it waits for a call,
-- it yields; what moves the client on resumes it when the call has ended. A
-- task that yields by itself goes on at the next step. Where a driver runs
-- tasks in its own way, as nginx does, they wait as everybody does there.

local core = require "apivideo.core"
local await = require "apivideo.sched.await"
local coroutines = require "apivideo.sched.coroutines"
local current = require "apivideo.sched.current"
local Forgotten = require "apivideo.sched.forgotten"
local host = require "apivideo.util.host"
local misuse = require "apivideo.util.misuse"

---@class apivideo.Task
---@field state "running"|"done"|"failed"|"cancelled"
---@field package next_state string what its state is to be
---@field package client apivideo.Client
---@field package sched apivideo.Scheduler
---@field package thread thread|false false where the driver runs it
---@field package call apivideo.core.Call|false what it waits for
---@field package suspended boolean its coroutine has given way to that call
---@field package saw_cancel boolean it has seen that it was cancelled
---@field package given_up boolean it is not resumed again
---@field package results table|false what it gave
---@field package err any what it failed with
---@field package trace string|false? where that was raised
---@field package following table|false next in the run queue
---@field package on_end table<function, true>|false to be called when it ends
--- What `forgotten` has noted; true: somebody has taken what it failed with.
---@field package failure table|boolean
local Task = { is_task = true } -- as a waiter
Task.__index = Task

local unpack = host.unpack

local NOTHING = { n = 0 }

local function pack(...)
  local count = select("#", ...)
  return count == 0 and NOTHING or { n = count, ... }
end

-- --- its end ----------------------------------------------------------------

local NOBODY = {}

-- Tells whoever waits for it, before anything takes memory. It may be done
-- twice, when an error of a hook struck the first time.
local function announce(task)
  task.state = task.next_state
  for watcher in pairs(task.on_end or NOBODY) do watcher(task) end
  if task.state == "failed" and not task.failure then
    task.failure = Forgotten.of(task.client):note(task.err, task.trace)
  end
  -- One that was cancelled may hold things until its coroutine ends.
  if task.state ~= "cancelled" and task.thread then
    task.sched:release_held(task.thread)
  end
  task.sched:remove(task)
end

-- The final state; later calls do nothing.
local function settle(task, state, results, err)
  if task.state ~= "running" then return end
  task.results, task.err, task.next_state = results or false, err, state
  task.sched:change(announce, task)
  task.sched:wake()
end

-- A failure of 5.1's cannot be caught where it is raised.
local function trace_of(task)
  if task.client.caller.log or task.trace then return task.trace end
  local debug = host.debug
  return debug and task.thread and debug.traceback(task.thread) or nil
end

--- Ends the task as failed.
---@param err any
---@package
function Task:fail(err)
  self.trace = trace_of(self)
  settle(self, "failed", nil, err)
  local call = self.call
  if call then call:cancel() end -- it was not waited for
end

--- A task that has yet to be started.
---@param client apivideo.Client
---@return apivideo.Task
---@package
function Task.new(client)
  -- With the fields that it has at its end: they take no memory then.
  return setmetatable({
    client = client, sched = client.caller:scheduler(), thread = false,
    state = "running", next_state = "running", results = false, err = false,
    call = false, suspended = false, following = false, saw_cancel = false,
    given_up = false, on_end = false, failure = false, trace = false,
  }, Task)
end

--- Begins a function as a task.
---@param client apivideo.Client
---@param body function
---@param ... any its arguments
---@return apivideo.Task
---@package
function Task.spawn(client, body, ...)
  if not misuse.is_callable(body) then
    misuse.raise("spawn", 1,
      "a task must be a function, got " .. core.describe(body))
  end
  local task = Task.new(client)
  task:start(body, ...)
  return task
end

--- Calls a function when the task has ended; not when it has already. It may
-- be called twice.
---@param watcher fun(task: apivideo.Task)
---@package
function Task:watch_end(watcher)
  self.on_end = self.on_end or {}
  self.on_end[watcher] = true
end

--- Does so no longer.
---@param watcher fun(task: apivideo.Task)
---@package
function Task:unwatch_end(watcher)
  self.on_end[watcher] = nil
  if not next(self.on_end) then self.on_end = false end
end

--- Somebody takes what it fails with.
---@package
function Task:claim()
  self.failure = true
end

-- --- its way ----------------------------------------------------------------

-- The coroutine has ended, perhaps long after its task was cancelled.
local function look_at_end(task, ok, err)
  task.sched:release_held(task.thread)
  if not ok and task.state == "running" then
    task:fail(err)
  elseif not ok then
    announce(task) -- it may have been struck in the midst of that
  end
end

-- The coroutine has yielded, or ended.
local function look_at(task, ok, err)
  if coroutine.status(task.thread) == "dead" then
    return look_at_end(task, ok, err)
  end
  if task.suspended then return end
  local is_over = task.given_up or task.saw_cancel
  if is_over then return coroutines.close(task.thread) end
  local queued, why = pcall(task.sched.yielded, task.sched, task)
  if not queued then task:fail(why) end
end

--- Resumes the coroutine until its next wait. If it is not suspended, it is
-- blocking under a C frame and will see the call's end itself.
---@package
function Task:resume()
  local thread = self.thread
  if not thread or self.given_up then return end
  if coroutine.status(thread) ~= "suspended" then return end
  self.suspended = false
  local ok, err = coroutine.resume(thread)
  if ok and self.suspended and self.state == "running" then return end
  look_at(self, ok, err)
end

--- What it waited for has ended.
---@package
function Task:wake()
  self.sched:enqueue(self)
end

--- An error struck those who run tasks; see `Scheduler`.
---@package
function Task:recover()
  if self.state ~= "running" then return announce(self) end
  if not self.thread then return end
  if coroutine.status(self.thread) ~= "dead" then return self:wake() end
  self:fail(core.failure("spawn", "cancelled", "the task was interrupted"))
end

--- The task, which is running and was cancelled, is about to wait: it sees
-- that. One that has seen it before is given up: what it does may never end.
---@package
function Task:see_cancel()
  if self.saw_cancel then
    self.given_up = true
    local thread = coroutine.running()
    if thread then self.sched:release_held(thread) end
    local yield = self.sched.driver.give_up or coroutine.yield
    yield(self)
  end
  self.saw_cancel = true
end

--- The task, which is running, begins something that may wait: if it has seen
-- that it was cancelled, it is given up. It sees that here where the client is
-- closed, since nobody waits for a call of that.
---@param closed boolean
---@package
function Task:begin_wait(closed)
  if self.state == "cancelled" and (self.saw_cancel or closed) then
    self:see_cancel()
  end
end

--- Whether the task is a coroutine that the scheduler resumes.
---@param sched apivideo.Scheduler
---@return boolean
---@package
function Task:is_coroutine_of(sched)
  return self.thread and self.sched == sched
end

--- Whether the task, which is running, can wait for a call of that client
-- without holding anybody up.
---@param sched apivideo.Scheduler
---@return boolean
---@package
function Task:yields_for(sched)
  return self:is_coroutine_of(sched) and coroutines.can_yield()
end

--- Whether the task, which is running, has nothing to see or to be asked before
-- it waits for a call of that client.
---@param sched apivideo.Scheduler|false
---@return boolean
---@package
function Task:is_free_to_wait(sched)
  return self.thread and self.sched == sched and self.state == "running"
    and coroutines.can_surely_yield()
end

--- Gives way, as the task that is running, until a call has ended.
---@param call apivideo.core.Call
---@package
function Task:suspend(call)
  self.call = call
  self.sched:watch(call, self)
  repeat
    self.suspended = true
    coroutine.yield()
  until core.done(call)
  self.call = false
end

--- Waits, as the task that is running, until a call has ended. In a task that
-- was cancelled the call is cancelled first.
---@param sched apivideo.Scheduler whose call it is
---@param call apivideo.core.Call
---@return boolean? ends see `Scheduler:await`
---@package
function Task:wait(sched, call)
  if self.state == "cancelled" then
    call:cancel()
    if self.saw_cancel then sched:abandon(call) end
    return self:see_cancel()
  end
  if self:yields_for(sched) then return self:suspend(call) end
  self.call = call
  local ends = sched.driver.await(sched, call)
  self.call = false
  return ends
end

local function finish(task, ok, ...)
  if not ok then return settle(task, "failed", nil, (...)) end
  settle(task, "done", pack(...))
end

-- What raised is on the stack no longer, when the error is caught.
local function note_trace(err)
  local task = current.task()
  if task and task.state == "running" and not task.client.caller.log then
    task.trace = Forgotten.trace()
  end
  return err
end

-- What the coroutine does.
local function run(task, body, arguments)
  current.begin(task)
  if coroutines.unprotected() then
    return finish(task, true, body(unpack(arguments, 1, arguments.n)))
  end
  finish(task, xpcall(body, note_trace, unpack(arguments, 1, arguments.n)))
end

--- Begins a new task, which runs until it waits for the first time.
---@param body function
---@param ... any its arguments
---@package
function Task:start(body, ...)
  local sched = self.sched
  local arguments = pack(...)
  local function thread()
    if self.state ~= "running" then return end -- cancelled before it began
    sched:add(self)
    run(self, body, arguments)
  end
  if sched.driver.spawn then return sched.driver.spawn(thread, self) end
  self.thread = coroutine.create(thread)
  sched:begin(self)
  sched:wake()
end

-- --- for its users ----------------------------------------------------------

local function check(self, method)
  misuse.check_receiver(self, Task, method, "task:" .. method .. "()")
end

--- Waits until the task has ended: gives its results, or fails as it did.
---@param timeout number? seconds after which this fails; the task goes on
---@return any ...
function Task:await(timeout)
  check(self, "await")
  return await.result(self, timeout)
end

--- It is about to be cancelled: it sees that by the call that it waits for, if
-- that has no answer yet.
---@package
function Task:expect_cancel()
  local call = self.call
  self.saw_cancel = call and not core.done(call) or false
end

--- Ends the task: the call that it waits for fails as `cancelled`, or else the
-- next one; whatever it waits for after that ends it. Nothing happens when it
-- has ended.
function Task:cancel()
  check(self, "cancel")
  if self.state ~= "running" then return end
  local err = core.failure("await", "cancelled", "the task was cancelled")
  if not self.saw_cancel then self:expect_cancel() end
  -- First: an error of a hook that strikes in between leaves nothing in flight.
  if self.call then self.call:cancel() end
  settle(self, "cancelled", nil, err)
end

function Task:__tostring()
  return "apivideo.task: " .. self.state
end

return Task
