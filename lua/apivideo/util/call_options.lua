--- Call options. Inherited fields (`__index`) are fields, too. Calls that are
-- begun later get a copy: the caller's table may have changed by then.

local core = require "apivideo.core"
local host = require "apivideo.util.host"

-- How many tables above one are looked at: they may lead in a circle.
local FAR = 100

-- What a table inherits from, where that is a table.
local function parent_of(fields)
  local meta = host.getmetatable(fields)
  local parent = type(meta) == "table" and meta.__index
  return type(parent) == "table" and parent or nil
end

-- Whether a class has a field for itself: a method, or what Lua looks for.
local function is_of_class(name, value)
  local is_meta = type(name) == "string" and name:find "^__" ~= nil
  return is_meta or type(value) == "function"
end

-- All the fields of a table, and those that it inherits; the nearest count.
local function flat(fields)
  if type(fields) ~= "table" then return fields end
  local copied = {}
  for name, value in pairs(fields) do copied[name] = value end
  local parent = parent_of(fields)
  local steps = 0
  while parent and steps < FAR do
    for name, value in pairs(parent) do
      local is_new = copied[name] == nil and not is_of_class(name, value)
      if is_new then copied[name] = value end
    end
    parent, steps = parent_of(parent), steps + 1
  end
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
