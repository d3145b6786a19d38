--- The scheduler of a client: who waits for which call, and who goes on when.
--
-- A waiter is who waits for a call. It has `wake()`, called when the call has
-- ended; one that is resumed by the scheduler has also `resume()`, `thread` and
-- the field `following`, false, and its `wake` enqueues it. A waiter may be
-- woken and resumed without a reason: it looks whether its call is done, and
-- waits again if not. So after an error that struck the scheduler itself, of a
-- hook or of Ctrl-C, everybody is woken once, and nobody is lost.

local core = require "apivideo.core"
local current = require "apivideo.sched.current"
local misuse = require "apivideo.util.misuse"
local RunQueue = require "apivideo.sched.run_queue"
local TaskSet = require "apivideo.sched.task_set"

---@class apivideo.Scheduler
---@field package engine apivideo.core.Client
---@field package driver table see `driver/README.md`
---@field package tasks apivideo.TaskSet
---@field package waiters table<number, table> by the number of their call
--- Calls that somebody waits for together, by the number of their pause.
---@field package groups table<number, table>
---@field package locks table<table, true> that are held
---@field package queue apivideo.RunQueue
---@field package yielders table[] tasks that yielded by themselves
---@field package clock apivideo.core.Call|false ends when they go on
---@field package busy boolean the run queue is being worked off
--- Pauses of those who wait until no task is left.
---@field package idlers table<apivideo.core.Call, true>
---@field package depth integer coroutines that begin inside of one another
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

-- Coroutines that may begin inside of one another.
local MOST_DEPTH = 16

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
    tasks = TaskSet.new(), waiters = {}, groups = {}, locks = {},
    queue = RunQueue.new(), yielders = {}, clock = false,
    busy = false, closing = false, closed = false,
    changing = false, idlers = {}, depth = 0,
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
  local yielders = self.yielders
  for i = 1, #yielders do self:enqueue(yielders[i]) end
  for i = #yielders, 1, -1 do yielders[i] = nil end
  if self.clock then self.clock:cancel() end
  self.clock = false
end

-- Wakes the waiters of calls that have ended.
local function wake_waiters(self)
  local engine, waiters = self.engine, self.waiters
  local number = engine:ended()
  while number do
    local waiter = waiters[number]
    if waiter then
      waiter:wake()
      waiters[number] = nil
    end
    number = engine:ended()
  end
  if self.clock and core.done(self.clock) then enqueue_yielders(self) end
end

-- Everybody is woken, after what was half done has been lost.
local function recover(self)
  self.busy, self.depth, self.changing = false, 0, false
  self.queue:recover()
  for _, waiter in pairs(self.waiters) do waiter:wake() end
  for _, task in ipairs(self.tasks:list()) do task:recover() end
end

-- Whether a waiter of ours runs now; what an error has left is made whole.
local function is_inside(self)
  if not self.busy then return false end
  local going = self.queue.going
  local thread = going and going.thread
  local status = thread and coroutine.status(thread)
  if status == "normal" or status == "running" then return true end
  recover(self)
  return false
end

-- Somebody moves the client on, which is never done in the midst of a change.
local function enter(self)
  if self.changing then recover(self) end
  is_inside(self)
end

-- Resumes waiters until the run queue is empty or the clock has passed
-- `latest`.
local function run_queue(self, latest)
  local queue = self.queue
  local going, busy = queue.going, self.busy
  self.busy = true
  repeat
    wake_waiters(self)
    local waiter = queue:take()
    if waiter then waiter:resume() end
  until not waiter or latest and not self.closed and core.now() > latest
  wake_waiters(self)
  queue.going, self.busy = going, busy
  if queue.first then -- whoever watches the descriptor is to come back
    self.engine:start("pause", nil, NEXT_STEP)
  end
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
  wait_in_slices(self.engine, seconds)
  run_queue(self, seconds == 0 and core.now() + TURN or nil)
end

--- Moves everything on while somebody blocks for a call, at most for so long.
---@param call apivideo.core.Call
---@param seconds number
---@return boolean done
function Scheduler:move_for(call, seconds)
  enter(self)
  local done = self.engine:wait(call, seconds)
  if next(self.waiters) or self.queue.first or self.yielders[1] then
    run_queue(self)
  end
  return done or call:done()
end

-- --- waiting ----------------------------------------------------------------

--- Raises misuse, in the name of `method`, where the caller cannot wait.
---@param method string
function Scheduler:check(method)
  local check = self.driver.check
  if not (check or self.closed or current.must_ask) then return end
  local task = current.task()
  if task and not self.closed and task:is_coroutine_of(self) then
    current.check(method)
  end
  -- Nobody waits for a call of a closed client.
  if task and self.closed and task.state == "cancelled" then
    task:see_cancel()
  end
  if check and not (task and task:yields_for(self)) then check(method) end
end

--- Whether the caller would block, and nobody could go on meanwhile.
---@return boolean
function Scheduler:blocks_alone()
  return self.driver.blocks and not self.busy and not self.changing
    and not self.queue.first and not self.yielders[1]
    and not next(self.waiters) and not current.task()
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
  local ok, ends = current.protect(self.driver.await, self, call)
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
  local task = waiter and waiter.task
  if task then task:cancel() end
  if self.on_abandon then self.on_abandon(call) end
  if thread then self:release_locks(thread) end
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
  if not self.tasks:is_empty() then return end
  for pause in pairs(self.idlers) do pause:cancel() end
end

--- Resumes a new waiter, which is a coroutine. Where too many have begun inside
-- of one another, each on the C stack, it goes on when those wait.
---@param waiter table
function Scheduler:begin(waiter)
  local queue, depth, busy = self.queue, self.depth, self.busy
  local going = queue.going
  if depth < MOST_DEPTH then
    self.depth, queue.going, self.busy = depth + 1, waiter, true
    waiter:resume()
    self.depth, queue.going, self.busy = depth, going, busy
    return
  end
  if waiter.task then self:add(waiter.task) end
  self:enqueue(waiter)
  self.engine:start("pause", nil, NEXT_STEP)
  self:push()
end

--- The task yielded by itself: it goes on at the next step.
---@param task apivideo.Task
function Scheduler:yielded(task)
  self.clock = self.clock or self.engine:start("pause", nil, YIELD)
  self.yielders[#self.yielders + 1] = task
end

--- A step of the host: as `move`, and tasks go on that yielded by themselves.
---@param seconds number
---@return integer calls in flight, and waiters and tasks that can go on
---@return integer tasks that have work left
function Scheduler:step(seconds)
  enter(self)
  if self.yielders[1] then
    enqueue_yielders(self)
    run_queue(self, core.now() + TURN)
  end
  self:move(self.queue.first and 0 or seconds)
  local count =
    self.engine:in_flight() + #self.yielders + self.queue:count()
  local tasks = self.tasks:count()
  local sleeps = count == 0 and tasks > 0 and self.engine:timeout()
  return sleeps and 1 or count, tasks
end

-- Waits until no task is left, as the driver waits.
local function wait_until_idle(self)
  self.driver.check "run"
  while not self.tasks:is_empty() do
    local pause = self:pause()
    self.idlers[pause] = true
    self:await(pause)
    self.idlers[pause] = nil
  end
end

--- Returns when no task is left.
function Scheduler:run()
  if self.driver.runs_tasks then return wait_until_idle(self) end
  while self.queue.first or not self.tasks:is_empty() do
    if self:step(SLICE) == 0 and not self.tasks:is_empty() then
      misuse.rethrow("run would never end: its tasks wait for what will not"
        .. " happen")
    end
  end
end

-- --- locks ------------------------------------------------------------------

---@param lock apivideo.Lock
---@param held boolean
function Scheduler:note_lock(lock, held)
  self.locks[lock] = held or nil
end

--- Whoever ran in the coroutine is gone, with all that it held.
---@param thread thread
function Scheduler:release_locks(thread)
  for lock in pairs(self.locks) do
    if lock.owner == thread then lock:release() end
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
