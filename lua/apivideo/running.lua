--- Which coroutines are tasks. It is apart from `task` since every call asks,
-- also where there are none.

local running = {}

local tasks = setmetatable({}, { __mode = "kv" })

--- The running coroutine is that of the task.
---@param task apivideo.Task
function running.begin(task)
  tasks[coroutine.running()] = task
end

--- The task of a coroutine, if it is one.
---@param thread thread
---@return apivideo.Task?
function running.of(thread)
  return tasks[thread]
end

--- The task that is running, or nil.
---@return apivideo.Task?
function running.task()
  local thread = coroutine.running()
  return thread and tasks[thread]
end

return running
