-- Walks over a list whose service has its own idea of the size of a page. The
-- service is a table here: what walks read from is a reader of pages.

local cjson = require "cjson"
local prefetch = require "apivideo.tokens.prefetch"
local service = require "spec.support.service"
local walk_newest = require "apivideo.tokens.walk_newest"
local walk_ordered = require "apivideo.tokens.walk_ordered"

-- A reader of a list of `total` tokens, which may be changed while it is read:
-- `list.total`, `list.size` (of pages, whatever was asked for), and
-- `list.lacks`, how many tokens a page is short of.
local function reader_of(list, most)
  local reader = prefetch.new({}, {}, nil, most or 0)
  list.reads = 0
  function reader.read(_, number, size)
    list.reads = list.reads + 1
    if list.on_read then list.on_read(list.reads) end
    size = math.min(size or list.size, list.size)
    local data = {}
    local last = math.min(number * size, list.total)
    for place = (number - 1) * size + 1, last - (list.lacks or 0) do
      data[#data + 1] = { token = tostring(place) }
    end
    return {
      data = data,
      pagination = {
        current_page = number, current_page_items = #data, page_size = list.says or size,
        pages_total = list.pages_total or math.ceil(list.total / size), items_total = list.total,
      },
    }
  end
  reader.get = reader.read
  function reader.fetch() end
  return reader
end

local WALKS = {
  newest = function(reader) return walk_newest(reader, { create_token = 0, delete_token = 0 }) end,
  ordered = function(reader) return walk_ordered(reader, 100, { create_token = 0, delete_token = 0 }) end,
}

-- How many different tokens a walk gives, and what it fails with.
local function count(walk)
  local seen, fresh, all = {}, 0, 0
  local function give(tokens)
    fresh = 0
    for _, token in ipairs(tokens) do
      if not seen[token.token] then fresh = fresh + 1 end
      seen[token.token] = true
    end
    all = all + fresh
  end
  for _ = 1, 10000 do
    local ok, err = walk(give, fresh)
    if not ok then return all, err end
  end
  error "it has no end"
end

describe("a walk", function()
  for name, new in pairs(WALKS) do
    for _, size in ipairs { 1, 7, 25, 99, 100, 230, 500 } do
      it(("%s counts with pages of %d, whatever it asked for"):format(name, size), function()
        for _, total in ipairs { 0, 1, 24, 25, 26, 230 } do
          assert.equal(total, (count(new(reader_of { total = total, size = size }))))
        end
      end)
    end

    it(name .. " goes on where the size changes on the way", function()
      for _, sizes in ipairs { { 100, 25 }, { 25, 100 }, { 30, 7 }, { 7, 30 }, { 10, 1 } } do
        for at = 2, 8 do
          local list = { total = 230, size = sizes[1] }
          function list.on_read(reads) if reads == at then list.size = sizes[2] end end
          assert.equal(230, (count(new(reader_of(list)))))
        end
      end
    end)

    it(name .. " ends where the size never settles", function()
      local list = { total = 50, size = 10 }
      function list.on_read(reads) list.size = reads % 2 == 0 and 10 or 7 end
      count(new(reader_of(list)))
    end)

    it(name .. " does not trust a number of pages that is too small", function()
      assert.equal(230, (count(new(reader_of { total = 230, size = 25, pages_total = 3 }))))
    end)

    it(name .. " knows that pages do not add up", function()
      local list = { total = 230, size = 25, says = 100 }
      local reader = reader_of(list)
      count(new(reader))
      assert.equal("protocol", reader:shortfall().kind)
      assert.equal("list: protocol: the pages do not add up: page ",
        (reader:shortfall().message:match "^.-: page "))
      list = { total = 230, size = 25, lacks = 1 }
      reader = reader_of(list)
      count(new(reader))
      assert.equal("protocol", reader:shortfall().kind)
    end)

    it(name .. " forgives a service that counts and reads at different moments", function()
      local list = { total = 230, size = 25 }
      function list.on_read(reads) list.lacks = reads % 2 == 1 and 1 or 0 end
      local reader = reader_of(list)
      assert.equal(230, (count(new(reader))))
      assert.is_nil(reader:shortfall())
    end)
  end
end)

describe("an iterator", function()
  local tokens

  service.with_client(function(_, ...) tokens = ... end)

  -- What a service says that is out of its mind, whatever it is asked for.
  local function says(items, page_size, pages_total, items_total)
    local data = {}
    for i = 1, items do
      data[i] = { token = "toIterator" .. i, ttl = 0, createdAt = "2020-12-02T10:26:46+00:00" }
    end
    local body = cjson.encode {
      data = data,
      pagination = { currentPage = 1, currentPageItems = items, pageSize = page_size, pagesTotal = pages_total,
        itemsTotal = items_total, links = { { rel = "self", uri = "/" } } },
    }
    service.faults { { times = 1000, body = (body:gsub('"data":{}', '"data":[]')) } }
  end

  local function walk(query)
    local given = 0
    for _ in tokens:iterate(query) do given = given + 1 end
    return given
  end

  for name, sort_by in pairs { ["newest first"] = "created_at", ["in another order"] = "ttl" } do
    for ahead = 0, 2 do
      local query = { sort_by = sort_by, prefetch = ahead }
      local function it_with(promise, body) it(("%s, %s, prefetch %d"):format(promise, name, ahead), body) end

      it_with("ends where there is nothing, and pages have no size", function()
        says(0, 0, 0, 0)
        assert.equal(0, walk(query))
      end)

      it_with("fails where pages with tokens have no size", function()
        says(2, 0, 1, 2)
        local err = service.failure(walk, query)
        assert.equal("protocol", err.kind)
        assert.truthy(err.message:find("no page has the number", 1, true), err.message)
      end)

      it_with("fails as protocol where no page is so far", function()
        says(2, 2147483647, 3, 6)
        assert.equal("protocol", service.failure(walk, query).kind)
      end)
    end
  end
end)
