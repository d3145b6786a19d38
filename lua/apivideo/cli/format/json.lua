--- JSON as a program or a person reads it: keys in their order, on one line or
-- indented. An empty table is an empty list; what is no UTF-8 is U+FFFD.

local cjson = require("cjson").new()
local utf8_of = require "apivideo.cli.format.utf8"

local json = {}

local LARGEST_INTEGER = 2^53

-- What the service said of a number beyond all doubles: it reads as infinite.
local INFINITE = { [math.huge] = "1e999", [-math.huge] = "-1e999" }

local function scalar(value)
  if INFINITE[value] then return INFINITE[value] end
  if type(value) == "number" and value % 1 == 0
      and math.abs(value) <= LARGEST_INTEGER then
    return ("%.0f"):format(value) -- not 9e15, nor 3600.0
  end
  if type(value) == "string" then value = utf8_of(value) end
  return (cjson.encode(value):gsub("\\/", "/"))
end

-- How long a list is, where null is nil; nil: it is none.
local function length_of(value)
  local length = 0
  for key in pairs(value) do
    if type(key) ~= "number" then return nil end
    length = math.max(length, key)
  end
  return length
end

local function sorted_keys(value)
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- Puts pieces between brackets, each on a line of its own if they are indented.
local function enclose(open, pieces, close, indent)
  if #pieces == 0 then return open .. close end
  if not indent then return open .. table.concat(pieces, ",") .. close end
  local inner = "\n" .. indent .. "  "
  return open .. inner .. table.concat(pieces, "," .. inner)
    .. "\n" .. indent .. close
end

local function encode(value, indent)
  if type(value) ~= "table" then return scalar(value) end
  local deeper = indent and indent .. "  "
  local pieces, length = {}, length_of(value)
  if length then
    for i = 1, length do pieces[i] = encode(value[i], deeper) end
    return enclose("[", pieces, "]", indent)
  end
  for i, key in ipairs(sorted_keys(value)) do
    pieces[i] = scalar(key) .. (indent and ": " or ":")
      .. encode(value[key], deeper)
  end
  return enclose("{", pieces, "}", indent)
end

--- Encodes a value.
---@param value any
---@param indented boolean?
---@return string
function json.encode(value, indented)
  return encode(value, indented and "" or nil)
end

--- Decodes a text; nil: it is no JSON.
---@param text string
---@return any
function json.decode(text)
  local ok, value = pcall(cjson.decode, text)
  return ok and value or nil
end

return json
