-- The pages of a list of tokens, as libcurl and lua-cjson give them.

local cjson = require "cjson"
local fetch = require "fetch"

local PAGE = "%s/upload-tokens?sortBy=createdAt&sortOrder=asc"
  .. "&currentPage=%d&pageSize=100"

--- Calls `body` with each page below the base URL.
return function(base_url, body)
  local number = 0
  repeat
    number = number + 1
    local page = cjson.decode(fetch.get(PAGE:format(base_url, number)))
    body(page)
  until number >= page.pagination.pagesTotal
end
