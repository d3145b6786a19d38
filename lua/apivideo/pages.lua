--- Iterators over many pages: `pages` and `iterate` of upload tokens.

local core = require "apivideo.core"
local misuse = require "apivideo.misuse"
local walk = require "apivideo.walk"

local pages = {}

local NAMES = {
  pages = { "sort_by", "sort_order", "current_page", "page_size", "prefetch" },
  iterate = { "sort_by", "sort_order", "page_size", "prefetch" },
}

local MOST_PREFETCH = 100
local LARGEST_PAGE = 100

local function copy(fields)
  if type(fields) ~= "table" then return fields end
  local copied = {}
  for name, value in pairs(fields) do copied[name] = copy(value) end
  return copied
end

-- Copies of the fields of the query that the service knows and of the call
-- options; misuse of any raises in the name of `method`.
local function check_query(client, method, query, options)
  misuse.check_options(method, 1, query, NAMES[method])
  query = query or {}
  local ahead = query.prefetch
  if ahead ~= nil and not (type(ahead) == "number" and ahead >= 0
      and ahead <= MOST_PREFETCH and ahead % 1 == 0) then
    local message = "prefetch must be an integer from 0 to %d, got %s"
    misuse.raise(method, 1, message:format(MOST_PREFETCH, core.describe(ahead)))
  end
  local checked = {
    sort_by = query.sort_by,
    sort_order = query.sort_order,
    current_page = query.current_page,
    page_size = query.page_size,
  }
  misuse.guard(client.core.check, client.core, method, "list", checked, options)
  return checked, copy(options)
end

-- A function that reads the page with a number: the page and its response, or
-- false and an error.
local function reader(client, query, options)
  return function(number)
    query.current_page = number
    local ok, page, response = client.attempt("list", query, options)
    return ok and page, ok and response or page
  end
end

--- An iterator over the service's pages, as they come.
---@param client apivideo.Client
---@param query apivideo.PagesQuery?
---@param options apivideo.CallOptions?
---@return fun(): apivideo.Page?, apivideo.Response?
function pages.pages(client, query, options)
  query, options = check_query(client, "pages", query, options)
  local number = query.current_page or 1
  local read = reader(client, query, options)
  local finished = false
  return function()
    if finished then return nil end
    local page, response = read(number)
    finished = not page or number >= page.pagination.pages_total
    if not page then return client.fail(false, response) end
    number = number + 1
    return page, response
  end
end

-- Whether the list is wanted by age, the newest first: the order that is given
-- when none is asked for.
local function wants_newest_first(query)
  local by_age = query.sort_by == nil or query.sort_by ~= "ttl"
  return by_age and query.sort_order ~= "asc"
end

local function walk_for(client, query, options)
  query.page_size = query.page_size or LARGEST_PAGE
  local newest_first = wants_newest_first(query)
  if newest_first or query.sort_by == nil then
    query.sort_by, query.sort_order = "created_at", "asc"
  end
  local read = reader(client, query, options)
  if newest_first then return walk.newest_first(read) end
  return walk.in_order(read, query.page_size, client.changes)
end

--- An iterator over tokens that gives each one once; see `walk`.
---@param client apivideo.Client
---@param query apivideo.IterateQuery?
---@param options apivideo.CallOptions?
---@return fun(): apivideo.Token?
function pages.iterate(client, query, options)
  query, options = check_query(client, "iterate", query, options)
  local next_batch = walk_for(client, query, options)
  local seen = {}
  local batch, place, fresh = {}, 0, 0
  return function()
    while batch do
      place = place + 1
      local token = batch[place]
      if token == nil then
        local err
        batch, err = next_batch(fresh)
        place, fresh = 0, 0
        if err then return client.fail(false, err) end
      elseif not seen[token.token] then
        seen[token.token] = true
        fresh = fresh + 1
        return token
      end
    end
    return nil
  end
end

return pages
