local new_random = require "spec.support.random"
local service = require "spec.support.service"
local walk_ordered = require "apivideo.tokens.walk_ordered"

local ORDERS = {
  {}, -- none asked for
  { sort_by = "created_at", sort_order = "desc" },
  { sort_by = "created_at", sort_order = "asc" },
  { sort_by = "ttl", sort_order = "asc" },
  { sort_by = "ttl", sort_order = "desc" },
}

-- During one random walk.
local MOST_CHANGES = 300

local function name_of(order)
  if not order.sort_by then return "no order" end
  return order.sort_by .. " " .. order.sort_order
end

local function is_newest_first(order)
  return order.sort_by == nil or order.sort_order == "desc"
    and order.sort_by == "created_at"
end

local function query_of(order, page_size)
  return {
    sort_by = order.sort_by,
    sort_order = order.sort_order,
    page_size = page_size,
  }
end

describe("a walk with iterate", function()
  local client, other

  service.with_client(function(...) client = ... end)
  service.with_client(function(...) other = ... end)

  it("gives nothing when there are no tokens", function()
    for _ in client.upload_tokens:iterate() do error "a token" end
  end)

  it("gives the newest first when no order is asked for", function()
    local expected, given = {}, {}
    for i = 1, 7 do
      local token = other.upload_tokens:create_token { ttl = 100 + i }
      table.insert(expected, 1, token.token)
    end
    for token in client.upload_tokens:iterate { page_size = 3 } do
      given[#given + 1] = token.token
    end
    assert.same(expected, given)
  end)

  it("gives the oldest first when that is asked for", function()
    local expected, given = {}, {}
    for i = 1, 7 do
      expected[i] = other.upload_tokens:create_token({ ttl = 100 + i }).token
    end
    local query = { sort_by = "created_at", sort_order = "asc", page_size = 3 }
    for token in client.upload_tokens:iterate(query) do
      given[#given + 1] = token.token
    end
    assert.same(expected, given)
  end)

  it("asks for large pages unless told otherwise", function()
    client.upload_tokens:iterate()()
    assert.truthy(service.requests()[1].path:find("pageSize=100", 1, true))
  end)

  it("keeps to the options that it was given", function()
    service.make_tokens(6, 60)
    local options = { timeout = 5, headers = { ["X-A"] = "a" } }
    for _ in client.upload_tokens:iterate({ page_size = 2 }, options) do
      options.timeout = "bad"
      options.headers["X-A"] = 5
    end
  end)

  it("misses nothing when the answer to its own delete is lost", function()
    for ttl = 1, 6 do other.upload_tokens:create_token { ttl = ttl * 100 } end
    local tokens = client.upload_tokens
    local query = { sort_by = "ttl", sort_order = "asc", page_size = 2 }
    local visits = 0
    for token in tokens:iterate(query) do
      if token.ttl <= 600 then visits = visits + 1 end
      if visits == 2 then
        service.faults { { close = true, after = true } }
        service.failure(
          tokens.delete_token, tokens, token.token, { retries = 0 })
        other.upload_tokens:create_token { ttl = 1000 }
      end
    end
    assert.equal(6, visits)
  end)

  it("gives the order that is asked for", function()
    for _, ttl in ipairs { 500, 300, 900, 100, 700 } do
      other.upload_tokens:create_token { ttl = ttl }
    end
    local query = { sort_by = "ttl", sort_order = "asc", page_size = 2 }
    local given = {}
    for token in client.upload_tokens:iterate(query) do
      given[#given + 1] = token.ttl
    end
    assert.same({ 100, 300, 500, 700, 900 }, given)
  end)

  it("fetches lazily, and can be left at any point", function()
    service.make_tokens(10, 60)
    local query = { page_size = 2, prefetch = 0 }
    for _ in client.upload_tokens:iterate(query) do break end
    assert.equal(2, #service.requests())
  end)

  it("asks for nothing before the first step", function()
    client.upload_tokens:iterate()
    client.upload_tokens:pages()
    assert.same({}, service.requests())
  end)

  it("reads a single page only once", function()
    service.make_tokens(10, 60)
    for _ in client.upload_tokens:iterate() do end -- luacheck: ignore 542
    assert.equal(1, #service.requests())
  end)

  it("does not change the caller's query", function()
    local query = { page_size = 5 }
    for _ in client.upload_tokens:iterate(query) do end -- luacheck: ignore 542
    assert.same({ page_size = 5 }, query)
  end)

  for _, order in ipairs(ORDERS) do
    it("deletes all it visits, each once, with " .. name_of(order), function()
      service.make_tokens(1000, 3600)
      local tokens = client.upload_tokens
      local visits = 0
      for token in tokens:iterate(query_of(order, 7)) do
        visits = visits + 1
        tokens:delete_token(token.token) -- fails when visited twice
      end
      assert.equal(1000, visits)
      assert.equal(0, tokens:list().pagination.items_total)
    end)
  end

  it("misses nothing when its own body deletes and creates", function()
    local tokens = client.upload_tokens
    for _, order in ipairs(ORDERS) do
      service.reset()
      service.make_tokens(20, 100)
      local visited = 0
      for token in tokens:iterate(query_of(order, 3)) do
        if token.ttl == 100 then
          visited = visited + 1
          tokens:delete_token(token.token)
          tokens:create_token { ttl = 1000 }
        end
      end
      assert.equal(20, visited, name_of(order))
    end
  end)

  -- The other client changes the list between two reads. In an order by
  -- which the walk steps back, a gap holds deletions or creations, not both:
  -- those that cancel out are what the promise leaves out.
  local function random_walk(seed, prefetch)
    local random = new_random(seed)
    local order = ORDERS[seed % #ORDERS + 1]
    local lasting, extra = {}, {}
    local function create()
      local token = other.upload_tokens:create_token { ttl = random(1, 9) * 100 }
      extra[#extra + 1] = token.token
    end
    local function delete()
      if #extra == 0 then return end
      other.upload_tokens:delete_token(table.remove(extra, random(1, #extra)))
    end
    service.reset()
    for _ = 1, random(0, 12) do create() end
    for _ = 1, random(0, #extra) do
      lasting[table.remove(extra, random(1, #extra))] = 0
    end
    local visits = {}
    local query = query_of(order, random(1, 5))
    query.prefetch = prefetch or random(0, 1)
    -- The list changes between any two reads, that for the total and that of
    -- the last page included. In an order by which the walk steps back, a gap
    -- holds deletions or creations by the other client, never both: they take
    -- turns only when a read began and ended with nothing changed meanwhile.
    local caller = client.caller
    local begin, finish = caller.begin, caller.finish
    local change
    local changed, changed_before = 0, {}
    -- A list that always grows faster than it is read has no end: with pages
    -- read at the same time, chance made thousands of tokens for one walk.
    local function disturb()
      if changed >= MOST_CHANGES then return end
      for _ = 1, random(0, 2) do
        if is_newest_first(order) or not change then
          change = random(0, 1) == 0 and create or delete
        end
        change()
        changed = changed + 1
      end
    end
    function caller.begin(...)
      disturb()
      -- Whoever is read at the same time may come first, or not.
      if query.prefetch > 1 and random(0, 5) == 0 then
        service.faults { { delay = 0.003 } }
      end
      local call, err = begin(...)
      changed_before[call] = changed
      if random(0, 1) == 0 then client.core:step(0) end
      return call, err
    end
    function caller.finish(_, call, operation)
      local ok, page, response = finish(caller, call, operation)
      if changed_before[call] == changed then change = nil end
      return ok, page, response
    end
    for token in client.upload_tokens:iterate(query) do
      visits[token.token] = (visits[token.token] or 0) + 1
      if random(0, 2) == 0 then disturb() end
    end
    caller.begin, caller.finish = nil, nil -- its class has them
    for token in pairs(lasting) do
      local message = "seed %d, %s: %s was given %s times"
      assert(visits[token] == 1, message:format(
        seed, name_of(order), token, tostring(visits[token])))
    end
    for token, times in pairs(visits) do
      assert(times == 1, ("seed %d: %s came twice"):format(seed, token))
    end
  end

  it("keeps its promise in 1,000 random walks", function()
    local runs = os.getenv "APIVIDEO_GC" == "1" and 50 or 1000
    for seed = 1, runs do random_walk(seed) end
  end)

  it("keeps it in 200 more with pages read at the same time", function()
    local runs = os.getenv "APIVIDEO_GC" == "1" and 20 or 200
    for seed = 1, runs do random_walk(seed, 2 + seed % 7) end
  end)

  it("ends although the total goes up and down at every read", function()
    local reads = 0
    local reader = { most = 0, count = 0 }
    function reader.drop() end
    function reader.fetch() end
    function reader.holds() return false end
    function reader.checked(_, page) return page end
    function reader.get(_, number)
      reads = reads + 1
      local data = {}
      for place = number * 2 - 1, number * 2 do data[#data + 1] = place end
      local total = reads % 2 == 0 and 5 or 6
      return { data = data, pagination = {
        pages_total = 3, items_total = total, page_size = 2,
      } }
    end
    local changes = { create_token = 0, delete_token = 0 }
    local read = walk_ordered(reader, 2, changes)
    local seen, count, fresh = {}, 0, 0
    local function give(batch)
      fresh = 0
      for _, place in ipairs(batch) do
        if not seen[place] then fresh = fresh + 1 end
        seen[place] = true
      end
      count = count + fresh
    end
    while read(give, fresh) do end -- luacheck: ignore 542
    assert.equal(6, count)
    assert.is_true(reads < 1000)
  end)

  it("asks again for the page that failed", function()
    service.make_tokens(9, 60)
    local step = client.upload_tokens:iterate { page_size = 3, prefetch = 0 }
    for _ = 1, 3 do step() end
    service.faults { { status = 500, times = 3 } }
    assert.equal("server_error", service.failure(step).kind)
    local count = 3
    for _ in step do count = count + 1 end
    assert.equal(9, count)
  end)
end)
