--- Which task is running. It is apart from `task` since every call asks, also
-- where there are no tasks.

local misuse = require "apivideo.util.misuse"

local current = {}

local tasks = setmetatable({}, { __mode = "kv" })

--- The running coroutine is that of the task.
---@param task apivideo.Task
function current.begin(task)
  tasks[coroutine.running()] = task
end

--- The task of a coroutine, if it is one.
---@param thread thread
---@return apivideo.Task?
function current.of(thread)
  return tasks[thread]
end

--- The task that is running, or nil.
---@return apivideo.Task?
function current.task()
  local thread = coroutine.running()
  return thread and tasks[thread]
end

--- Raises misuse in a task: whoever runs tasks cannot be one.
---@param method string
function current.check_outside(method)
  if not current.task() then return end
  misuse.rethrow(method .. " cannot be called inside a task: tasks wait by"
    .. " making calls, and whoever runs them steps")
end

--- Whether the task that is running was cancelled, and has to fail now as
-- `cancelled`: it sees that once.
---@return boolean
function current.sees_cancel()
  local task = current.task()
  if not task or task.state ~= "cancelled" then return false end
  task.saw_cancel = true
  return true
end

return current
