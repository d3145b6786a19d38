-- Tasks: what runs beside its caller, on every runtime. PUC Lua 5.1 cannot
-- yield out of pcall: there, apivideo.safe takes its place.

local place = require "spec.support.place"
local service = require "spec.support.service"
local silent_server = require "spec.support.silent_server"

local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"
-- With memory collected all the time, many take too long.
local MANY = os.getenv "APIVIDEO_GC" and 20 or 1000
local YIELDS_IN_PCALL = _VERSION ~= "Lua 5.1" or jit ~= nil

describe("a task", function()
  local client, tokens, events

  before_each(function()
    service.reset()
    events = {}
    client = service.client {
      log = function(event) events[#events + 1] = event end,
    }
    tokens = client.upload_tokens
  end)

  after_each(function() client:close() end)

  local function told()
    local list = {}
    for _, event in ipairs(events) do
      if event.kind == "task" then list[#list + 1] = event.message end
    end
    return list
  end

  it("begins at once, and runs until it waits", function()
    local reached = 0
    local task = client:spawn(function()
      reached = 1
      tokens:list()
      reached = 2
    end)
    assert.equal(1, reached)
    assert.equal("running", task.state)
    task:await()
    assert.equal(2, reached)
    assert.equal("done", task.state)
  end)

  it("gives all its results, nil among them", function()
    local task = client:spawn(function(a, b) return nil, a, b, nil end, 1, 2)
    assert.equal(4, select("#", task:await()))
    assert.same({ nil, 1, 2 }, { task:await() })
  end)

  it("that never waits has ended when spawn returns", function()
    assert.equal("done", client:spawn(function() end).state)
    local failed = client:spawn(function() error "no" end)
    assert.equal("failed", failed.state)
    pcall(failed.await, failed)
  end)

  it("fails with the error of its call", function()
    local task = client:spawn(tokens.get_token, tokens, UNKNOWN)
    local err = service.failure(task.await, task)
    assert.equal("not_found", err.kind)
    assert.equal("failed", task.state)
    assert.equal(err, service.failure(task.await, task))
  end)

  for name, value in pairs {
    ["a table"] = {}, ["a number"] = 5, ["false"] = false,
  } do
    it("fails with " .. name .. " as it was raised", function()
      local task = client:spawn(function() error(value, 0) end)
      local ok, err = pcall(task.await, task)
      assert.is_false(ok)
      assert.equal(value, err)
    end)
  end

  it("of apivideo.safe gives nil and the error", function()
    local safe = service.client({}, "apivideo.safe")
    local task = safe:spawn(function()
      local token, err = safe.upload_tokens:get_token(UNKNOWN)
      return token, err.kind
    end)
    assert.same({ nil, "not_found" }, { task:await() })
    local cancelled = safe:spawn(function() safe.upload_tokens:list() end)
    cancelled:cancel()
    local value, err = cancelled:await()
    assert.is_nil(value)
    assert.equal("cancelled", err.kind)
    safe:close()
  end)

  it("moves on while the main program blocks in a call", function()
    local task = client:spawn(function()
      for _ = 1, 3 do tokens:list() end
    end)
    service.faults { { delay = 0.1, match = { method = "POST" } } }
    tokens:create_token()
    assert.equal("done", task.state)
  end)

  it("goes on at the next step when it yields by itself", function()
    local count = 0
    local task = client:spawn(function()
      for _ = 1, 3 do
        count = count + 1
        coroutine.yield()
      end
      return "done"
    end)
    for expected = 1, 3 do
      assert.equal(expected, count)
      client:step(0)
    end
    assert.equal("done", task:await())
  end)

  it("can make tasks, and await them", function()
    local task = client:spawn(function()
      local inner = client:spawn(tokens.create_token, tokens, { ttl = 60 })
      return inner:await().ttl
    end)
    assert.equal(60, task:await())
  end)

  it("is awaited by many", function()
    local first = client:spawn(tokens.create_token, tokens, { ttl = 60 })
    local waiting = {}
    for i = 1, 5 do
      waiting[i] = client:spawn(function() return first:await().ttl + i end)
    end
    for i = 1, 5 do assert.equal(60 + i, waiting[i]:await()) end
  end)

  it("may be the last of " .. MANY .. " that await each other", function()
    local last = client:spawn(tokens.create_token, tokens, { ttl = 60 })
    for _ = 1, MANY do
      local before = last
      last = client:spawn(function() return before:await() end)
    end
    assert.equal(60, last:await().ttl)
  end)

  it("is one of " .. MANY .. " at once", function()
    local id = tokens:create_token({ ttl = 60 }).token
    local list = {}
    for i = 1, MANY do list[i] = client:spawn(tokens.get_token, tokens, id) end
    for i = 1, MANY do assert.equal(60, list[i]:await().ttl) end
  end)

  it("walks over tokens", function()
    service.make_tokens(10, 60)
    local task = client:spawn(function()
      local next_token, count = tokens:iterate { page_size = 3 }, 0
      while next_token() do count = count + 1 end
      return count
    end)
    assert.equal(10, task:await())
  end)

  it("waits for another client's call as the main program does", function()
    local other = service.client()
    local task = client:spawn(function()
      return other.upload_tokens:create_token({ ttl = 60 }).ttl
    end)
    assert.equal("done", task.state)
    assert.equal(60, task:await())
    other:close()
  end)

  it("may have coroutines of its own, whose calls block", function()
    local task = client:spawn(function()
      local ttl = coroutine.wrap(function()
        return tokens:create_token({ ttl = 60 }).ttl
      end)()
      return ttl, tokens:list().pagination.items_total
    end)
    assert.same({ 60, 1 }, { task:await() })
  end)

  if YIELDS_IN_PCALL then
    it("may catch errors", function()
      local task = client:spawn(function()
        local _, err = pcall(tokens.get_token, tokens, UNKNOWN)
        return err.kind
      end)
      assert.equal("not_found", task:await())
    end)
  end

  if not YIELDS_IN_PCALL then
    it("that was kept from waiting goes on when it yields by itself", function()
      local rounds = 0
      local task = client:spawn(function()
        local ok, message = pcall(tokens.list, tokens)
        assert(not ok and message:find("cannot wait here", 1, true))
        for _ = 1, 5 do
          coroutine.yield()
          rounds = rounds + 1
        end
      end)
      assert(place.wait(function()
        client:step(0.01)
        return task.state ~= "running"
      end))
      assert.equal(5, rounds)
    end)

    it("that was kept from waiting is not disturbed by the call's end",
      function()
        local task = client:spawn(function()
          assert.is_false(pcall(tokens.list, tokens))
          return coroutine.wrap(function() -- it blocks, the task does not wait
            service.faults { { delay = 0.1, match = { method = "POST" } } }
            return tokens:create_token({ ttl = 60 }).ttl
          end)()
        end)
        assert.equal(60, task:await())
      end)
  end

  -- What a task may do when it is dropped together with its client.
  local WAITING = {
    ["while it makes a call"] = function(dropped)
      dropped.upload_tokens:list()
    end,
    ["while it awaits another"] = function(dropped)
      dropped:spawn(function() dropped.upload_tokens:list() end):await()
    end,
    ["while it does things in parallel"] = function(dropped)
      dropped:parallel({ 1, 2, 3 }, function() dropped.upload_tokens:list() end)
    end,
    ["while it yields by itself"] = function()
      while true do coroutine.yield() end
    end,
  }

  for where, body in pairs(WAITING) do
    for _, auth in ipairs { "basic", "bearer" } do
      it("goes with its client, " .. auth .. ", " .. where, function()
        local listener, url = silent_server()
        local gone = setmetatable({}, { __mode = "v" })
        local function begin() -- and hold nothing of it
          local dropped = service.client { base_url = url, auth = auth }
          gone.client = dropped
          gone.task = dropped:spawn(body, dropped)
          dropped:step(0)
          assert.equal("running", gone.task.state)
        end
        coroutine.wrap(begin)() -- its stack goes, too
        if jit then jit.flush() end -- traces keep what they have seen
        for _ = 1, 3 do collectgarbage() end
        assert.is_nil(gone.client)
        assert.is_nil(gone.task)
        listener:close()
      end)
    end
  end

  describe("that failed", function()
    local function fail(value)
      client:spawn(function() error(value, 0) end)
    end

    it("is told of when nobody can await it any more", function()
      fail "something went wrong"
      for _ = 1, 2 do collectgarbage() end
      assert.equal(1, #told())
      assert.truthy(told()[1]:find("something went wrong", 1, true))
    end)

    it("is told of when the client is closed", function()
      local task = client:spawn(function() error "oops" end)
      assert.same({}, told())
      client:close()
      assert.equal(1, #told())
      assert.equal("failed", task.state)
    end)

    it("is told of when its log begins others that fail, too", function()
      local count, known = 0, nil
      known = service.client {
        log = function()
          count = count + 1
          if count > 20 then return end
          for _ = 1, 3 do known:spawn(error, "one more", 0) end
        end,
      }
      for _ = 1, 10 do known:spawn(error, "oops", 0) end
      known:close()
      assert.is_true(count >= 10, count)
      for _ = 1, 100 do
        known:close()
        collectgarbage()
      end
      assert.equal(70, count)
    end)

    it("is told of when whoever awaited it was cancelled", function()
      local inner = client:spawn(function()
        coroutine.yield()
        error("lost", 0)
      end)
      client:spawn(function() return inner:await() end):cancel()
      client:step(0)
      client:close()
      assert.equal(1, #told())
    end)

    it("is told of without what its client knows", function()
      local key = "a key of odd words"
      local known = service.client {
        api_key = key, log = function(event) events[#events + 1] = event end,
      }
      known:spawn(function() error("no: " .. key, 0) end)
      known:close()
      assert.equal(1, #told())
      assert.is_nil(told()[1]:find(key, 1, true), told()[1])
    end)

    it("is not told of when one of many still awaits it", function()
      local task = client:spawn(function()
        coroutine.yield()
        error "in time"
      end)
      local function await() task:await() end
      local left, stays = client:spawn(await), client:spawn(await)
      left:cancel()
      pcall(stays.await, stays)
      client:close()
      assert.same({}, told())
    end)

    it("is not told of when it was awaited", function()
      local task = client:spawn(function() error "oops" end)
      pcall(task.await, task)
      task = nil -- luacheck: ignore 311
      for _ = 1, 2 do collectgarbage() end
      client:close()
      assert.same({}, told())
    end)

    it("is told of with the words of its call", function()
      client:spawn(tokens.get_token, tokens, UNKNOWN)
      repeat until client:step(1) == 0
      for _ = 1, 2 do collectgarbage() end
      assert.truthy(told()[1]:find("get_token: not_found: ", 1, true))
      assert.is_nil(told()[1]:find(UNKNOWN, 1, true))
    end)

    it("is told of in whole, on one line, without secrets", function()
      fail(("x"):rep(200) .. "\n" .. UNKNOWN)
      for _ = 1, 2 do collectgarbage() end
      assert.truthy(told()[1]:find(("x"):rep(200), 1, true))
      assert.is_nil(told()[1]:find("\n", 1, true))
      assert.is_nil(told()[1]:find(UNKNOWN, 1, true))
    end)

    it("is told of in a kilobyte at most", function()
      fail(("x"):rep(100000))
      client:close()
      assert.is_true(#told()[1] > 1000 and #told()[1] < 1100)
    end)

    it("is told of in the words that an error of one's own has", function()
      local function words() return "mine " .. UNKNOWN end
      fail(setmetatable({}, { __tostring = words }))
      fail(setmetatable({}, { __tostring = words, __metatable = false }))
      client:close()
      for i = 1, 2 do assert.truthy(told()[i]:find(": mine to1t…MKb", 1, true), told()[i]) end
    end)

    it("is told of as what it is when it has no words", function()
      fail {}
      fail(setmetatable({}, { __tostring = error }))
      client:close()
      assert.equal(2, #told())
      for i = 1, 2 do assert.truthy(told()[i]:find(": table$")) end
    end)
  end)
end)
