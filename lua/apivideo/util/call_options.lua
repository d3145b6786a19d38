--- Copies of call options, for calls that are begun later: the caller's table
-- may have changed by then. Inherited fields (`__index`) are fields, too.

local core = require "apivideo.core"

-- All the fields of a table, and of those that it inherits from; its own count
-- more.
local function flat(fields)
  if type(fields) ~= "table" then return fields end
  local meta = getmetatable(fields)
  local parent = type(meta) == "table" and meta.__index
  local copied = type(parent) == "table" and flat(parent) or {}
  for name, value in next, fields do copied[name] = value end
  return copied
end

---@param options apivideo.CallOptions?
---@return apivideo.CallOptions
return function(options)
  local copied = {}
  for _, name in ipairs(core.CALL_OPTIONS) do
    copied[name] = options and flat(options[name])
  end
  return copied
end
