--- One limit for all workers: what the service said of it is kept in nginx's
-- shared memory, if there is `lua_shared_dict apivideo`, and so is how many
-- requests are in flight in all workers, and in each of them. A worker that
-- starts knows what the others know.
--
-- Whoever sends has counted its requests before, all of them at once: two
-- workers never take what is left for one.

local ffi = require "ffi"

local limits = {}

-- As the core numbers them: reads, writes, uploads.
local CLASSES = { 0, 1, 2 }

-- How many requests a worker takes at once, to give back those that it has
-- not sent.
local SHARE = 16

-- More than that need not be counted.
local PLENTY = 100000

-- Seconds after which a worker that found nothing left looks again, since
-- another one may have given something back.
local AGAIN = 0.02

-- Seconds between two looks for workers that have died.
local CENSUS = 1

-- What a state is called here changes with what is in it.
local PREFIX = "1:"

-- By a name of its own: others may have declared it in their way.
ffi.cdef [[int apivideo_kill(int pid, int signal) __asm__("kill");]]

local lanes = setmetatable({}, { __mode = "k" }) -- of schedulers, see `Lane`

-- --- the dictionary ---------------------------------------------------------

-- One class of one account. `counted` is how many this scheduler has counted
-- as in flight.
local function new_lane(dict, account, class)
  local key = PREFIX .. account .. ":" .. class
  return {
    dict = dict, class = class, counted = 0, is_short = false,
    known = key .. ":known", total = key .. ":total",
    own = key .. ":of:", census = 0,
  }
end

local EPERM = 1

local function is_alive(process)
  return ffi.C.apivideo_kill(process, 0) == 0 or ffi.errno() == EPERM
end

-- Counts so many more, or less, of this worker; gives the total.
local function count(lane, change)
  local dict = lane.dict
  lane.counted = lane.counted + change
  dict:incr(lane.own .. ngx.worker.pid(), change, 0)
  return dict:incr(lane.total, change, 0) or 0
end

-- What workers had in flight that have died is not in flight any more.
local function take_census(lane)
  if ngx.now() < lane.census then return end
  lane.census = ngx.now() + CENSUS
  local dict = lane.dict
  for _, key in ipairs(dict:get_keys(0)) do
    local process = key:sub(1, #lane.own) == lane.own
      and tonumber(key:sub(#lane.own + 1))
    if process and not is_alive(process) then
      local left = dict:get(key)
      dict:delete(key)
      if left and left ~= 0 then dict:incr(lane.total, -left, 0) end
    end
  end
end

-- --- a move -----------------------------------------------------------------

-- Takes over what others have been told.
local function learn(lane, engine)
  lane.said = lane.dict:get(lane.known)
  return engine:learn(lane.class, lane.said)
end

-- Counts what may be sent now; the core then sends no more. What is in flight
-- is asked for before what remains: whoever gets an answer tells both in the
-- other order, so that nothing is missed by both.
local function before(lane, engine)
  local _, in_flight, waits = engine:known(lane.class)
  lane.is_used, lane.is_short = waits or in_flight > 0, false
  if not lane.is_used then return end
  local others = waits and count(lane, SHARE) - lane.counted or 0
  local most, is_over = learn(lane, engine)
  lane.counts = most < PLENTY
  if not (waits and lane.counts) then return end
  local room = most - in_flight - math.max(0, others)
  local granted = math.max(is_over and 1 or 0, math.min(SHARE, room))
  engine:grant(lane.class, granted, math.max(0, others))
  if granted == 0 then take_census(lane) end
  lane.is_short = most > 0 and granted < SHARE
end

local function after(lane, engine)
  if not lane.is_used then return end
  engine:grant(lane.class, -1, 0)
  learn(lane, engine)
  local known, in_flight, waits = engine:known(lane.class)
  if known ~= lane.said then lane.dict:set(lane.known, known) end
  local counted = lane.counts and in_flight or 0
  if counted ~= lane.counted then count(lane, counted - lane.counted) end
  lane.is_short = lane.is_short and waits
end

-- ----------------------------------------------------------------------------

local function lanes_of(sched)
  local own = lanes[sched]
  if own then return own end
  own = {}
  local dict, account = ngx.shared.apivideo, sched.engine:account()
  for i, class in ipairs(dict and CLASSES or {}) do
    own[i] = new_lane(dict, account, class)
  end
  for _, lane in ipairs(own) do take_census(lane) end
  lanes[sched] = own
  return own
end

--- Moves a client on, within what all workers may send.
---@param sched apivideo.Scheduler
function limits.move(sched)
  local own, engine = lanes_of(sched), sched.engine
  for _, lane in ipairs(own) do before(lane, engine) end
  sched:move(0)
  for _, lane in ipairs(own) do after(lane, engine) end
end

--- Seconds until a client that was moved is due again: the core's, or less
-- where others may leave something for it.
---@param sched apivideo.Scheduler
---@return number? nil: nothing will happen by itself
function limits.due(sched)
  for _, lane in ipairs(lanes_of(sched)) do
    if lane.is_short then return AGAIN end
  end
  return sched:due()
end

return limits
