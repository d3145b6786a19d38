--- The run queue: the waiters that go on next, linked by their `following`. It
-- takes no memory. Each half-way state is a valid queue: `first` alone says
-- what is in it, and where `last` is false, it is looked for.

---@class apivideo.RunQueue
---@field first table|false
---@field going table|false the waiter that was taken last
---@field package last table|false
local RunQueue = {}
RunQueue.__index = RunQueue

---@return apivideo.RunQueue
function RunQueue.new()
  return setmetatable({ first = false, last = false, going = false }, RunQueue)
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

--- Makes whole what an error of a hook has left; the waiter that was taken last
-- is in again.
function RunQueue:recover()
  find_last(self)
  local waiter, going = self.first, self.going
  while waiter and waiter ~= going do waiter = waiter.following end
  if not going or waiter == going or not going.thread then return end
  going.following = false
  self:add(going)
end

---@return integer
function RunQueue:count()
  local count, waiter = 0, self.first
  while waiter do
    count, waiter = count + 1, waiter.following
  end
  return count
end

return RunQueue
