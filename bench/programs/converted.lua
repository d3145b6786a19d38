-- usage: converted.lua BASE_URL TOKENS WALKS: the loop of fetched.lua with what
-- a walk gives, written in Lua: names in snake_case, integers, each token once

local cjson = require "cjson"
local fetch = require "fetch"

local PAGE = arg[1] .. "/upload-tokens?sortBy=createdAt&sortOrder=asc"
  .. "&currentPage=%d&pageSize=100"

local function convert(value)
  if type(value) == "number" then return math.tointeger(value) or value end
  if type(value) ~= "table" then return value end
  local converted = {}
  for name, field in pairs(value) do
    if type(name) == "string" then
      name = name:gsub("%u", function(letter) return "_" .. letter:lower() end)
    end
    converted[name] = convert(field)
  end
  return converted
end

for _ = 1, tonumber(arg[3]) do
  local count, number, seen = 0, 0, {}
  repeat
    number = number + 1
    local page = convert(cjson.decode(fetch.get(PAGE:format(number))))
    for _, token in ipairs(page.data) do
      if not seen[token.token] then
        seen[token.token] = true
        count = count + 1
      end
    end
  until number >= page.pagination.pages_total
  assert(count == tonumber(arg[2]))
end
