--- The scheduler of a client: who waits for which call, and who goes on when.
--
-- A waiter is who waits for a call. It has `wake()`, called when the call has
-- ended; one that is resumed by the scheduler has also `resume()`, `thread` and
-- the field `following`, false, and its `wake` enqueues it. A task is one, with
-- `is_task`; another one may have the `task` that it waits for. A waiter may be
-- woken and resumed without a reason: it looks whether its call is done, and
-- waits again if not. So after an error that struck the scheduler itself, of a
-- hook or of Ctrl-C, everybody is woken once, and nobody is lost.

local core = require "apivideo.core"
local coroutines = require "apivideo.sched.coroutines"
local current = require "apivideo.sched.current"
local RunQueue = require "apivideo.sched.run_queue"
local TaskSet = require "apivideo.sched.task_set"

---@class apivideo.Scheduler
---@field package engine apivideo.core.Client
---@field package driver table see `driver/README.md`
---@field package tasks apivideo.TaskSet
---@field package waiters table<number, table> by the number of their call
--- Calls that somebody waits for together, by the number of their pause.
---@field package groups table<number, table>
---@field package held table<table, true> what coroutines hold
---@field package queue apivideo.RunQueue
--- Ends when those go on that yielded by themselves.
---@field package clock apivideo.core.Call|false
--- Has whoever watches the descriptor come back. It is kept here: a timer that
-- nobody keeps goes with the memory that it is in.
---@field package reminder apivideo.core.Call|false
---@field package changing boolean a task is about to end
---@field package closing boolean all tasks are cancelled before one goes on
---@field package closed boolean
---@field log fun(event: apivideo.Event)? is told what a driver finds
--- Is told of calls whose waiter is gone.
---@field on_abandon fun(call: apivideo.core.Call)?
local Scheduler = {}
Scheduler.__index = Scheduler

-- Seconds after which a host gets its turn, and waiters go on at the next step.
local TURN = 0.0005
local NEXT_STEP = { timeout = 1e-6 }

-- Seconds that Lua gets no turn at most, see `wait_in_slices`.
local SLICE = 1

-- Seconds after which tasks go on that yielded by themselves, if no step comes
-- before.
local YIELD = { timeout = 0.01 }

---@param engine apivideo.core.Client
---@param driver table
---@return apivideo.Scheduler
function Scheduler.new(engine, driver)
  return setmetatable({
    engine = engine, driver = driver,
    tasks = TaskSet.new(), waiters = {}, groups = {}, held = {},
    queue = RunQueue.new(), clock = false, reminder = false,
    changing = false, closing = false, closed = false,
  }, Scheduler)
end

-- --- who goes on ------------------------------------------------------------

--- The waiter is resumed when those before it have been. It takes no memory,
-- which may be what there is none of.
---@param waiter table
function Scheduler:enqueue(waiter)
  self.queue:add(waiter)
end

-- Tasks that yielded by themselves go on.
local function enqueue_yielders(self)
  self.queue:add_put_off()
  if self.clock then self.clock:cancel() end
  self.clock = false
end

-- Wakes the waiters of calls that have ended.
local function wake_waiters(self)
  local engine, waiters = self.engine, self.waiters
  local number = engine:ended()
  while number do
    local waiter = waiters[number]
    if waiter then -- it is forgotten last: an error of a hook may strike
      waiter:wake()
      waiters[number] = nil
    end
    number = engine:ended()
  end
  if self.clock and core.done(self.clock) then enqueue_yielders(self) end
end

-- Everybody is woken, after what was half done has been lost.
local function recover(self)
  self.changing = false
  self.queue:recover()
  for _, waiter in pairs(self.waiters) do waiter:wake() end
  for _, task in ipairs(self.tasks:list()) do task:recover() end
end

-- Whether a waiter of ours runs now; what an error has left is made whole.
local function is_inside(self)
  if self.queue:was_struck() then recover(self) end
  return self.queue:is_busy()
end

-- Somebody moves the client on, which is never done in the midst of a change.
local function enter(self)
  if self.changing then recover(self) end
  is_inside(self)
end

-- Whoever watches the descriptor comes back at once; nobody watches that of a
-- closed client.
local function ask_for_step(self)
  if self.closed then return end
  self.reminder = self.engine:start("pause", nil, NEXT_STEP)
end

-- Resumes waiters until the run queue is empty or the clock has passed
-- `latest`.
local function run_queue(self, latest)
  local queue = self.queue
  local going, busy = queue:begin()
  wake_waiters(self)
  local waiter = queue:take()
  while waiter do
    waiter:resume()
    local is_late = latest and not self.closed and core.now() > latest
    if is_late or queue:is_empty() then wake_waiters(self) end
    waiter = not is_late and queue:take()
  end
  queue:finish(going, busy)
  if not queue:is_empty() then ask_for_step(self) end
end

--- Resumes the waiters of ended calls. Does nothing inside of a waiter: the
-- loop that resumed it will.
function Scheduler:wake()
  if not self.closing and not is_inside(self) then run_queue(self) end
end

-- Lua gets a turn each second, so that Ctrl-C is noticed.
local function wait_in_slices(engine, seconds)
  while seconds > SLICE do
    local before = core.now()
    engine:step(SLICE)
    if core.now() - before < 0.9 * SLICE then return end -- something happened
    seconds = seconds - SLICE
  end
  engine:step(seconds)
end

--- Moves bytes and waiters on; waits up to that long for something to end.
---@param seconds number 0: never waits, and does not take long
function Scheduler:move(seconds)
  enter(self)
  local going, busy = self.queue:begin() -- an error may strike from here on
  wait_in_slices(self.engine, seconds)
  run_queue(self, seconds == 0 and core.now() + TURN or nil)
  self.queue:finish(going, busy)
end

--- Moves everything on while somebody blocks for a call, at most for so long.
---@param call apivideo.core.Call
---@param seconds number
---@return boolean done
function Scheduler:move_for(call, seconds)
  enter(self)
  local queue = self.queue
  -- Those whom an error has woken do not wait for something to end.
  if not queue:is_empty() then seconds = 0 end
  local going, busy = queue:begin() -- an error may strike from here on
  local done = self.engine:wait(call, seconds)
  if next(self.waiters) or not queue:is_empty() or queue:has_put_off() then
    run_queue(self)
  end
  queue:finish(going, busy)
  return done or call:done()
end

-- --- waiting ----------------------------------------------------------------

--- Whoever calls this begins something that may wait. Raises misuse, in the
-- name of `method`, where it cannot; a task that has seen that it was cancelled
-- is given up.
---@param method string
function Scheduler:check(method)
  local check = self.driver.check
  local task = current.task()
  if task and not self.closed and task:is_coroutine_of(self) then
    coroutines.check(method)
  end
  if task then task:begin_wait(self.closed) end
  if check and not (task and task:yields_for(self)) then check(method) end
end

--- Whether nobody waits, or goes on.
---@return boolean
function Scheduler:is_idle()
  return not self.changing and self.queue:is_idle() and not next(self.waiters)
end

--- Waits until the call is done. In a cancelled task the call is cancelled
-- first, so this returns at once.
---@param call apivideo.core.Call
---@return boolean? ends false: nothing in flight could end it any more, and it
-- was cancelled
function Scheduler:await(call)
  local task = current.task()
  if task then
    if core.done(call) then return end
    return task:wait(self, call)
  end
  local ok, ends = coroutines.protect(self.driver.await, self, call)
  if ok then return ends end
  call:cancel() -- nobody comes back for it
  return error(ends, 0)
end

--- `waiter:wake()` is called when the call has ended, and perhaps before.
---@param call apivideo.core.Call
---@param waiter table
function Scheduler:watch(call, waiter)
  self.waiters[core.number(call)] = waiter
end

--- The waiter of a pause waits for all these calls.
---@param pause apivideo.core.Call
---@param calls table<apivideo.core.Call, any>
function Scheduler:begin_group(pause, calls)
  self.groups[pause:number()] = calls
end

---@param pause apivideo.core.Call
function Scheduler:end_group(pause)
  self.groups[pause:number()] = nil
end

--- Nobody comes back to this call: its waiter is gone.
---@param call apivideo.core.Call
---@param thread thread? that waited
function Scheduler:abandon(call, thread)
  local number = call:number()
  local others, waiter = self.groups[number], self.waiters[number]
  self.groups[number], self.waiters[number] = nil, nil
  call:cancel()
  for other in pairs(others or {}) do other:cancel() end
  local task = waiter and (waiter.is_task and waiter or waiter.task)
  if task then task:cancel() end
  if self.on_abandon then self.on_abandon(call) end
  if thread then self:release_held(thread) end
end

-- --- its tasks --------------------------------------------------------------

---@param task apivideo.Task
function Scheduler:add(task)
  self.tasks:add(task)
end

--- Calls a function in which a task ends. If an error strikes it there, all is
-- made whole later.
---@param change fun(task: apivideo.Task)
---@param task apivideo.Task
function Scheduler:change(change, task)
  local changing = self.changing
  self.changing = true
  change(task)
  self.changing = changing
end

--- The task has ended.
---@param task apivideo.Task
function Scheduler:remove(task)
  self.tasks:remove(task)
end

--- Resumes a new waiter, which is a coroutine. Where too many have begun inside
-- of one another, it goes on when those wait.
---@param waiter table
function Scheduler:begin(waiter)
  if self.queue:resume(waiter) then return end
  self:enqueue(waiter) -- first: nobody would resume one that is only known
  local task = waiter.is_task and waiter or waiter.task
  if task then self:add(task) end
  ask_for_step(self)
  self:push()
end

--- The task yielded by itself: it goes on at the next step.
---@param task apivideo.Task
function Scheduler:yielded(task)
  self.clock = self.clock or self.engine:start("pause", nil, YIELD)
  self.queue:put_off(task)
end

--- A step of the host: as `move`, and tasks go on that yielded by themselves.
---@param seconds number
---@return integer calls in flight, and waiters and tasks that can go on
---@return integer tasks that have work left
function Scheduler:step(seconds)
  enter(self)
  if self.queue:has_put_off() then
    enqueue_yielders(self)
    run_queue(self, core.now() + TURN)
  end
  self:move(self.queue:is_empty() and seconds or 0)
  local count = self.engine:in_flight() + self.queue:count()
  local tasks = self.tasks:count()
  local sleeps = count == 0 and tasks > 0 and self.engine:timeout()
  return sleeps and 1 or count, tasks
end

--- Whether the host's loop moves tasks on, and nobody steps.
---@return boolean
function Scheduler:is_moved_by_host()
  return self.driver.runs_tasks == true
end

---@return apivideo.Task[] a new list of the tasks that have not ended
function Scheduler:list_tasks()
  return self.tasks:list()
end

---@return boolean
function Scheduler:is_closed() return self.closed end

---@return boolean
function Scheduler:has_work()
  return not (self.queue:is_empty() and self.tasks:is_empty())
end

-- --- what coroutines hold ---------------------------------------------------

--- Its `owner`, a coroutine, holds this from now on: if that is gone before it
-- lets go, `thing:release()` is called.
---@param thing table
function Scheduler:hold(thing)
  self.held[thing] = true
end

---@param thing table
function Scheduler:let_go(thing)
  self.held[thing] = nil
end

--- Whoever ran in the coroutine is gone: what it held is released.
---@param thread thread
function Scheduler:release_held(thread)
  for thing in pairs(self.held) do
    if thing.owner == thread then thing:release() end
  end
end

-- --- the engine -------------------------------------------------------------

--- A call that ends after so many seconds, or when it is cancelled.
---@param seconds number? nil: only then
---@return apivideo.core.Call
function Scheduler:pause(seconds)
  return self.engine:start("pause", nil, { timeout = seconds })
end

--- Seconds until something happens by itself, or nil.
function Scheduler:due() return self.engine:timeout() end

function Scheduler:in_flight() return self.engine:in_flight() end

function Scheduler:fd() return self.engine:fd() end

--- A move follows each start from now on, so that the descriptor does not tell
-- of one.
function Scheduler:follow() self.engine:follow() end

--- What was started is sent, as far as that goes at once; nobody is resumed.
function Scheduler:send() self.engine:step(0) end

--- Sees to it that what was started moves on, although nobody waits for it yet.
function Scheduler:push()
  self.driver.push(self)
end

--- Ends all calls and tasks.
function Scheduler:close()
  enter(self)
  local release = self.driver.release
  if release then release(self) end
  self.closed = true
  local tasks = self.tasks:list()
  self.closing = true
  for _, task in ipairs(tasks) do task:expect_cancel() end
  self.engine:close()
  for _, task in ipairs(tasks) do task:cancel() end
  self.closing = false
  self:wake()
end

return Scheduler
