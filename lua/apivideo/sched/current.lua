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

--- Ends a coroutine that is not resumed again.
---@param thread thread
function running.close(thread)
  local close = coroutine.close -- since Lua 5.4: runs what is to be closed
  if close then pcall(close, thread) end
end

return running
