--- A lock that one coroutine at a time has, while others wait for it. What a
-- task holds that is given up, is released.

local coroutines = require "apivideo.sched.coroutines"
local current = require "apivideo.sched.current"
local misuse = require "apivideo.util.misuse"

-- Seconds after which whoever waits looks whether the owner is dead. What ends
-- a coroutine of a host's is told to nobody.
local LOOK = 1

---@class apivideo.Lock
---@field owner thread|boolean who has it; true: the main program of Lua 5.1
---@field package sched apivideo.Scheduler
--- Pauses of those who wait.
---@field package waiting table<apivideo.core.Call, true>
local Lock = {}
Lock.__index = Lock

---@param sched apivideo.Scheduler
---@return apivideo.Lock
function Lock.new(sched)
  return setmetatable({ sched = sched, owner = false, waiting = {} }, Lock)
end

local function status_of(owner)
  if owner == true then return "normal" end
  return coroutine.status(owner)
end

-- Whether the owner goes on only after us: it runs us, or runs who does, and we
-- would wait without giving way.
local function is_held_up(self)
  local task = current.task()
  if task and task:yields_for(self.sched) then return false end
  return status_of(self.owner) == "normal"
end

-- Waits until nobody else has it.
-- → whether somebody else had it, and an error if it was not got: the task was
-- cancelled
local function acquire(self, method)
  local own = coroutine.running() or true
  local waited = false
  while self.owner and status_of(self.owner) ~= "dead" do
    if self.owner == own or is_held_up(self) then
      misuse.rethrow(method .. ": this iterator is busy with a step, in which"
        .. " it cannot be called")
    end
    waited = true
    local pause = self.sched:pause(LOOK)
    self.waiting[pause] = true
    self.sched:await(pause)
    self.waiting[pause] = nil
    local err = current.see_cancel(method)
    if err then return true, err end
  end
  self.owner = own
  self.sched:hold(self)
  return waited
end

--- The next one may have it. The owner is the last to go: an error of a hook
-- that strikes before leaves something to be released.
function Lock:release()
  for pause in pairs(self.waiting) do pause:cancel() end
  self.sched:let_go(self)
  self.owner = false
end

local function call_as_owner(self, method, body, ...)
  local waited, problem = acquire(self, method)
  if problem then return false, problem end
  local result, err = body(waited, ...)
  self:release()
  self.sched:wake()
  return result, err
end

--- Waits until nobody else has it, and calls `body(waited, ...)` with whether
-- somebody else had it; whatever ends that, an error of a log's or a hook's as
-- well, it is released.
---@param method string in whose name misuse is raised
---@param body fun(waited: boolean, ...): any, any
---@param ... any
---@return any result of `body`; false: the task was cancelled before
---@return any err
function Lock:call(method, body, ...)
  local alive, result, err =
    coroutines.protect(call_as_owner, self, method, body, ...)
  if alive then return result, err end
  if self.owner == (coroutine.running() or true) then
    self:release()
    self.sched:wake()
  end
  return error(result, 0)
end

return Lock
