-- Tasks: what runs beside its caller, on every runtime. PUC Lua 5.1 cannot
-- yield out of pcall: there, apivideo.safe takes its place.

local apivideo = require "apivideo"
local core = require "apivideo.core"
local patience = require "spec.support.patience"
local place = require "spec.support.place"
local service = require "spec.support.service"
local socket = require "socket"

local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"
-- With memory collected all the time, many take too long.
local MANY = os.getenv "APIVIDEO_GC" and 20 or 1000
local YIELDS_IN_PCALL = _VERSION ~= "Lua 5.1" or jit ~= nil

-- A server on which calls arrive and are never answered.
local function silent_server()
  local listener = assert(socket.bind("127.0.0.1", 0))
  listener:settimeout(5)
  local _, port = listener:getsockname()
  return listener, "http://127.0.0.1:" .. port
end

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
        assert(not ok and message:find("attempt to yield", 1, true))
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

  it("goes with its client when both are dropped", function()
    local listener, url = silent_server()
    local gone = setmetatable({}, { __mode = "v" })
    do
      local dropped = service.client { base_url = url }
      gone.client = dropped
      gone.task = dropped:spawn(function() dropped.upload_tokens:list() end)
      dropped:step(0)
    end
    for _ = 1, 3 do collectgarbage() end
    assert.is_nil(gone.client)
    assert.is_nil(gone.task)
    listener:close()
  end)

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
      fail(setmetatable({}, { __tostring = function()
        return "mine " .. UNKNOWN
      end }))
      client:close()
      assert.truthy(told()[1]:find(": mine to1t…MKb", 1, true), told()[1])
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

describe("cancelling", function()
  local client, tokens, listener, silent

  before_each(function()
    service.reset()
    local url
    listener, url = silent_server()
    silent = service.client { base_url = url }
    client = service.client()
    tokens = client.upload_tokens
  end)

  after_each(function()
    silent:close()
    client:close()
    listener:close()
  end)

  -- A task whose call has arrived at the silent server, and its connection.
  local function waiting(body)
    local task = silent:spawn(body or function()
      return silent.upload_tokens:list()
    end)
    listener:settimeout(0)
    local connection
    assert(place.wait(function()
      silent:step(0)
      connection = connection or listener:accept()
      if not connection then return false end
      connection:settimeout(0)
      return connection:receive "*l" == "" -- the request is here
    end))
    return task, connection
  end

  it("ends the task at once", function()
    local task = waiting()
    task:cancel()
    assert.equal("cancelled", task.state)
    local err = service.failure(task.await, task)
    assert.equal("cancelled", err.kind)
    assert.truthy(tostring(err):find("await: cancelled: the task", 1, true))
  end)

  it("closes the connection within 100 ms", function()
    local task, connection = waiting()
    connection:settimeout(5)
    local from = socket.gettime()
    task:cancel()
    local _, why = connection:receive(1)
    assert.equal("closed", why)
    assert.is_true(socket.gettime() - from < patience(0.1))
  end)

  it("lets the task see its call fail", function()
    local safe = service.client({}, "apivideo.safe")
    local seen
    local task = safe:spawn(function()
      local _, err = safe.upload_tokens:list()
      seen = err.kind .. " " .. err.operation
    end)
    task:cancel()
    assert.equal("cancelled list", seen)
    assert.equal("cancelled", task.state)
    safe:close()
  end)

  it("gives up a task that waits again", function()
    local safe = service.client({}, "apivideo.safe")
    local rounds = 0
    local task = safe:spawn(function()
      repeat
        local page = safe.upload_tokens:list()
        rounds = rounds + 1
      until page
    end)
    task:cancel()
    assert.equal("cancelled", task.state)
    assert.equal(1, rounds)
    assert.same({}, safe.upload_tokens:list().data)
    safe:close()
  end)

  if _VERSION == "Lua 5.4" then
    it("closes the variables of a task that waits again", function()
      local closed = load [[
        local client, tokens = ...
        local closed = false
        local task = client:spawn(function()
          local it <close> = setmetatable({}, { __close = function()
            closed = true
          end })
          pcall(tokens.list, tokens)
          tokens:list()
        end)
        task:cancel()
        return closed
      ]](client, tokens)
      assert.is_true(closed)
    end)
  end

  it("leaves the client usable", function()
    local task = client:spawn(tokens.list, tokens)
    task:cancel()
    assert.same({}, tokens:list().data)
  end)

  it("twice, or after the end, does nothing", function()
    local task = client:spawn(tokens.list, tokens)
    task:cancel()
    task:cancel()
    assert.equal("cancelled", task.state)
    local done = client:spawn(function() return 5 end)
    done:cancel()
    assert.equal("done", done.state)
    assert.equal(5, done:await())
  end)

  it("of the running task ends it at its next wait", function()
    local task, reached
    task = client:spawn(function()
      coroutine.yield()
      task:cancel()
      reached = true
      tokens:list()
      reached = "too far"
    end)
    client:step(0)
    assert.equal("cancelled", task.state)
    assert.is_true(reached)
  end)

  it("of one that awaits another leaves that one alone", function()
    local inner = client:spawn(tokens.create_token, tokens, { ttl = 60 })
    local outer = client:spawn(function() return inner:await() end)
    outer:cancel()
    assert.equal("cancelled", outer.state)
    assert.equal(60, inner:await().ttl)
  end)

  it("of one that is awaited fails who awaits it", function()
    local inner = client:spawn(tokens.list, tokens)
    local outer = client:spawn(function() return inner:await() end)
    inner:cancel()
    local err = service.failure(outer.await, outer)
    assert.equal("cancelled", err.kind)
    assert.equal("failed", outer.state)
  end)

  it("of one that a task of its own awaits is passed over by others",
    function()
      local other = client:spawn(tokens.create_token, tokens, { ttl = 60 })
      client:spawn(tokens.list, tokens):cancel()
      assert.equal(60, other:await().ttl)
    end)

  it("a thousand times leaks neither descriptors nor memory", function()
    local function cancel_some()
      for _ = 1, MANY / 10 do
        local task = client:spawn(tokens.list, tokens)
        client:step(0)
        task:cancel()
      end
    end
    local function descriptors()
      local pipe = io.popen "ls /proc/$PPID/fd | wc -l"
      local count = tonumber(pipe:read "*a")
      pipe:close()
      return count
    end
    cancel_some()
    for _ = 1, 2 do collectgarbage() end
    local memory, open = collectgarbage "count", descriptors()
    for _ = 1, 10 do cancel_some() end
    for _ = 1, 2 do collectgarbage() end
    assert.is_true(collectgarbage "count" - memory < 20)
    assert.is_true(descriptors() <= open + 2)
  end)
end)

describe("closing the client", function()
  it("cancels its tasks", function()
    service.reset()
    local client = service.client()
    local tokens = client.upload_tokens
    local waiting = client:spawn(tokens.list, tokens)
    local awaiting = client:spawn(function() return waiting:await() end)
    local idle = client:spawn(function() coroutine.yield() end)
    client:close()
    for _, task in ipairs { waiting, awaiting, idle } do
      assert.equal("cancelled", task.state)
    end
    assert.equal("cancelled", service.failure(waiting.await, waiting).kind)
  end)

  it("from inside a task ends that task, too", function()
    local client = service.client()
    local other = client:spawn(function() client.upload_tokens:list() end)
    local kind
    local task = client:spawn(function()
      client:close()
      kind = service.failure(client.upload_tokens.list,
        client.upload_tokens).kind
    end)
    assert.equal("closed", kind)
    assert.equal("cancelled", task.state)
    assert.equal("cancelled", other.state)
  end)
end)

describe("step", function()
  local client, tokens

  before_each(function()
    service.reset()
    client = service.client { driver = "step" }
    tokens = client.upload_tokens
  end)

  after_each(function() client:close() end)

  it("returns how many calls are in flight", function()
    assert.equal(0, client:step())
    service.faults { { delay = 0.1, times = 3 } }
    for _ = 1, 3 do client:spawn(tokens.list, tokens) end
    assert.equal(3, client:step(0))
    repeat until client:step(1) == 0
  end)

  it("with 0 never waits", function()
    service.faults { { delay = 0.5 } }
    client:spawn(tokens.list, tokens)
    local from, steps = core.now(), 0
    repeat steps = steps + 1 until client:step(0) == 0
    assert.is_true(steps > 100, steps)
    assert.is_true(core.now() - from >= 0.5)
  end)

  it("waits no longer than it may", function()
    service.faults { { delay = 0.5 } }
    client:spawn(tokens.list, tokens)
    local from = core.now()
    client:step(0.05)
    local waited = core.now() - from
    assert.is_true(waited >= 0.05 and waited < patience(0.3), waited)
  end)

  it("returns when something has happened", function()
    client:spawn(tokens.list, tokens)
    local from = core.now()
    repeat until client:step(30) == 0
    assert.is_true(core.now() - from < patience(5))
  end)

  it("does not wait when nothing is in flight", function()
    local from = core.now()
    client:step(5)
    assert.is_true(core.now() - from < patience(1))
  end)
end)

-- What is called in the wrong place or with the wrong things.
describe("misuse of tasks", function()
  local client, stepped

  before_each(function()
    service.reset()
    client = service.client()
    stepped = service.client { driver = "step" }
  end)

  after_each(function()
    client:close()
    stepped:close()
  end)

  local function says(expected, ...)
    local message = service.misuse(...)
    assert.truthy(message:find(expected, 1, true), message)
  end

  -- The message that a task fails with.
  local function task_says(expected, task)
    local ok, message = pcall(task.await, task)
    assert.is_false(ok)
    assert.truthy(tostring(message):find(expected, 1, true), message)
  end

  it("is a task that is no function", function()
    says("bad argument #1 to 'spawn' (a task must be a function, got 5)",
      client.spawn, client, 5)
  end)

  it("is a call outside of tasks when only tasks may wait", function()
    says("'list' would have to wait here: with driver = \"step\", call it"
      .. " inside client:spawn(function() … end)",
      stepped.upload_tokens.list, stepped.upload_tokens)
    assert.same({}, service.requests())
  end)

  it("is await where only tasks may wait", function()
    local task = stepped:spawn(
      stepped.upload_tokens.list, stepped.upload_tokens)
    says("'await' would have to wait here", task.await, task)
    repeat until stepped:step(1) == 0
    assert.same({}, task:await().data)
  end)

  it("is a walk where only tasks may wait", function()
    says("'iterate' would have to wait here", stepped.upload_tokens:iterate())
    says("'parallel' would have to wait here", stepped.parallel, stepped,
      { 1 }, function() end)
  end)

  it("is step inside a task", function()
    task_says("step cannot be called inside a task: ",
      client:spawn(function() client:step(0) end))
  end)

  it("is a time for step that is none", function()
    says("bad argument #1 to 'step' (seconds must be a number from 0 to"
      .. " 1000000, got -1)", client.step, client, -1)
    says("got \"x\")", client.step, client, "x")
    says("got nan)", client.step, client, 0 / 0)
  end)

  it("is a task that awaits itself", function()
    local task
    task = client:spawn(function()
      coroutine.yield()
      task:await()
    end)
    task_says("a task cannot await itself", task)
  end)

  it("is one that awaits itself from a coroutine of its own", function()
    local task
    task = client:spawn(function()
      coroutine.yield()
      return coroutine.wrap(function() return task:await() end)()
    end)
    task_says("a task cannot await itself", task)
  end)

  it("is tasks that await each other", function()
    local first, second
    first = client:spawn(function()
      coroutine.yield()
      return second:await()
    end)
    second = client:spawn(function() return first:await() end)
    task_says("await would never end: that task waits for this one", first)
    task_says("await would never end: that task waits for this one", second)
  end)

  -- A task that waits for itself, where no one task can see it.
  local function entangled()
    local task
    task = client:spawn(function()
      coroutine.yield()
      client:parallel({ 1 }, function() task:await() end)
    end)
    return task
  end

  it("is await for what can never happen", function()
    local task = entangled()
    says("await would never end: that task waits for what will not happen",
      task.await, task)
    assert.equal("running", task.state)
    task:cancel()
    assert.equal("cancelled", task.state)
  end)

  it("is parallel for what can never happen", function()
    local task = entangled()
    local waiting
    says("parallel would never end: its tasks wait for what will not happen",
      client.parallel, client, { 1 }, function()
        waiting = true
        task:await()
      end)
    assert.is_true(waiting)
    task:cancel()
    assert.same({}, client.upload_tokens:list().data)
  end)

  it("is a method without its colon", function()
    local task = client:spawn(function() end)
    says("calling 'await' needs a colon: task:await()", task.await)
    says("calling 'cancel' needs a colon: task:cancel()", task.cancel, {})
    says("calling 'spawn' needs a colon: client:spawn(…)",
      client.spawn, print)
    says("calling 'step' needs a colon: client:step(…)", client.step)
    says("calling 'fd' needs a colon", client.fd)
    says("calling 'timeout' needs a colon", client.timeout)
    says("calling 'parallel' needs a colon", client.parallel)
  end)

  it("leaves apivideo usable", function()
    pcall(client.spawn, client)
    assert.is_table(client.upload_tokens:list())
    assert.is_function(apivideo.new)
  end)
end)
