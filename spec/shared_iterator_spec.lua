-- Several tasks share one iterator: each token, or page, comes once, whoever
-- asks.

local core = require "apivideo.core"
local new_random = require "spec.support.random"
local patience = require "spec.support.patience"
local service = require "spec.support.service"

local ORDERS = {
  {}, -- none asked for
  { sort_by = "created_at", sort_order = "asc" },
  { sort_by = "ttl", sort_order = "asc" },
  { sort_by = "ttl", sort_order = "desc" },
}

local IS_LUA51 = _VERSION == "Lua 5.1" and not jit
local UNHEARD_OF = { delay = 0.002 }

describe("an iterator that tasks share", function()
  local client, tokens, other

  before_each(function()
    service.reset()
    client = service.client()
    other = service.client()
    tokens = client.upload_tokens
  end)

  after_each(function()
    client:close()
    other:close()
  end)

  -- What so many workers get, by id: how often.
  -- A step of apivideo.safe that failed is asked for again.
  local function pull(next_item, workers, work, its_client)
    local visits, tasks = {}, {}
    for i = 1, workers do
      tasks[i] = (its_client or client):spawn(function()
        local item = next_item()
        while item ~= nil do
          if item then
            local id = item.token or item.pagination.current_page
            visits[id] = (visits[id] or 0) + 1
            if work then work(item) end
          end
          item = next_item()
        end
      end)
    end
    for i = 1, workers do tasks[i]:await() end
    return visits
  end

  -- How many tokens come from an iterator to its end.
  local function count_from(next_token)
    local count = 0
    while next_token() do count = count + 1 end
    return count
  end

  local function assert_each_once(count, visits)
    local seen = 0
    for id, times in pairs(visits) do
      assert.equal(1, times, id)
      seen = seen + 1
    end
    assert.equal(count, seen)
  end

  for _, order in ipairs(ORDERS) do
    for _, prefetch in ipairs { 0, 1, 8 } do
      it(("gives each token once: sort_by %s, prefetch %d"):format(tostring(order.sort_by), prefetch), function()
        service.make_tokens(100, 60)
        for workers = 1, 6 do
          local visits = pull(tokens:iterate {
            sort_by = order.sort_by, sort_order = order.sort_order, prefetch = prefetch, page_size = 7,
          }, workers, function(token) tokens:get_token(token.token) end)
          assert_each_once(100, visits)
        end
      end)
    end
  end

  it("gives each page once", function()
    service.make_tokens(100, 60)
    for workers = 1, 6 do
      local visits = pull(tokens:pages { page_size = 7 }, workers)
      assert_each_once(15, visits)
    end
  end)

  it("lets workers delete all", function()
    service.make_tokens(100, 60)
    pull(tokens:iterate { page_size = 9 }, 8, function(token)
      tokens:delete_token(token.token)
    end)
    assert.equal(0, tokens:list().pagination.items_total)
  end)

  it("is shared by tasks and the main program", function()
    service.make_tokens(30, 60)
    local next_token = tokens:iterate { page_size = 3 }
    local task = client:spawn(count_from, next_token)
    assert.equal(30, count_from(next_token) + task:await())
  end)

  it("is free for tasks as soon as the main program has read", function()
    service.make_tokens(2, 60)
    service.faults { { delay = 0.05 } }
    local next_token = tokens:iterate()
    local task = client:spawn(function()
      client:sleep(0.01)
      return next_token()
    end)
    local first = next_token()
    local from = core.now()
    assert.not_equal(first.token, task:await().token)
    assert.is_true(core.now() - from < patience(0.4))
  end)

  it("goes on when whoever reads is cancelled, or given up", function()
    if IS_LUA51 then return end
    for _, repeats in ipairs { 1, 5 } do
      service.reset()
      service.make_tokens(30, 60)
      local next_token, count = tokens:iterate { page_size = 3 }, 0
      service.faults { { delay = 0.05 } }
      local reader = client:spawn(function()
        for _ = 1, repeats do
          if pcall(next_token) then count = count + 1 end
        end
      end)
      local waits = client:spawn(count_from, next_token)
      client:step(0)
      reader:cancel()
      assert.equal(30, count + waits:await())
    end
  end)

  it("goes on when whoever waits for their turn is cancelled", function()
    service.make_tokens(30, 60)
    local next_token = tokens:iterate { page_size = 3 }
    service.faults { { delay = 0.05 } }
    local reader = client:spawn(count_from, next_token)
    local waits = client:spawn(count_from, next_token)
    client:step(0)
    waits:cancel()
    assert.equal(30, reader:await())
    assert.equal("cancelled", service.failure(waits.await, waits).kind)
  end)

  it("asks again for the page that failed, whoever asks", function()
    service.make_tokens(30, 60)
    local impatient = service.client { retries = 0 }
    local safe = service.client({ retries = 0 }, "apivideo.safe")
    for _, it_fails in ipairs { impatient, safe } do
      local next_token = it_fails.upload_tokens:iterate { page_size = 3, prefetch = 0 }
      local count, failures = 0, 0
      for i = 1, 3 do
        it_fails:spawn(function()
          local ends = false
          while not ends do
            local token, err
            if it_fails == impatient and not IS_LUA51 then
              local ok
              ok, token = pcall(next_token)
              if not ok then token, err = false, token end
            else
              token, err = next_token()
            end
            if token then count = count + 1 end
            if err then failures = failures + 1 end
            ends = token == nil
            if count == 10 * i then service.faults { { status = 500 } } end
          end
        end)
      end
      if not (it_fails == impatient and IS_LUA51) then
        it_fails:run()
        assert.equal(30, count)
        assert.is_true(failures > 0)
      end
      service.faults {}
    end
    impatient:close()
    safe:close()
  end)

  it("says so when it is called within its own step", function()
    local next_token
    local nosy = service.client { log = function() if next_token then next_token() end end }
    service.make_tokens(3, 60)
    next_token = nosy.upload_tokens:iterate()
    local message = service.misuse(next_token)
    assert.truthy(message:find("iterate: this iterator is busy with a step", 1, true), message)
    next_token = nil
    nosy:close()
  end)

  it("is usable after an error of the log", function()
    service.make_tokens(9, 60)
    local raises = true
    local logged = service.client { log = function() if raises then error("oh", 0) end end }
    local next_token = logged.upload_tokens:iterate { page_size = 2 }
    assert.same({ false, "oh" }, { pcall(next_token) })
    raises = false
    local count = 0
    for _ in next_token do count = count + 1 end
    assert.equal(9, count)
    logged:close()
  end)

  -- Own and foreign changes, and an answer in ten that fails. In an order by
  -- which the walk steps back, nobody else changes the list.
  local function random_walk(seed)
    local random = new_random(seed)
    local order = ORDERS[seed % #ORDERS + 1]
    local newest_first = order.sort_by == nil
    local lasting, extra, changes = {}, {}, 0
    local walking = service.client({ retries = 0 }, "apivideo.safe")
    service.reset()
    local function create(by)
      local token = by.upload_tokens:create_token { ttl = random(1, 9) * 100 }
      extra[#extra + 1] = token.token -- others may have changed it meanwhile
    end
    local function delete(by)
      if #extra == 0 then return end
      by.upload_tokens:delete_token(table.remove(extra, random(1, #extra)))
    end
    for _ = 1, random(0, 14) do create(other) end
    for _ = 1, random(0, #extra) do
      lasting[table.remove(extra, random(1, #extra))] = true
    end
    local faults = {}
    for i = 1, 40 do
      local kind = random(1, 10)
      faults[i] = kind == 1 and { status = 503, match = { method = "GET" } }
        or kind == 2 and UNHEARD_OF or { match = { path = "/none" } }
    end
    service.faults(faults)
    local busy = false
    local visits = pull(walking.upload_tokens:iterate {
      sort_by = order.sort_by, sort_order = order.sort_order,
      page_size = random(1, 5), prefetch = random(0, 3),
    }, random(1, 6), function()
      if changes > 30 or busy then return end
      changes = changes + 1
      local change = random(0, 1) == 0 and create or delete
      if newest_first and random(0, 1) == 0 then
        busy = true -- it steps, and other tasks go on meanwhile
        change(other)
        busy = false
      elseif random(0, 2) == 0 then
        change(walking)
      end
    end, walking)
    walking:close()
    for id in pairs(lasting) do
      assert(visits[id] == 1, ("seed %d: %s came %s times"):format(seed, id, tostring(visits[id])))
    end
    for id, times in pairs(visits) do
      assert(times == 1, ("seed %d: %s came %d times"):format(seed, id, times))
    end
  end

  it("keeps its promise in 1,000 random walks", function()
    local runs = os.getenv "APIVIDEO_GC" == "1" and 30 or 1000
    for seed = 1, runs do random_walk(seed) end
  end)
end)
