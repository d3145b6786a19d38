-- JSON, as the service writes it: integers without a fraction, an empty list
-- as [], an absent value left out. Keys are sorted, so that equal values are
-- equal text.
local cjson = require "cjson"

local decoder = cjson.new()
decoder.decode_invalid_numbers(false)

local json = { null = cjson.null }

local array_mark = {}

-- Marks a table as a list; only an empty one needs it.
function json.array(list)
  return setmetatable(list, array_mark)
end

-- text -> value, or nil and the reason.
function json.decode(text)
  local ok, value = pcall(decoder.decode, text)
  if ok then return value end
  return nil, (tostring(value):gsub("^.-:%d+: ", ""))
end

-- text -> table of a JSON object, or nil and the reason. Once decoded, {} and
-- [] are the same to Lua, hence the look at the first character.
function json.decode_object(text)
  local value, reason = json.decode(text)
  if value == nil then return nil, reason end
  if not text:find("^%s*{") then return nil, "a JSON object is expected" end
  return value
end

local ESCAPES = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f",
  ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
}

local function escape(character)
  return ESCAPES[character] or ("\\u%04x"):format(character:byte())
end

local function encode_string(text)
  return '"' .. text:gsub('[%c"\\]', escape) .. '"'
end

local function encode_number(number)
  if number == math.floor(number) and math.abs(number) < 2 ^ 53 then
    return ("%d"):format(number)
  end
  return ("%.14g"):format(number)
end

local encode_value

local function encode_array(list)
  local pieces = {}
  for i, value in ipairs(list) do pieces[i] = encode_value(value) end
  return "[" .. table.concat(pieces, ",") .. "]"
end

local function encode_object(object)
  local keys = {}
  for key in pairs(object) do keys[#keys + 1] = tostring(key) end
  table.sort(keys)
  for i, key in ipairs(keys) do
    keys[i] = encode_string(key) .. ":" .. encode_value(object[key])
  end
  return "{" .. table.concat(keys, ",") .. "}"
end

function encode_value(value)
  local kind = type(value)
  if kind == "string" then return encode_string(value) end
  if kind == "number" then return encode_number(value) end
  if kind == "boolean" then return tostring(value) end
  if kind ~= "table" then return "null" end
  if value[1] ~= nil or getmetatable(value) == array_mark then
    return encode_array(value)
  end
  return encode_object(value)
end

json.encode = encode_value

return json
