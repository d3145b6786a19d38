--- The run queue: the waiters that go on next, linked by their `following`, and
-- the one that does now. It takes no memory. Each half-way state is a valid
-- queue: `first` alone says what is in it, and where `last` is false, it is
-- looked for. Beside it are those that are put off: they come in with the next
-- step.

---@class apivideo.RunQueue
---@field package first table|false
---@field package last table|false
---@field package going table|false the waiter that goes on, or was the last to
---@field package busy boolean it is being worked off
---@field package depth integer waiters that begin inside of one another
---@field package later apivideo.Task[] put off
local RunQueue = {}
RunQueue.__index = RunQueue

-- Waiters that may begin inside of one another, each on the C stack.
local MOST_DEPTH = 16

---@return apivideo.RunQueue
function RunQueue.new()
  return setmetatable({
    first = false, last = false, going = false, later = {},
    busy = false, depth = 0,
  }, RunQueue)
end

local function find_last(self)
  local last = self.first
  while last and last.following do last = last.following end
  self.last = last
end

--- The waiter goes on when those before it have; nothing happens if it is in.
---@param waiter table
function RunQueue:add(waiter)
  if waiter.following or waiter == self.last then return end
  if self.first and not self.last then find_last(self) end
  if self.last then self.last.following = waiter else self.first = waiter end
  self.last = waiter
end

--- Takes out who goes on next, or nil.
---@return table? waiter
function RunQueue:take()
  local waiter = self.first
  if not waiter then return nil end
  self.going = waiter
  local following = waiter.following
  if not following then self.last = false end
  self.first = following
  waiter.following = false
  return waiter
end

--- The task goes on with the next step.
---@param task apivideo.Task
function RunQueue:put_off(task)
  self.later[#self.later + 1] = task
end

---@return boolean
function RunQueue:has_put_off()
  return self.later[1] ~= nil
end

--- Those that were put off are in.
function RunQueue:add_put_off()
  local later = self.later
  for i = 1, #later do self:add(later[i]) end
  for i = #later, 1, -1 do later[i] = nil end
end

--- Somebody begins to work it off: → what `finish` is to be given.
---@return table|false going
---@return boolean busy
function RunQueue:begin()
  local going, busy = self.going, self.busy
  self.busy = true
  return going, busy
end

---@param going table|false
---@param busy boolean
function RunQueue:finish(going, busy)
  self.going, self.busy = going, busy
end

--- Resumes a new waiter at once, inside of whoever runs.
---@param waiter table
---@return boolean begun false: too many have begun inside of one another
function RunQueue:resume(waiter)
  local depth = self.depth
  if depth >= MOST_DEPTH then return false end
  local going, busy = self:begin()
  self.depth, self.going = depth + 1, waiter
  waiter:resume()
  self.depth = depth
  self:finish(going, busy)
  return true
end

---@return boolean
function RunQueue:is_busy()
  return self.busy
end

--- Whether it is busy, but with nobody who runs: an error has struck.
---@return boolean
function RunQueue:was_struck()
  if not self.busy then return false end
  local thread = self.going and self.going.thread
  local status = thread and coroutine.status(thread)
  return status ~= "normal" and status ~= "running"
end

--- Makes whole what an error of a hook has left; the waiter that was taken last
-- is in again.
function RunQueue:recover()
  self.busy, self.depth = false, 0
  find_last(self)
  local waiter, going = self.first, self.going
  while waiter and waiter ~= going do waiter = waiter.following end
  if not going or waiter == going or not going.thread then return end
  going.following = false
  self:add(going)
end

--- Whether nobody goes on, or would.
---@return boolean
function RunQueue:is_idle()
  return not (self.busy or self.first or self.later[1])
end

---@return boolean
function RunQueue:is_empty()
  return not self.first
end

--- Those that were put off count while they have work left: one that was
-- cancelled may yield for ever.
---@return integer
function RunQueue:count()
  local count, waiter = 0, self.first
  while waiter do
    count, waiter = count + 1, waiter.following
  end
  for _, task in ipairs(self.later) do
    if task.state == "running" then count = count + 1 end
  end
  return count
end

return RunQueue
