-- A walk that is left, by `break`, `return` or an error: its pages in flight
-- are given up, or finish and are dropped, and nobody waits for them.

local place = require "spec.support.place"
local service = require "spec.support.service"

local QUERY = { page_size = 2, prefetch = 5 }
-- How many reads come before those that are fetched ahead.
local READS = { pages = 1, iterate = 2 }
local unpack = table.unpack or unpack
local CLOSES = coroutine.close ~= nil -- luacheck: ignore 143

-- Ways to leave a loop, each called with an iterator's values.
local LEAVE = {
  ["by break"] = function(...)
    for _ in ... do break end
  end,
  ["by return"] = function(...)
    for each in ... do return each end -- luacheck: ignore 512
  end,
  ["by an error"] = function(...)
    pcall(function(...)
      for _ in ... do error "enough" end -- luacheck: ignore 512
    end, ...)
  end,
}

describe("a walk that is left", function()
  local client, tokens

  service.with_client(function(...) client, tokens = ... end, { timeout = 2 })

  -- All that is fetched ahead takes so many seconds.
  local function slow(method, seconds)
    service.make_tokens(40, 60)
    service.faults { { times = READS[method] }, { delay = seconds, times = 99 } }
  end

  for method in pairs(READS) do
    for way, leave in pairs(LEAVE) do
      if CLOSES then
        it(("gives up its pages at once: %s, %s"):format(method, way), function()
          slow(method, 30)
          leave(tokens[method](tokens, QUERY))
          assert.equal(0, client.core:in_flight())
        end)
      end

      it(("holds nobody up: %s, %s"):format(method, way), function()
        slow(method, 0.05)
        local walk = { tokens[method](tokens, QUERY) } -- not to be collected
        leave(unpack(walk, 1, 4))
        client:run()
        assert(place.wait(function() return client:step(0.01) == 0 end))
        assert.equal(0, client.core:in_flight())
        assert.truthy(walk[1])
      end)
    end

    it("waits for no page longer than for a call: " .. method, function()
      slow(method, 30)
      local brief = { timeout = 0.3, retries = 0 }
      local walk = tokens[method](tokens, QUERY, brief)
      walk()
      assert.equal(5, client.core:in_flight())
      assert(place.wait(function() return client:step(0.05) == 0 end))
      assert.truthy(walk)
    end)

    it("goes on when it is asked again: " .. method, function()
      service.make_tokens(40, 60)
      local walk = { tokens[method](tokens, QUERY) }
      local seen, count = {}, 0
      for _ = 1, 50 do
        for each in unpack(walk, 1, 4) do
          local id = each.token or each.pagination.current_page
          assert.is_nil(seen[id])
          seen[id], count = true, count + 1
          break
        end
      end
      assert.equal(method == "pages" and 20 or 40, count)
    end)

    it("keeps nothing: " .. method, function()
      service.make_tokens(40, 60)
      local function leave_some(rounds)
        for _ = 1, rounds do
          LEAVE["by break"](tokens[method](tokens, QUERY))
        end
        collectgarbage()
        collectgarbage()
        assert(place.wait(function() return client:step(0.01) == 0 end))
        collectgarbage()
        return collectgarbage "count"
      end
      leave_some(20)
      local before = leave_some(20)
      assert.is_true(leave_some(100) - before < 20)
      assert.equal(0, client.core:in_flight())
    end)
  end

  if CLOSES then
    it("gives up its pages when its task is given up", function()
      slow("pages", 30)
      local is_inside = false
      local task = client:spawn(function()
        for _ in tokens:pages(QUERY) do
          is_inside = true
          pcall(client.sleep, client, 30)
          client:sleep(30)
        end
      end)
      assert(place.wait(function()
        client:step(0.01)
        return is_inside
      end))
      assert.equal(5, client.core:in_flight())
      task:cancel()
      assert.equal(0, client:step(0))
    end)
  end

  it("leaves the pages of who shares it", function()
    service.make_tokens(40, 60)
    local walk = { tokens:iterate { page_size = 3, prefetch = 4 } }
    local count = 0
    local function take_some(most)
      local taken = 0
      for _ in unpack(walk, 1, 4) do
        count, taken = count + 1, taken + 1
        if taken == most then break end
      end
      return taken
    end
    local tasks = {}
    for i = 1, 4 do
      tasks[i] = client:spawn(function()
        local token = walk[1]()
        while token do
          count = count + 1
          token = walk[1]()
        end
      end)
    end
    while take_some(2) > 0 do end -- luacheck: ignore 542
    for i = 1, 4 do tasks[i]:await() end
    assert.equal(40, count)
  end)
end)
