--- Which task is running. It is apart from `task` since every call asks, also
-- where there are no tasks.

local core = require "apivideo.core"
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

--- What the task that is running fails with now, since it was cancelled: it
-- sees that once. Nil where it was not, and outside of tasks.
---@param operation string
---@return apivideo.Error?
function current.see_cancel(operation)
  local task = current.task()
  if not task or task.state ~= "cancelled" then return nil end
  task.saw_cancel = true
  return core.failure(operation, "cancelled", "the task was cancelled")
end

return current
