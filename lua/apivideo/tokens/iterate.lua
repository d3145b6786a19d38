--- Iterators over the list: `pages`, and the tokens of `iterate`. Several tasks
-- may share one: one step at a time reads, and whoever comes meanwhile waits.

local call_options = require "apivideo.util.call_options"
local core = require "apivideo.core"
local Lock = require "apivideo.sched.lock"
local misuse = require "apivideo.util.misuse"
local prefetch = require "apivideo.tokens.prefetch"
local walk_newest = require "apivideo.tokens.walk_newest"
local walk_ordered = require "apivideo.tokens.walk_ordered"

local iterate = {}

local NAMES = {
  pages = { "sort_by", "sort_order", "current_page", "page_size", "prefetch" },
  iterate = { "sort_by", "sort_order", "page_size", "prefetch" },
}

local DEFAULT_PREFETCH = 1
local MOST_PREFETCH = 100
local LARGEST_PAGE = 100

-- --- what is asked for -------------------------------------------------------

-- Copies of the fields of the query that the service knows and of the call
-- options, and how many pages to fetch ahead; misuse of any raises in the name
-- of `method`.
local function check_query(caller, method, query, options)
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
  misuse.attempt(caller.engine.check, caller.engine, method, "list", checked,
    options)
  return checked, call_options.copy(options), most or DEFAULT_PREFETCH
end

-- Whether the list is wanted by age, the newest first: the order that is given
-- when none is asked for.
local function wants_newest_first(query)
  local by_age = query.sort_by == nil or query.sort_by ~= "ttl"
  return by_age and query.sort_order ~= "asc"
end

-- --- one step at a time ------------------------------------------------------

-- Nothing is read when somebody else has had their turn before, and the caller
-- is to look again.
local function read_if_due(waited, is_due, read)
  if waited and not is_due() then return true end
  return read()
end

-- Reads while nobody else does: gives what `read` gives.
local function step_in_turn(caller, lock, method, is_due, read)
  caller:scheduler():check(method)
  return lock:call(method, read_if_due, is_due, read)
end

-- A `for` loop calls its iterator with what it gave before: after a failure of
-- apivideo.safe, which is false, it ends. Whoever calls an iterator by hand
-- asks once more for what failed.
--
-- Lua 5.4 closes the fourth value when the loop is left: the reader then gives
-- up its pages in flight, and reads again if it is asked to. Elsewhere they end
-- by themselves, or with the iterator, when that is collected.

-- --- pages -------------------------------------------------------------------

--- An iterator over the service's pages, as they come.
---@param caller apivideo.Caller
---@param query apivideo.PagesQuery?
---@param options apivideo.CallOptions?
---@return fun(): apivideo.Page?, apivideo.Response?
---@return nil, nil, apivideo.PageReader to be closed
function iterate.pages(caller, query, options)
  local most
  query, options, most = check_query(caller, "pages", query, options)
  local number = query.current_page or 1
  query.current_page = nil
  local reader = prefetch.new(caller, query, options, most)
  local lock = Lock.new(caller:scheduler())
  local finished = false

  local function is_due()
    return true -- each step reads a page
  end

  local function read()
    if finished then return nil end
    local page, response = reader:get(number)
    if not page then
      reader:drop()
      return false, response
    end
    local total = page.pagination.pages_total
    if number >= total then
      reader:drop()
    else
      reader:fetch(number + 1, total)
    end
    number, finished = number + 1, number >= total
    return page, response
  end

  local function next_page(_, previous)
    if finished or previous == false then return nil end
    local page, response =
      step_in_turn(caller, lock, "pages", is_due, read)
    if page == false then return caller.fail(false, response) end
    return page, response
  end
  return next_page, nil, nil, reader
end

-- --- tokens ------------------------------------------------------------------

-- → a walk, and the reader of its pages
local function walk_for(caller, query, options, most)
  query.page_size = query.page_size or LARGEST_PAGE
  local newest_first = wants_newest_first(query)
  if newest_first or query.sort_by == nil then
    query.sort_by, query.sort_order = "created_at", "asc"
  end
  local reader = prefetch.new(caller, query, options, most)
  if newest_first then return walk_newest(reader, caller.changes), reader end
  return walk_ordered(reader, query.page_size, caller.changes), reader
end

--- An iterator over tokens that gives each one once; see `walk_newest`.
---@param caller apivideo.Caller
---@param query apivideo.IterateQuery?
---@param options apivideo.CallOptions?
---@return fun(): apivideo.Token?
---@return nil, nil, apivideo.PageReader to be closed
function iterate.tokens(caller, query, options)
  local most
  query, options, most = check_query(caller, "iterate", query, options)
  local walk, reader = walk_for(caller, query, options, most)
  local lock = Lock.new(caller:scheduler())
  local seen = {}
  local batch, place, fresh = {}, 0, 0
  local finished = false

  -- The next token of the batch that was not seen before, or nil.
  local function take()
    local token = batch[place + 1]
    while token do
      place = place + 1
      local id = token.token
      if not seen[id] then
        seen[id] = true
        fresh = fresh + 1
        return token
      end
      token = batch[place + 1]
    end
  end

  local function give(tokens)
    batch, place, fresh = tokens, 0, 0
  end

  local function is_due()
    return not finished and batch[place + 1] == nil
  end

  local function read()
    local ok, err = walk(give, fresh)
    if ok ~= nil then return ok, err end
    finished = true
    local shortfall = reader:shortfall()
    if shortfall then return false, shortfall end
    return true
  end

  local function next_token(_, previous)
    while previous ~= false do
      local token = take()
      if token then return token end
      if finished then return nil end
      local ok, err = step_in_turn(caller, lock, "iterate", is_due, read)
      if not ok then return caller.fail(false, err) end
    end
    return nil
  end
  return next_token, nil, nil, reader
end

return iterate
