-- usage: bare_many.lua URL CALLS AT_ONCE: as bare.lua, so many in flight

local cjson = require "cjson"
local fetch = require "fetch"

fetch.many(arg[1], tonumber(arg[2]), tonumber(arg[3]), function(body)
  assert(cjson.decode(body).token)
end)
