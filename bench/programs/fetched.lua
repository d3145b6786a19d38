-- usage: fetched.lua BASE_URL TOKENS WALKS: the pages of walk.lua, fetched by
-- libcurl and decoded by lua-cjson, in a plain loop

local each_page = require "bench.programs.each_page"

for _ = 1, tonumber(arg[3]) do
  local count = 0
  each_page(arg[1], function(page)
    for _, token in ipairs(page.data) do
      if token.token then count = count + 1 end
    end
  end)
  assert(count == tonumber(arg[2]))
end
