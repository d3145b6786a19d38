-- Programs that specs take and that a system may lack. What takes one that is
-- not there is skipped, and named with the reason at the end of a run.

local busted = require "busted"

local needs = {}

-- Administrators' directories are not on everybody's PATH.
local LOOK = [[PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
  command -v '%s' >/dev/null]]

---@param program string
---@return boolean
function needs.has(program)
  local status = os.execute(LOOK:format(program))
  return status == true or status == 0
end

--- In place of `it`: skips the spec for that reason. Setups that are lazy are
--- skipped as well.
---@param reason string
---@return fun(name: string)
function needs.skip(reason)
  return function(name) busted.pending(name .. ": " .. reason) end
end

--- What is `it` for specs that take these programs.
---@param ... string
---@return fun(name: string, body: function)
function needs.it(...)
  for _, program in ipairs { ... } do
    if not needs.has(program) then
      return needs.skip("there is no " .. program .. " here")
    end
  end
  return busted.it
end

return needs
