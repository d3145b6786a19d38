--- Reads pages of the list, and keeps some in flight ahead of their turn.

local prefetch = {}

local Reader = {}
Reader.__index = Reader

--- A reader of the pages of one query.
---@param client apivideo.Client
---@param query table without `current_page`
---@param options apivideo.CallOptions?
---@param most integer how many pages are kept in flight, 0: none
function prefetch.new(client, query, options, most)
  return setmetatable({
    client = client,
    query = query,
    options = options,
    most = most,
    calls = {}, -- by page number
    count = 0,
  }, Reader)
end

local function begin(self, number, page_size)
  local query = {}
  for name, value in pairs(self.query) do query[name] = value end
  query.current_page = number
  query.page_size = page_size or query.page_size
  return self.client.calls.begin("list", query, self.options)
end

-- Waits for a page that was begun.
local function finish(self, call)
  local ok, page, response = self.client.calls.finish(call, "list")
  if ok then return page, response end
  return false, page
end

--- Reads the page with that number now; false and an error when that fails.
---@param number integer
---@param page_size integer? when it is not the query's
---@return apivideo.Page|false page
---@return apivideo.Response|apivideo.Error response
function Reader:read(number, page_size)
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
function Reader:get(number)
  local call = self.calls[number]
  if not call then return self:read(number) end
  self.calls[number] = nil
  self.count = self.count - 1
  local page, response = finish(self, call)
  if page then return page, response, true end
  if response.kind == "cancelled" then return false, response end
  -- Nobody has missed it so far: its turn and its time are now.
  return self:read(number)
end

--- Whether the page with that number was fetched ahead.
---@param number integer
---@return boolean
function Reader:holds(number)
  return self.calls[number] ~= nil
end

--- Fetches ahead: from `number` on to `last`, which may be below it, as many
-- pages as may be in flight. What is in flight already stays.
---@param number integer
---@param last integer
---@param most integer? less than the reader may
function Reader:fetch(number, last, most)
  local step = last < number and -1 or 1
  local begun = false
  for each = number, last, step do
    if self.count >= (most or self.most) then break end
    if not self.calls[each] then
      local call = begin(self, each)
      if not call then break end -- whoever reads it will see why
      self.calls[each] = call
      self.count = self.count + 1
      begun = true
    end
  end
  if begun then self.client.driver.push(self.client) end
end

--- Gives up what is in flight.
function Reader:drop()
  for number, call in pairs(self.calls) do
    call:cancel()
    self.calls[number] = nil
  end
  self.count = 0
end

return prefetch
