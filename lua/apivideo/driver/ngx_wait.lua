--- Who waits in nginx: each on a bell of its own, which rings when its call
-- has ended.
--
-- nginx drops a coroutine with its request, and tells nobody. A guard of the
-- core sees the end of the request; who was killed in one that goes on is
-- found by a round.

local core = require "apivideo.core"
local current = require "apivideo.sched.current"
local semaphore = require "ngx.semaphore"

local wait = {}

-- Seconds, the longest that nginx waits for anything.
local FOREVER = 1e6

local waiters = {} -- who wait for a call -> true
local keepers = {} -- of tasks -> true
local asleep = 0 -- how many of them wait for their bell
local blind = 0 -- how many of them do not see the end of their request
local rung = 0 -- how many bells have rung so far
local spare = {} -- seats that nobody sits on

-- --- seats ------------------------------------------------------------------

-- A bell, and a guard. Making both takes longer than most of what is done with
-- them, so they are used again.
local Seat = {}
Seat.__index = Seat

local function sees_the_end(seat)
  return ngx.config.subsystem == "http" and seat.guard:begin()
end

-- Whether the caller is a light thread. It cannot be killed by itself, but
-- nginx says why.
local function is_light_thread()
  local _, why = ngx.thread.kill(coroutine.running())
  return why == "killer not parent"
end

local function sit()
  local seat = table.remove(spare) or setmetatable(
    { bell = assert(semaphore.new()), guard = core.guard() }, Seat)
  seat.woken, seat.over = false, false
  seat.is_light = is_light_thread()
  seat.sees = sees_the_end(seat)
  asleep = asleep + 1
  if not seat.sees then blind = blind + 1 end
  return seat
end

-- Nobody sits there any more.
function Seat:clear()
  if not self.woken then asleep = asleep - 1 end
  if not self.sees then blind = blind - 1 end
end

function Seat:leave()
  self:clear()
  self.guard:finish()
  if self.bell:count() > 0 then self.bell:wait(0) end
  spare[#spare + 1] = self
end

function Seat:ring()
  if self.woken then return end
  self.woken = true
  asleep, rung = asleep - 1, rung + 1
  self.bell:post()
end

-- Whether nobody sits there any more. A bell counts how often it was rung,
-- less who still waits.
function Seat:is_deserted()
  return self.guard:gone() or self.over
    or self.bell:count() >= (self.woken and 1 or 0)
end

local function nothing()
end

local function listen(seat, seconds)
  local is_rung = seat.bell:wait(seconds)
  seat.over = true -- unless somebody takes the news
  return is_rung
end

--- Waits until the bell rings, at most that long. nginx cleans up behind the
-- light threads of a request that ends; in a coroutine of the program's own, a
-- timer would stay behind and crash the worker. So those wait for one.
function Seat:wait(seconds)
  if self.woken and self.bell:count() == 0 then -- that was for nothing
    self.woken = false
    asleep = asleep + 1
  end
  if self.is_light then return (self.bell:wait(seconds)) end
  local _, is_rung = ngx.thread.wait(ngx.thread.spawn(listen, self, seconds))
  self.over = false
  return is_rung
end

-- --- calls ------------------------------------------------------------------

local Waiter = {}
Waiter.__index = Waiter

--- Called when the call has ended, and perhaps before.
function Waiter:wake()
  if waiters[self] then self.seat:ring() end
end

--- Returns when the call is done.
---@param sched apivideo.Scheduler
---@param call apivideo.core.Call
---@param push fun(sched: apivideo.Scheduler): number see the pump's
function wait.await(sched, call, push)
  local seat = sit()
  local waiter = setmetatable({
    seat = seat, sched = sched, call = call,
    thread = coroutine.running(), task = current.task(),
  }, Waiter)
  waiters[waiter] = true
  sched:watch(call, waiter)
  local patience = push(sched)
  -- Whoever began a light thread goes on before that may end.
  if seat.is_light and call:done() then ngx.thread.spawn(nothing) end
  while not call:done() do
    if not seat:wait(patience) then patience = push(sched) end
  end
  waiters[waiter] = nil
  seat:leave()
end

-- --- tasks ------------------------------------------------------------------

local function release(keeper)
  keepers[keeper] = nil
  keeper.seat:ring()
end

--- Runs a function as a light thread, begun by another one that watches over
-- it and goes with it when nginx drops their request: the task is cancelled
-- then.
---@param body fun()
---@param task apivideo.Task
function wait.spawn(body, task)
  local keeper = { task = task }
  ngx.thread.spawn(function()
    keeper.seat = sit()
    keepers[keeper] = true
    local thread = ngx.thread.spawn(function()
      body()
      release(keeper)
    end)
    repeat until keeper.seat.bell:wait(FOREVER)
    keeper.seat:leave()
    if task.given_up then ngx.thread.kill(thread) end -- only who began it can
  end)
end

--- Ends the light thread of a task, which is the one that is running.
---@param task apivideo.Task
function wait.give_up(task)
  for keeper in pairs(keepers) do
    if keeper.task == task then release(keeper) end
  end
  ngx.sleep(FOREVER)
end

-- --- those who have gone ----------------------------------------------------

-- Takes out those of `watched` who are gone, and returns them.
local function take_deserted(watched)
  local gone = {}
  for one in pairs(watched) do
    if one.seat:is_deserted() then gone[#gone + 1] = one end
  end
  for _, one in ipairs(gone) do
    watched[one] = nil
    one.seat:clear()
  end
  return gone
end

--- Cancels the calls of those whose request has gone, and tells of tasks that
-- went with it. All calls first: nobody is to go on because of another's end
-- who is to end, too.
---@return boolean found somebody
function wait.make_round()
  local gone = take_deserted(waiters)
  for _, waiter in ipairs(gone) do waiter.call:cancel() end
  for _, waiter in ipairs(gone) do
    waiter.sched:abandon(waiter.call, waiter.thread)
  end
  local left = take_deserted(keepers)
  for _, keeper in ipairs(left) do keeper.task:cancel() end
  return #gone + #left > 0
end

--- How many have been woken so far.
function wait.woken()
  return rung
end

--- Whether anybody waits for a bell.
function wait.is_used()
  return asleep > 0
end

--- Whether there are some whose end nobody tells of.
function wait.is_blind()
  return blind > 0
end

return wait
