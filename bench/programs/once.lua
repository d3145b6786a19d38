-- usage: once.lua BASE_URL TOKENS WALKS: the loop of fetched.lua, which counts
-- each token once

local each_page = require "bench.programs.each_page"

for _ = 1, tonumber(arg[3]) do
  local count, seen = 0, {}
  each_page(arg[1], function(page)
    for _, token in ipairs(page.data) do
      if not seen[token.token] then
        seen[token.token] = true
        count = count + 1
      end
    end
  end)
  assert(count == tonumber(arg[2]))
end
