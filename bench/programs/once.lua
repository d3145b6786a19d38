-- usage: once.lua BASE_URL TOKENS WALKS: the loop of fetched.lua, which counts
-- each token once

local cjson = require "cjson"
local fetch = require "fetch"

local PAGE = arg[1] .. "/upload-tokens?sortBy=createdAt&sortOrder=asc"
  .. "&currentPage=%d&pageSize=100"

for _ = 1, tonumber(arg[3]) do
  local count, number, seen = 0, 0, {}
  repeat
    number = number + 1
    local page = cjson.decode(fetch.get(PAGE:format(number)))
    for _, token in ipairs(page.data) do
      if not seen[token.token] then
        seen[token.token] = true
        count = count + 1
      end
    end
  until number >= page.pagination.pagesTotal
  assert(count == tonumber(arg[2]))
end
