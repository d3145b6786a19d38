--- Tasks: functions that run beside their caller and wait without holding it
-- up.
--
-- A task is a coroutine. It begins at once, and whenever it waits for a call,
-- it yields; what moves the client on resumes it when the call has ended. A
-- task that yields by itself goes on at the next step. Where a driver runs
-- tasks in its own way, as nginx does, they wait as everybody does there.

local core = require "apivideo.core"
local misuse = require "apivideo.util.misuse"
local running = require "apivideo.sched.current"

---@class apivideo.Task
---@field state "running"|"done"|"failed"|"cancelled"
---@field package client apivideo.Client
---@field package thread thread? nil where the driver runs it
---@field package call apivideo.core.Call|false what it waits for
---@field package pause apivideo.core.Call? until the next step
---@field package heard boolean somebody has taken what it failed with
---@field package told boolean it has seen that it was cancelled
---@field package given_up boolean it is not resumed again
---@field package results table|false what it gave
---@field package err any what it failed with
---@field package following table|false who goes on after it, see `enqueue`
---@field package watchers function[] to be called when it ends
---@field package awaits apivideo.Task? that it waits for
---@field package failure table? what is to be told unless somebody awaits it
local Task = {}
Task.__index = Task

local NEXT_STEP = { timeout = 1e-6 }

local unpack = table.unpack or unpack

local function pack(...)
  return { n = select("#", ...), ... }
end

-- Lua 5.1 cannot yield out of pcall: there, errors reach who resumes. Not
-- found out by trying: inside nginx a yield would reach nginx.
local yields_in_pcall = _VERSION ~= "Lua 5.1" or jit ~= nil

--- The running thread, if errors in it are not caught but end it.
---@return thread?
---@package
function Task.unprotected()
  return not yields_in_pcall and coroutine.running() or nil
end

--- `pcall`, where the body can yield.
---@package
function Task.protect(body, ...)
  if Task.unprotected() then return true, body(...) end
  return pcall(body, ...)
end

-- --- its end ----------------------------------------------------------------

-- Something that calls `report` when it is collected.
local function sentinel(report)
  if newproxy then
    local proxy = newproxy(true)
    getmetatable(proxy).__gc = report
    return proxy
  end
  return setmetatable({}, { __gc = report })
end

-- An error that nobody asks for is told of when nobody can any more.
local function tell_if_forgotten(task)
  local client = task.client
  local failure = { err = task.err }
  client.unheard[failure] = true
  task.failure = failure
  task.sentinel = sentinel(function() pcall(client.tell, client, failure) end)
end

-- The task has ended, in the one way that counts. Whoever waits for it is told
-- before anything takes memory.
local function settle(task, state, results, err)
  local client = task.client
  if task.state ~= "running" then return end
  task.state, task.results, task.err = state, results or false, err
  client.tasks[task] = nil
  for _, watcher in ipairs(task.watchers) do watcher() end
  if state == "failed" and not task.heard then tell_if_forgotten(task) end
  client:wake()
end

local function finish(task, ok, ...)
  if not ok then return settle(task, "failed", nil, (...)) end
  settle(task, "done", pack(...))
end

--- Ends the task as failed.
---@param err any
---@package
function Task:fail(err)
  settle(self, "failed", nil, err)
end

--- A task that has yet to be started.
---@param client apivideo.Client
---@return apivideo.Task
---@package
function Task.new(client)
  -- With the fields that it has at its end: they take no memory then.
  return setmetatable({
    client = client, state = "running", watchers = {}, following = false,
    results = false, err = false, call = false, told = false, heard = false,
    given_up = false,
  }, Task)
end

--- Calls a function when the task has ended; not when it has already.
---@package
function Task:on_end(watcher)
  self.watchers[#self.watchers + 1] = watcher
end

-- --- its way ----------------------------------------------------------------

--- Goes on until it waits again. It may run already: where C kept it from
-- waiting for a call, nobody waits for the end of that call.
---@package
function Task:resume()
  if coroutine.status(self.thread) ~= "suspended" then return end
  local client = self.client
  local outer = client.waking
  client.waking = true -- those that it wakes go on after it
  local ok, err = coroutine.resume(self.thread)
  client.waking = outer
  if not ok then return self:fail(err) end
  -- A call that has ended is one that the task could not wait for.
  local waits = self.call and not core.done(self.call)
  if waits or coroutine.status(self.thread) == "dead" then return end
  if self.state == "cancelled" then return running.close(self.thread) end
  local started, pause = pcall(
    client.core.start, client.core, "pause", nil, NEXT_STEP)
  if not started then return self:fail(pause) end
  self.pause = pause
  client:watch(pause, self)
end

--- What it waited for has ended.
---@package
function Task:wake()
  self.client:enqueue(self)
end

--- The task, which is running, sees that it was cancelled, if it was. One that
-- has seen it, and goes on all the same, is given up: what it does may never
-- end.
---@package
function Task:see_end()
  if self.state ~= "cancelled" then return end
  if self.told then
    self.given_up = true
    local yield = self.client.driver.give_up or coroutine.yield
    yield(self)
  end
  self.told = true
end

--- Whether the task, which is running, can wait for a call of that client
-- without holding anybody up.
---@param client apivideo.Client
---@return boolean
---@package
function Task:yields_for(client)
  return self.thread ~= nil and self.client == client and core.can_yield()
end

--- Waits, as the task that is running, until a call has ended. That of a task
-- that was cancelled is cancelled, too.
---@param client apivideo.Client whose call it is
---@param call apivideo.core.Call
---@return boolean? ends false: it would never have ended, and was cancelled
---@package
function Task:wait(client, call)
  if self.state == "cancelled" then
    call:cancel()
    if self.told then client:abandon(call) end
    return self:see_end()
  end
  local ends
  self.call = call
  if self:yields_for(client) then
    client:watch(call, self)
    repeat coroutine.yield() until core.done(call)
  else
    ends = client.driver.await(client, call)
  end
  self.call = false
  self.told = self.state == "cancelled"
  return ends
end

--- Begins a new task, which runs until it waits for the first time.
---@param body function
---@param ... any its arguments
---@package
function Task:start(body, ...)
  local client = self.client
  local arguments = pack(...)
  local function run()
    client.tasks[self] = true
    running.begin(self)
    finish(self, Task.protect(body, unpack(arguments, 1, arguments.n)))
  end
  if client.driver.spawn then
    client.driver.spawn(run, self)
  else
    self.thread = coroutine.create(run)
    self:resume()
    client:wake()
  end
end

-- --- for its users ----------------------------------------------------------

local function check(self, method)
  misuse.check_receiver(self, Task, method, "task:" .. method .. "()")
end

-- Whether `task` waits, over others, for `other`.
local function waits_for(task, other)
  while task do
    if task == other then return true end
    task = task.awaits
  end
  return false
end

-- Made here, and not where somebody waits: nginx may drop who waits, and what
-- their functions hold.
local function canceller(call)
  return function() call:cancel() end
end

-- Waits until the task has ended, or the one that waits is cancelled.
---@return boolean? ends false: neither would ever happen
local function join(task, current)
  local client = task.client
  local ends
  if current then current.awaits = task end
  while task.state == "running" and not (current and current.told)
      and ends ~= false do
    local pause = client.core:start "pause"
    task:on_end(canceller(pause))
    ends = client:await(pause)
  end
  if current then current.awaits = nil end
  return ends
end

--- Waits until the task has ended: gives its results, or fails as it did.
---@return any ...
function Task:await()
  check(self, "await")
  local current = running.task()
  -- It may have resumed a coroutine of its own, which is no task.
  local thread = not current and self.thread
  local within = thread and coroutine.status(thread) == "normal"
  if within or waits_for(self, current) then
    misuse.rethrow((within or self == current) and "a task cannot await itself"
      or "await would never end: that task waits for this one")
  end
  if self.state == "running" then
    self.client:check("await")
    if join(self, current) == false then
      misuse.rethrow("await would never end: that task waits for what will"
        .. " not happen")
    end
  end
  if self.state == "running" then -- it is us who were cancelled
    local err = core.failure("await", "cancelled", "the task was cancelled")
    return self.client.fail(nil, err)
  end
  if self.state == "done" then
    return unpack(self.results, 1, self.results.n)
  end
  if self.failure then self.client.unheard[self.failure] = nil end
  local err = self.err
  if core.is_error(err) then return self.client.fail(nil, err) end
  error(err, 0)
end

--- Ends the task: the call that it waits for fails as `cancelled`, and so does
-- every later one. Nothing happens when it has ended.
function Task:cancel()
  check(self, "cancel")
  if self.state ~= "running" then return end
  local words = "the task was cancelled"
  local call = self.call
  settle(self, "cancelled", nil, core.failure("await", "cancelled", words))
  if call then
    call:cancel()
    self.client:wake()
  end
end

function Task:__tostring()
  return "apivideo.task: " .. self.state
end

return Task
