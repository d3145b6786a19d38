-- usage: fetched.lua BASE_URL TOKENS WALKS: the pages of walk.lua, fetched by
-- libcurl and decoded by lua-cjson, in a plain loop

local cjson = require "cjson"
local fetch = require "fetch"

local PAGE = arg[1] .. "/upload-tokens?sortBy=createdAt&sortOrder=asc"
  .. "&currentPage=%d&pageSize=100"

for _ = 1, tonumber(arg[3]) do
  local count, number = 0, 0
  repeat
    number = number + 1
    local page = cjson.decode(fetch.get(PAGE:format(number)))
    for _, token in ipairs(page.data) do
      if token.token then count = count + 1 end
    end
  until number >= page.pagination.pagesTotal
  assert(count == tonumber(arg[2]))
end
