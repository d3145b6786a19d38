--- The pump: the one timer of an nginx worker that moves calls on. nginx
-- cannot watch a descriptor of ours, so it looks again and again, but only
-- while calls are in flight or tasks run: an idle worker does not know it.

local current = require "apivideo.sched.current"

local pump = {}

-- Seconds between two looks; the pause grows from one to the other while
-- nothing ends, and is cut short when a call is started.
local SHORTEST, LONGEST = 0.001, 0.005

-- Seconds between two looks for those who will never come back for their
-- call: nginx drops a coroutine with its request, and tells nobody.
local ROUND = 0.05

-- Seconds without a look after which the pump is taken for lost: nginx drops
-- a timer when too many are running.
local PATIENCE = 1

-- Seconds, the longest that nginx waits for anything.
local FOREVER = 1e6

local schedulers = {} -- with calls in flight -> true
local waiters = {} -- who wait for a call -> true
local guards = {} -- of threads -> true
local woken = 0 -- how many were woken so far
local bell -- cuts the pause of the pump short
local running -- the number of the pump that runs, if one does
local begun = false -- whether it has been seen at work
local has_descriptor = setmetatable({}, { __mode = "k" }) -- schedulers
local started = 0 -- how many pumps were started so far
local looked = 0 -- when the pump last looked

local Waiter = {}
Waiter.__index = Waiter

--- Called when the call has ended.
function Waiter:wake()
  woken = woken + 1
  self.woken = true
  self.bell:post()
end

local function new_bell()
  return assert(require("ngx.semaphore").new())
end

-- Whether nobody waits there any more. A bell counts how often it was rung,
-- less who still waits.
local function is_deserted(waiter)
  return waiter.bell:count() >= (waiter.woken and 1 or 0)
end

-- Takes out those of `watched` who are gone, and returns them.
local function take_deserted(watched)
  local gone = {}
  for waiter in pairs(watched) do
    if is_deserted(waiter) then gone[#gone + 1] = waiter end
  end
  for _, waiter in ipairs(gone) do watched[waiter] = nil end
  return gone
end

-- Cancels the calls of those whose request has gone, and tells of threads
-- that went with it. All calls first: nobody is to go on because of another's
-- end who is to end, too.
local function make_round()
  local gone = take_deserted(waiters)
  for _, waiter in ipairs(gone) do waiter.call:cancel() end
  for _, waiter in ipairs(gone) do
    waiter.sched:abandon(waiter.call, waiter.thread)
  end
  for _, guard in ipairs(take_deserted(guards)) do guard.task:cancel() end
end

-- Moves every client on. One that fails is let go: those who wait for it lose
-- their patience, move it themselves and get the error.
local function move_all()
  for sched in pairs(schedulers) do
    local ok, err = pcall(sched.move, sched, 0)
    if not ok then ngx.log(ngx.ERR, "apivideo: ", tostring(err)) end
    if not ok or not sched:due() then schedulers[sched] = nil end
  end
end

-- Whether anybody needs a pump.
local function is_needed()
  return next(schedulers) or next(waiters) or next(guards)
end

-- Seconds until the next look: the pause while calls are in flight, or else
-- until the next sleep is over.
local function until_next_look(pause)
  local seconds = ROUND
  for sched in pairs(schedulers) do
    if sched:in_flight() > 0 then return pause end
    seconds = math.min(seconds, math.max(sched:due() or ROUND, SHORTEST))
  end
  return seconds
end

-- Runs while it is needed, unless another pump has taken over. When tasks run
-- that have no call in flight, it only makes its rounds.
local function work(number)
  local pause, next_round = SHORTEST, 0
  while running == number and is_needed() do
    local before = woken
    looked = ngx.now()
    move_all()
    if looked >= next_round then
      make_round()
      next_round = looked + ROUND
    end
    pause = woken > before and SHORTEST or math.min(pause * 1.5, LONGEST)
    if bell:wait(until_next_look(pause)) then pause = SHORTEST end
  end
end

local function run(_, number)
  begun = true
  local ok, err = pcall(work, number)
  if not ok then ngx.log(ngx.ERR, "apivideo: ", tostring(err)) end
  if running == number then running, begun = nil, false end
end

-- Sees to it that a pump runs; false unless one is known to.
local function start()
  if not running or ngx.now() - looked > PATIENCE then
    started, begun = started + 1, false
    running = ngx.timer.at(0, run, started) and started or nil
    looked = ngx.now()
  end
  return begun
end

-- A client that was asked for its descriptor does little in one step.
local function shorten_steps(sched)
  if has_descriptor[sched] then return end
  has_descriptor[sched] = true
  pcall(sched.fd, sched) -- without one, steps are only longer
end

--- Sees to it that the calls of a client move on.
---@param sched apivideo.Scheduler
---@return boolean pumped false: who waits has to move them for now
function pump.push(sched)
  bell = bell or new_bell()
  shorten_steps(sched)
  schedulers[sched] = true
  if bell:count() < 1 then bell:post() end
  return start()
end

--- Returns when the call is done.
---@param sched apivideo.Scheduler
---@param call apivideo.core.Call
function pump.await(sched, call)
  if call:done() then return end
  local waiter = setmetatable({
    bell = new_bell(), sched = sched, call = call,
    thread = coroutine.running(), task = current.task(), woken = false,
  }, Waiter)
  sched:watch(call, waiter)
  waiters[waiter] = true
  while not call:done() do
    waiter.woken = false
    local is_pumped = pump.push(sched)
    if not waiter.bell:wait(is_pumped and PATIENCE or LONGEST) then
      sched:move(0)
    end
  end
  waiters[waiter] = nil
end

-- The thread has ended, or is to.
local function release(guard)
  guards[guard] = nil
  guard.bell:post()
end

--- Runs a function as a light thread, begun by another one that watches over
-- it and goes with it when nginx drops their request: the task is cancelled
-- then.
---@param body fun()
---@param task apivideo.Task
function pump.spawn(body, task)
  local guard = { bell = new_bell(), task = task }
  ngx.thread.spawn(function()
    guards[guard] = true
    local thread = ngx.thread.spawn(function()
      body()
      release(guard)
    end)
    repeat until guard.bell:wait(FOREVER)
    if task.given_up then ngx.thread.kill(thread) end -- only who began it can
  end)
end

--- Ends the light thread of a task, which is the one that is running. It is no
-- coroutine inside of one, which could just be left: where such a coroutine
-- still waits when its request ends, nginx may crash (ngx_http_lua 0.10.23).
---@param task apivideo.Task
function pump.give_up(task)
  for guard in pairs(guards) do
    if guard.task == task then release(guard) end
  end
  new_bell():wait(FOREVER)
end

return pump
