-- usage: bare.lua URL CALLS: the least that a loop in Lua takes: libcurl and
-- lua-cjson, nothing checked

local cjson = require "cjson"
local fetch = require "fetch"

for _ = 1, tonumber(arg[2]) do
  assert(cjson.decode(fetch.get(arg[1])).token)
end
