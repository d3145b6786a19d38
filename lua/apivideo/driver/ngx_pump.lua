--- The pump: the one timer of an nginx worker that moves calls on, when it is
-- told that there is something to do. It runs only while calls are in flight
-- or tasks run: an idle worker does not know it.

local core = require "apivideo.core"
local ear = require "apivideo.driver.ngx_ear"
local limits = require "apivideo.driver.ngx_limits"
local log = require "apivideo.util.lazy" "apivideo.call.log"
local semaphore = require "ngx.semaphore"
local wait = require "apivideo.driver.ngx_wait"

local pump = {}

-- Seconds between two looks at those whom nobody tells of; the pause grows
-- from one to the other while nothing ends.
local SHORTEST, LONGEST = 0.001, 0.005

-- Seconds between two rounds for those who will never come back for their
-- call: where they are told of, that is for who was killed alone.
local ROUND, RARE_ROUND = 0.05, 3

-- Seconds; what is due earlier is due now.
local NOW = 0.001

-- Seconds for which a pump stays that nobody needs: most calls are followed by
-- another one, and starting a pump takes longer than a call.
local LINGER = 0.02

-- While so many calls are in flight, and end one after the other, a pause
-- between two moves costs each of them little, and saves more.
local CROWD, CROWD_PAUSE = 32, 0.001

-- Seconds without a look after which one that was started is taken for lost,
-- and those after which whoever waits looks by themselves.
local LOST, PATIENCE = 1, 10

-- With more calls than that in flight, those that come are sent together.
local ALONE = 1

-- Seconds, the longest that nginx waits for anything.
local FOREVER = 1e6

-- Seconds after which one that has failed is followed by another.
local RESTART = 0.05

local schedulers = {} -- with something in flight -> true
local newcomers = {} -- those of them for which something was started -> true
local starter -- the bell of who sends that, while a pump runs
local told = setmetatable({}, { __mode = "k" }) -- schedulers, see `warn`
local hears -- the ear of the pump that runs, if one does
local rests = 0 -- how many seconds it waits at most; 0: it does not
local running -- the number of the pump that runs, if one does
local started = 0 -- how many pumps were started so far
local started_at = 0

-- Moves a client on. One that fails is let go: those who wait for it lose
-- their patience, move it themselves and get the error.
local function move(sched)
  local ok, err = pcall(limits.move, sched)
  if not ok then ngx.log(ngx.ERR, "apivideo: ", tostring(err)) end
  local due = ok and limits.due(sched)
  if not due then schedulers[sched] = nil end
  return due or math.huge
end

-- Moves every client on; the seconds after which one is due again, at most,
-- and how many calls are in flight.
local function move_all()
  local due, in_flight = math.huge, 0
  for sched in pairs(schedulers) do
    due = math.min(due, move(sched))
    in_flight = in_flight + sched:in_flight()
  end
  return due, in_flight
end

-- The log of a client is told, once, what makes its calls take longer.
local function warn(sched)
  if not sched.log or told[sched] then return end
  told[sched] = true
  log().tell(sched.log, "nginx is not told when an answer has come, and looks"
    .. " every few milliseconds: " .. (hears.why or "there is no descriptor"))
end

-- Whether it will be told of all clients.
local function watch_all()
  local all = true
  for sched in pairs(schedulers) do
    if not hears:watch(sched) then
      warn(sched)
      all = false
    end
  end
  return all
end

local function rest(seconds)
  rests = seconds
  local is_told = hears:wait(seconds)
  rests = 0
  return is_told
end

local function is_needed()
  return next(schedulers) ~= nil or wait.is_used()
end

local function between_rounds()
  return wait.is_blind() and ROUND or RARE_ROUND
end

-- A round when it is time for one, or a request has ended in which somebody
-- waited; whether somebody was found.
local departures, last_round = 0, 0
local function make_round()
  local now, ended = ngx.now(), core.departures()
  if now - last_round < between_rounds() and ended == departures then
    return false
  end
  departures, last_round = ended, now
  return wait.make_round()
end

-- Waits until there is something to do, after some of `in_flight` calls have
-- ended, or none; at most until `due`.
local pause = SHORTEST
local function rest_after(in_flight, some, due)
  local longest = math.min(due, between_rounds())
  pause = some and SHORTEST or math.min(pause * 1.5, LONGEST)
  if some and in_flight >= CROWD then
    ngx.sleep(CROWD_PAUSE)
  elseif watch_all() then
    rest(longest)
  elseif rest(math.min(pause, longest)) then
    pause = SHORTEST
  end
end

-- Runs while it is needed, unless another pump has taken over.
local function work(number)
  while running == number and (is_needed() or rest(LINGER) or is_needed()) do
    local woken = wait.woken()
    local due, in_flight = move_all()
    local found = make_round()
    if due < NOW or found then
      hears:pause() -- there is more to do, and others are served first
    elseif is_needed() then
      rest_after(in_flight, wait.woken() > woken, due)
    end
  end
end

-- Moves on what was started.
local function send(sched)
  local is_new = not schedulers[sched]
  if is_new then pcall(sched.fd, sched) end -- one that has it takes short steps
  schedulers[sched] = true
  limits.move(sched)
  local is_due = (limits.due(sched) or NOW) < NOW
  if rests > 0 and (is_due or is_new and not hears:watch(sched)) then
    hears:ring()
  end
end

-- Sends what was started beside others, all at once: a bell wakes us when nginx
-- has seen to all that had come. Without end.
local function send_together(bell)
  while true do
    bell:wait(FOREVER)
    for sched in pairs(newcomers) do
      newcomers[sched] = nil
      local ok, err = pcall(send, sched)
      if not ok then ngx.log(ngx.ERR, "apivideo: ", tostring(err)) end
    end
  end
end

local start

local function run(_, number)
  if running ~= number then return end -- it was taken for lost
  local ears = ear.open()
  hears = ears
  if ears.why then watch_all() end
  local bell = assert(semaphore.new())
  local thread = ngx.thread.spawn(send_together, bell)
  starter = bell
  local ok, err = pcall(work, number)
  ngx.thread.kill(thread)
  rests = 0
  if starter == bell then starter = nil end
  if running == number then running, hears = nil, nil end
  if ok then return ears:rest() end
  ngx.log(ngx.ERR, "apivideo: ", tostring(err))
  if is_needed() then start(RESTART) end
end

-- Sees to it that a pump runs, and returns how long one may rely on that.
function start(delay)
  if hears then return PATIENCE end
  if not running or ngx.now() - started_at > LOST then
    started, started_at = started + 1, ngx.now()
    running = ngx.timer.at(delay, run, started) and started or nil
  end
  return LONGEST
end

--- Moves a client on, and sees to it that this goes on.
---@param sched apivideo.Scheduler
---@return number patience seconds after which to do that again, at most
function pump.push(sched)
  if starter and schedulers[sched] and sched:in_flight() > ALONE then
    newcomers[sched] = true
    if starter:count() < 1 then starter:post() end
  else
    send(sched)
  end
  return start(0)
end

--- Somebody has ended to wait, who may have been the last.
function pump.settle()
  if rests > LINGER and not is_needed() then hears:ring() end
end

return pump
