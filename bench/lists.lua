-- Lists of tokens as files, one for each page, as the service would answer.

local lists = {}

lists.PAGE_SIZE = 100

local TOKEN = '{"token":"to%022d","ttl":3600,'
  .. '"createdAt":"2020-12-02T10:13:19+00:00",'
  .. '"expiresAt":"2020-12-02T11:13:19+00:00"}'

local PAGE = '{"data":[%s],"pagination":{"currentPage":%d,"pageSize":%d,'
  .. '"pagesTotal":%d,"itemsTotal":%d,"currentPageItems":%d,"links":['
  .. '{"rel":"self","uri":"/upload-tokens?currentPage=%d"},'
  .. '{"rel":"first","uri":"/upload-tokens?currentPage=1"},'
  .. '{"rel":"last","uri":"/upload-tokens?currentPage=%d"}]}}'

local function page(number, size)
  local tokens = {}
  local first = (number - 1) * lists.PAGE_SIZE
  for i = first + 1, math.min(first + lists.PAGE_SIZE, size) do
    tokens[#tokens + 1] = TOKEN:format(i)
  end
  local pages = math.ceil(size / lists.PAGE_SIZE)
  return PAGE:format(table.concat(tokens, ","), number, lists.PAGE_SIZE,
    pages, size, #tokens, number, pages)
end

--- Writes a list of so many tokens below a place.
function lists.write(here, size)
  local directory = ("lists/%d/upload-tokens"):format(size)
  here:run("mkdir -p " .. directory)
  for number = 1, math.ceil(size / lists.PAGE_SIZE) do
    here:write(("%s/%d.json"):format(directory, number), page(number, size))
  end
end

return lists
