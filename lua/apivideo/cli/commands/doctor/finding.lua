--- What the doctor found: the name of what was looked at, a state, what it is
-- like, and what to do if it is not well.

local finding = {}

---@class apivideo.cli.Finding
---@field name string
---@field state "ok"|"warning"|"failed"|"unknown"
---@field message string
---@field advice? string

local function maker(state)
  return function(name, message, advice)
    return { name = name, state = state, message = message, advice = advice }
  end
end

finding.ok = maker "ok"
finding.warning = maker "warning" -- calls are possible all the same, or some
finding.failed = maker "failed"
finding.unknown = maker "unknown" -- something else hides it

return finding
