local core = require "apivideo.core"
local faults = require "spec.support.faults"
local place = require "spec.support.place"
local service = require "spec.support.service"
local silent_server = require "spec.support.silent_server"

local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"

describe("parallel", function()
  local client, tokens

  service.with_client(function(...) client, tokens = ... end, { max_connections = 32 })

  it("gives what the function returned, in the order of the items", function()
    -- The first is answered last.
    service.faults { { delay = 0.1 } }
    local ttls = client:parallel({ 10, 20, 30, 40 }, function(ttl)
      return tokens:create_token({ ttl = ttl }).ttl
    end)
    assert.same({ 10, 20, 30, 40, n = 4 }, ttls)
  end)

  it("tells the function which item it is", function()
    assert.same({ "a1", "b2", n = 2 }, client:parallel({ "a", "b" },
      function(item, index) return item .. index end))
  end)

  it("of nothing is nothing", function()
    assert.same({ n = 0 }, client:parallel({}, function() error "called" end))
    assert.same({}, service.requests())
  end)

  it("leaves out what is nil", function()
    local results = client:parallel({ 1, 2, 3 }, function(item)
      if item ~= 2 then return item end
    end)
    assert.same({ 1, nil, 3, n = 3 }, results)
  end)

  it("takes its items one after the other when none of them waits", function()
    local order = {}
    local items = {}
    for i = 1, os.getenv "APIVIDEO_GC" and 50 or 5000 do items[i] = i end
    client:parallel(items, function(item) order[#order + 1] = item end)
    assert.same(items, order)
  end)

  for _, most in ipairs { 1, 3, 16 } do
    it("has " .. most .. " at work when that is allowed", function()
      local now, peak = 0, 0
      local items = {}
      for i = 1, 20 do items[i] = i end
      client:parallel(items, function()
        now = now + 1
        peak = math.max(peak, now)
        tokens:list()
        now = now - 1
      end, { concurrency = most })
      assert.equal(most, peak)
    end)
  end

  it("has their calls in flight at the same time", function()
    service.faults { { delay = 0.2, times = 16 } }
    local items = {}
    for i = 1, 16 do items[i] = i end
    local from = core.now()
    client:parallel(items, function() return tokens:list() end)
    assert.is_true(core.now() - from < 16 * 0.2 / 2)
  end)

  it("sends so many requests at once, and never more", function()
    local listener, url = silent_server()
    local slow = service.client { base_url = url }
    local task = slow:spawn(function()
      return slow:parallel({ 1, 2, 3, 4, 5, 6, 7 }, function()
        return slow.upload_tokens:list()
      end, { concurrency = 3 })
    end)
    listener:settimeout(0)
    local waiting, most = {}, 0 -- connections with a request, not answered
    local connections = {}
    local function receive()
      slow:step(0)
      connections[#connections + 1] = listener:accept()
      for _, connection in ipairs(connections) do
        connection:settimeout(0)
        while connection:receive "*l" do waiting[connection] = true end
      end
      local count = 0
      for _ in pairs(waiting) do count = count + 1 end
      most = math.max(most, count)
      return count
    end
    for left = 7, 1, -1 do
      local expected = math.min(left, 3)
      assert(place.wait(function() return receive() == expected end))
      for _ = 1, 20 do receive() end -- no more come
      local answered = next(waiting)
      waiting[answered] = nil
      answered:send(faults.answer("200 OK", faults.PAGE_BODY))
    end
    assert.equal(7, #task:await())
    assert.equal(3, most)
    slow:close()
    listener:close()
  end)

  it("raises the first failure", function()
    local err = service.failure(client.parallel, client, { UNKNOWN },
      function(id) return tokens:get_token(id) end)
    assert.equal("not_found", err.kind)
  end)

  it("cancels the rest after a failure", function()
    service.faults { { delay = 30, times = 3, match = { method = "POST" } } }
    local seen = {}
    local from = core.now()
    local items = { "create", "create", "get", "create", "create" }
    service.failure(client.parallel, client, items, function(item, index)
      seen[#seen + 1] = index
      if item == "get" then return tokens:get_token(UNKNOWN) end
      return tokens:create_token()
    end, { concurrency = 3 })
    assert.is_true(core.now() - from < 10)
    assert.same({ 1, 2, 3 }, seen) -- and no other one was begun
    assert.equal(0, client:step(0))
  end)

  it("raises errors that are none of ours as they are", function()
    local value = {}
    local ok, err = pcall(client.parallel, client, { 1 },
      function() error(value) end)
    assert.is_false(ok)
    assert.equal(value, err)
  end)

  it("gives errors in a table of their own when it collects", function()
    local id = tokens:create_token({ ttl = 60 }).token
    local results, errors = client:parallel({ id, UNKNOWN, id, "?" }, function(each)
      return tokens:get_token(each)
    end, { on_error = "collect" })
    assert.equal(60, results[1].ttl)
    assert.equal("not_found", errors[2].kind)
    assert.equal(60, results[3].ttl)
    assert.is_string(errors[4]) -- misuse
    assert.is_nil(results[2])
    assert.is_nil(errors[1])
    assert.equal(4, results.n)
  end)

  it("of apivideo.safe takes nil and an error for a failure", function()
    local safe = service.client({}, "apivideo.safe")
    local function get(id) return safe.upload_tokens:get_token(id) end
    local results, err = safe:parallel({ UNKNOWN, UNKNOWN }, get)
    assert.is_nil(results)
    assert.equal("not_found", err.kind)
    local _, errors = safe:parallel({ UNKNOWN }, get, { on_error = "collect" })
    assert.equal("not_found", errors[1].kind)
    safe:close()
  end)

  it("works inside a task", function()
    local task = client:spawn(function()
      return client:parallel({ 10, 20 }, function(ttl)
        return tokens:create_token({ ttl = ttl }).ttl
      end)
    end)
    assert.same({ 10, 20, n = 2 }, task:await())
  end)

  it("works inside itself", function()
    local results = client:parallel({ 10, 20 }, function(ttl)
      return client:parallel({ 1, 2 }, function(more)
        return tokens:create_token({ ttl = ttl + more }).ttl
      end)
    end)
    assert.same({ { 11, 12, n = 2 }, { 21, 22, n = 2 }, n = 2 }, results)
  end)

  it("is cancelled with the task that waits for it", function()
    service.faults { { delay = 30, times = 2 } }
    local begun = 0
    local task = client:spawn(function()
      return client:parallel({ 1, 2, 3 }, function()
        begun = begun + 1
        return tokens:list()
      end, { concurrency = 2 })
    end)
    client:step(0)
    task:cancel()
    assert.equal("cancelled", task.state)
    assert.equal(2, begun)
    assert.equal(0, client:step(0))
  end)

  it("fails as closed on a closed client", function()
    client:close()
    local err = service.failure(client.parallel, client, { 1 },
      function() return tokens:list() end)
    assert.equal("closed", err.kind)
    assert.equal("parallel: closed: the client is closed", err.message)
  end)

  it("says so where its function closes the client", function()
    local words = "parallel: cancelled: the client was closed"
    local one
    local function close()
      coroutine.yield() -- so that all are at work
      one:close()
    end
    for _, body in ipairs { close, function()
      close()
      one.upload_tokens:list()
    end } do
      one = service.client()
      local err = service.failure(one.parallel, one, { 1, 2, 3 }, body)
      assert.equal(words, err.message)
      one = service.client()
      local _, errors = one:parallel({ 1, 2, 3 }, body, { on_error = "collect" })
      for i = 1, 3 do assert.equal(words, errors[i].message) end
    end
  end)

  it("takes the empty list of table.pack", function()
    assert.same({ n = 0 }, client:parallel({ n = 0 }, error))
  end)

  it("is not told of as something that nobody awaited", function()
    local events = {}
    local logged = service.client {
      log = function(event)
        if event.kind ~= "warning" then events[#events + 1] = event.kind end
      end, -- an old libcurl is warned of
    }
    pcall(logged.parallel, logged, { 1 }, function() error "no" end)
    for _ = 1, 2 do collectgarbage() end
    logged:close()
    assert.same({}, events)
  end)

  local MISUSE = {
    { { 5, print }, "bad argument #1 to 'parallel' (items must be a list or an iterator, got 5)" },
    { { {}, "x" }, "bad argument #2 to 'parallel' (what to do with an item"
      .. " must be a function, got \"x\")" },
    { { {}, print, { concurrency = 0 } }, "bad argument #3 to 'parallel'"
      .. " (concurrency must be an integer from 1 to 10000, got 0)" },
    { { {}, print, { concurrency = 1.5 } }, "got 1.5)" },
    { { {}, print, { concurrency = false } }, "got false)" },
    { { {}, print, { on_error = "stop" } },
      'on_error must be "collect" or nil, got "stop")' },
    { { { a = 1 }, print }, "items must be a list, got a table that is none" },
    { { { data = { 1 }, pagination = {} }, print },
      "got a table that is none; of a page, give its data)" },
    { { {}, print, { concurency = 2 } }, 'did you mean "concurrency"?' },
  }

  for _, case in ipairs(MISUSE) do
    it("says: " .. case[2], function()
      local message = service.misuse(client.parallel, client,
        case[1][1], case[1][2], case[1][3])
      assert.truthy(message:find(case[2], 1, true), message)
    end)
  end

  it("collects whatever errors there are", function()
    local results, errors = client:parallel({ 1, 2, 3, 4 }, function(item)
      if item == 1 then error("out of disk", 0) end
      if item == 2 then error() end
      if item == 3 then return tokens:get_token(UNKNOWN) end
      return nil
    end, { on_error = "collect" })
    assert.same({ n = 4 }, results)
    assert.equal("out of disk", errors[1])
    assert.is_not_nil(errors[2])
    assert.equal("not_found", errors[3].kind)
    assert.is_nil(errors[4])
    results, errors = client:parallel({ 1 }, function() return nil end,
      { on_error = "collect" })
    assert.same({ n = 1 }, results)
    assert.is_nil(errors)
  end)
end)
