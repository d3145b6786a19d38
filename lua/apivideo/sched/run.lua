--- `client:run()`: returns when no task is left.

local await = require "apivideo.sched.await"
local misuse = require "apivideo.util.misuse"

-- Seconds that a step may wait.
local STEP = 1

-- Waits as the driver does, whose host moves tasks on.
local function wait_for_all(sched)
  sched:check "run"
  local tasks = sched:list_tasks()
  while tasks[1] do
    for _, task in ipairs(tasks) do
      if task.state == "running" then await.join(task) end
    end
    tasks = sched:list_tasks()
  end
end

---@param sched apivideo.Scheduler
return function(sched)
  if sched:is_moved_by_host() then return wait_for_all(sched) end
  while sched:has_work() do
    local calls, tasks = sched:step(STEP)
    if calls == 0 and tasks > 0 then
      misuse.rethrow("run would never end: its tasks wait for what will not"
        .. " happen")
    end
  end
end
