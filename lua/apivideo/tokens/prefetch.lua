--- Reads pages of the list, and keeps some in flight ahead of their turn.

local core = require "apivideo.core"

---@class apivideo.PageReader
---@field caller apivideo.Caller
---@field most integer how many pages are kept in flight, 0: none
---@field count integer pages in flight
---@field package query table without `current_page`
---@field package options apivideo.CallOptions?
---@field package short table? a page that has less than it says
---@field package pages_in_flight table<integer, any> calls by page number
local PageReader = {}
PageReader.__index = PageReader

local prefetch = {}

--- A reader of the pages of one query.
---@param caller apivideo.Caller
---@param query table without `current_page`
---@param options apivideo.CallOptions?
---@param most integer how many pages are kept in flight, 0: none
---@return apivideo.PageReader
function prefetch.new(caller, query, options, most)
  return setmetatable({
    caller = caller, query = query, options = options, most = most,
    pages_in_flight = {}, count = 0,
  }, PageReader)
end

-- The service has no page beyond it.
local LAST_PAGE = 2147483647

-- → a call; or nil and an error
local function begin(self, number, page_size)
  -- What a size of 0 leads to may be no number.
  if number > LAST_PAGE or number ~= number then
    return nil, core.failure("list", "protocol",
      "the pages do not add up: no page has the number their sizes lead to")
  end
  local query = {}
  for name, value in pairs(self.query) do query[name] = value end
  query.current_page = number
  query.page_size = page_size or query.page_size
  return self.caller:begin("list", query, self.options)
end

-- Waits for a page that was begun.
local function finish(self, call)
  local ok, page, response = self.caller:finish(call, "list")
  if ok then return page, response end
  return false, page
end

--- Reads the page with that number now; false and an error when that fails.
---@param number integer
---@param page_size integer? when it is not the query's
---@return apivideo.Page|false page
---@return apivideo.Response|apivideo.Error response
function PageReader:read(number, page_size)
  local call, err = begin(self, number, page_size)
  if not call then return false, err end
  return finish(self, call)
end

--- The page with that number, fetched ahead or read now; with `true` behind
-- the response in the former case.
---@param number integer
---@return apivideo.Page|false page
---@return apivideo.Response|apivideo.Error response
---@return boolean? fetched
function PageReader:get(number)
  local call = self.pages_in_flight[number]
  if not call then return self:read(number) end
  self.pages_in_flight[number] = nil
  self.count = self.count - 1
  local page, response = finish(self, call)
  if page then return page, response, true end
  if response.kind == "cancelled" then return false, response end
  -- It was not its turn when that failed: now it is, with all of its time.
  return self:read(number)
end

--- Whether the page with that number was fetched ahead.
---@param number integer
---@return boolean
function PageReader:holds(number)
  return self.pages_in_flight[number] ~= nil
end

--- Fetches ahead: from `number` on to `last`, which may be below it, as many
-- pages as may be in flight. What is in flight already stays.
---@param number integer
---@param last integer
---@param most integer? less than the reader may
function PageReader:fetch(number, last, most)
  local step = last < number and -1 or 1
  local begun = false
  for each = number, last, step do
    if self.count >= (most or self.most) then break end
    if not self.pages_in_flight[each] then
      local call = begin(self, each)
      if not call then break end -- whoever reads it will see why
      self.pages_in_flight[each] = call
      self.count = self.count + 1
      begun = true
    end
  end
  if begun then self.caller:scheduler():push() end
end

--- Gives up what is in flight.
function PageReader:drop()
  for number, call in pairs(self.pages_in_flight) do
    call:cancel()
    self.pages_in_flight[number] = nil
  end
  self.count = 0
end

-- Lua 5.4 calls it when a `for` loop ends, or is left.
PageReader.__close = PageReader.drop

-- How many tokens a page should have, by its own account.
local function expected(page, number)
  local pagination = page.pagination
  local before = (number - 1) * pagination.page_size
  return math.min(pagination.page_size, pagination.items_total - before)
end

--- A page that was read, or the same read again if it has fewer tokens than it
-- says: a service that counts and reads at different moments may give one such.
-- One that is the same again does not add up, see `shortfall`.
---@param page apivideo.Page
---@param number integer
---@return apivideo.Page|false page
---@return apivideo.Error? err
function PageReader:checked(page, number)
  if self.short or #page.data >= expected(page, number) then return page end
  local again, err = self:read(number)
  if not again then return false, err end
  if #again.data < expected(again, number) and #again.data == #page.data
      and again.pagination.items_total == page.pagination.items_total then
    self.short = { number = number, has = #again.data,
      says = expected(again, number) }
  end
  return again
end

--- The failure of a walk whose pages did not add up; nil if they did.
---@return apivideo.Error?
function PageReader:shortfall()
  local short = self.short
  if not short then return nil end
  return core.failure("list", "protocol", ("the pages do not add up: page"
    .. " %d has %d tokens, and should have %d"):format(
      short.number, short.has, short.says))
end

return prefetch
