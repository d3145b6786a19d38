-- usage: converted.lua BASE_URL TOKENS WALKS: the loop of once.lua with what
-- else a walk gives, written in Lua: names in snake_case, integers

local each_page = require "bench.programs.each_page"

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
  local count, seen = 0, {}
  each_page(arg[1], function(page)
    for _, token in ipairs(convert(page).data) do
      if not seen[token.token] then
        seen[token.token] = true
        count = count + 1
      end
    end
  end)
  assert(count == tonumber(arg[2]))
end
