--- Call options. Inherited fields (`__index`) are fields, too. Calls that are
-- begun later get a copy: the caller's table may have changed by then.

local core = require "apivideo.core"
local host = require "apivideo.util.host"

-- All the fields of a table, and of those that it inherits from; its own count
-- more.
local function flat(fields)
  if type(fields) ~= "table" then return fields end
  local meta = host.getmetatable(fields)
  local parent = type(meta) == "table" and meta.__index
  local copied = type(parent) == "table" and flat(parent) or {}
  for name, value in pairs(fields) do copied[name] = value end
  return copied
end

local call_options = {}

--- A copy of them.
---@param options apivideo.CallOptions?
---@return apivideo.CallOptions
function call_options.copy(options)
  local copied = {}
  for _, name in ipairs(core.CALL_OPTIONS) do
    copied[name] = options and flat(options[name])
  end
  return copied
end

--- The same options, in which the C module finds all headers: those are asked
-- for by no name.
---@param options any
---@return any
function call_options.with_own_headers(options)
  local headers = type(options) == "table" and options.headers
  if type(headers) ~= "table" or not host.getmetatable(headers) then
    return options
  end
  local copied = {}
  for name, value in next, options do copied[name] = value end
  copied.headers = flat(headers)
  return setmetatable(copied, { __index = options })
end

return call_options
