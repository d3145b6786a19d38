--- The driver of hosts with a loop of their own, games for example: they call
-- `client:step(0)`, and nobody else ever waits. So calls belong into tasks.

local misuse = require "apivideo.util.misuse"

local step = { loads_all = true }

--- From its first descriptor on, the engine gives a host its turn early.
---@param sched apivideo.Scheduler
function step.open(sched)
  pcall(sched.fd, sched) -- there may be none left
end

---@param method string
function step.check(method)
  misuse.rethrow(("'%s' would have to wait here: with driver = \"step\", "
    .. "call it inside client:spawn(function() … end)"):format(method))
end

--- Only called for what is done already: else `check` has raised before, and
-- tasks wait by themselves.
---@param _ apivideo.Scheduler
---@param call apivideo.core.Call
function step.await(_, call)
  if not call:done() then error "nobody can wait here" end
end

--- What was started moves on at the host's next step.
function step.push()
end

return step
