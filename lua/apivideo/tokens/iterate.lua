--- Iterators over many pages: `pages` and `iterate` of upload tokens.

local prefetch = require "apivideo.tokens.prefetch"
local core = require "apivideo.core"
local misuse = require "apivideo.util.misuse"
local walk_newest = require "apivideo.tokens.walk_newest"
local walk_ordered = require "apivideo.tokens.walk_ordered"

local pages = {}

local NAMES = {
  pages = { "sort_by", "sort_order", "current_page", "page_size", "prefetch" },
  iterate = { "sort_by", "sort_order", "page_size", "prefetch" },
}

local DEFAULT_PREFETCH = 1
local MOST_PREFETCH = 100
local LARGEST_PAGE = 100

local function copy(fields)
  if type(fields) ~= "table" then return fields end
  local copied = {}
  for name, value in pairs(fields) do copied[name] = copy(value) end
  return copied
end

-- Copies of the fields of the query that the service knows and of the call
-- options, and how many pages to fetch ahead; misuse of any raises in the name
-- of `method`.
local function check_query(client, method, query, options)
  misuse.check_options(method, 1, query, NAMES[method], core.CALL_OPTIONS)
  query = query or {}
  local most = query.prefetch
  if most ~= nil and not (type(most) == "number" and most >= 0
      and most <= MOST_PREFETCH and most % 1 == 0) then
    local message = "prefetch must be an integer from 0 to %d, got %s"
    misuse.raise(method, 1, message:format(MOST_PREFETCH, core.describe(most)))
  end
  local checked = {
    sort_by = query.sort_by,
    sort_order = query.sort_order,
    current_page = query.current_page,
    page_size = query.page_size,
  }
  -- That the client is closed is for the first step to say.
  misuse.attempt(client.core.check, client.core, method, "list", checked,
    options)
  return checked, copy(options), most or DEFAULT_PREFETCH
end

--- An iterator over the service's pages, as they come.
---@param client apivideo.Client
---@param query apivideo.PagesQuery?
---@param options apivideo.CallOptions?
---@return fun(): apivideo.Page?, apivideo.Response?
function pages.pages(client, query, options)
  local most
  query, options, most = check_query(client, "pages", query, options)
  local number = query.current_page or 1
  query.current_page = nil
  local reader = prefetch.new(client, query, options, most)
  local finished = false
  return function()
    if finished then return nil end
    client:check "pages"
    local page, response = reader:get(number)
    local total = page and page.pagination.pages_total
    finished = not page or number >= total
    if finished then reader:drop() end
    if not page then return client.fail(false, response) end
    number = number + 1
    if not finished then reader:fetch(number, total) end
    return page, response
  end
end

-- Whether the list is wanted by age, the newest first: the order that is given
-- when none is asked for.
local function wants_newest_first(query)
  local by_age = query.sort_by == nil or query.sort_by ~= "ttl"
  return by_age and query.sort_order ~= "asc"
end

local function walk_for(client, query, options, most)
  query.page_size = query.page_size or LARGEST_PAGE
  local newest_first = wants_newest_first(query)
  if newest_first or query.sort_by == nil then
    query.sort_by, query.sort_order = "created_at", "asc"
  end
  local reader = prefetch.new(client, query, options, most)
  if newest_first then
    return walk_newest(reader, query.page_size, client.changes)
  end
  return walk_ordered(reader, query.page_size, client.changes)
end

-- Moves the tokens that were not seen before to the front of the list, in their
-- order, and tells how many they are.
local function keep_new(tokens, seen)
  local count = 0
  for i = 1, #tokens do
    local token = tokens[i]
    local id = token.token
    if not seen[id] then
      seen[id] = true
      count = count + 1
      if count < i then tokens[count] = token end
    end
  end
  return count
end

--- An iterator over tokens that gives each one once; see `walk_newest`.
---@param client apivideo.Client
---@param query apivideo.IterateQuery?
---@param options apivideo.CallOptions?
---@return fun(): apivideo.Token?
function pages.iterate(client, query, options)
  local most
  query, options, most = check_query(client, "iterate", query, options)
  local next_batch = walk_for(client, query, options, most)
  local seen = {}
  local batch, place, count = {}, 0, 0
  return function()
    while batch do
      if place < count then
        place = place + 1
        return batch[place]
      end
      local err
      client:check "iterate"
      batch, err = next_batch(count)
      if err then return client.fail(false, err) end
      place, count = 0, batch and keep_new(batch, seen) or 0
    end
    return nil
  end
end

return pages
