--- The tasks of a client that have not ended, and how many they are.

---@class apivideo.TaskSet
---@field package members table<apivideo.Task, true>
---@field package number integer|false how many; false: to be counted
local TaskSet = {}
TaskSet.__index = TaskSet

---@return apivideo.TaskSet
function TaskSet.new()
  return setmetatable({ members = {}, number = 0 }, TaskSet)
end

--- An error of a hook may strike anywhere: they are counted again then.
---@param task apivideo.Task
function TaskSet:add(task)
  if self.members[task] then return end
  local number = self.number
  self.number = false
  self.members[task] = true
  self.number = number and number + 1
end

---@param task apivideo.Task
function TaskSet:remove(task)
  if not self.members[task] then return end
  local number = self.number
  self.number = false
  self.members[task] = nil
  self.number = number and number - 1
end

---@return boolean
function TaskSet:is_empty()
  return self:count() == 0 -- to find the first of few among many takes long
end

---@return integer
function TaskSet:count()
  if not self.number then self.number = #self:list() end
  return self.number
end

--- A new list of them.
---@return apivideo.Task[]
function TaskSet:list()
  local list = {}
  for task in pairs(self.members) do list[#list + 1] = task end
  return list
end

return TaskSet
