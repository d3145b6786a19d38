-- How tasks end before they are done: they are cancelled, or their client is
-- closed.

local patience = require "spec.support.patience"
local place = require "spec.support.place"
local process = require "spec.support.process"
local service = require "spec.support.service"
local silent_server = require "spec.support.silent_server"
local socket = require "socket"
local uploads = require "spec.support.uploads"

-- With memory collected all the time, many take too long.
local MANY = os.getenv "APIVIDEO_GC" and 20 or 1000

local function list(client)
  return client.upload_tokens:list()
end

-- Functions that wait, and fail in a task that was cancelled, by what they do.
-- Each is given a client, a task of it that does not end, a session and what
-- that takes.
local REPEATED = {
  call = list,
  sleep = function(client) return client:sleep(60) end,
  await = function(_, other) return other:await() end,
  ["await with a timeout"] = function(_, other) return other:await(60) end,
  parallel = function(client)
    return client:parallel({ 1, 2 }, function() return list(client) end)
  end,
  step = function(client)
    return client.upload_tokens:iterate()()
  end,
  upload = function(client)
    return client.videos:upload_with_upload_token("to1", { data = "x" })
  end,
  piece = function(_, _, session, bytes)
    return session:upload_part(bytes)
  end,
  ["last piece"] = function(_, _, session, bytes)
    return session:upload_last_part(bytes)
  end,
}

-- Begins a task that does so until it gets something.
-- → the task, and what tells how often it has tried
local function repeat_for_ever(client, repeated)
  local other = client:spawn(client.sleep, client, 60)
  local session = client.videos:progressive_upload "to1"
  local rounds, bytes = 0, ("x"):rep(uploads.PART + 1)
  local task = client:spawn(function()
    repeat
      rounds = rounds + 1
      if rounds > 100 then error "it goes on for ever" end
    until repeated(client, other, session, rounds == 1 and bytes or "")
  end)
  return task, function() return rounds end
end

describe("cancelling", function()
  local client, tokens, listener, silent

  service.with_client(function(...) client, tokens = ... end)

  before_each(function()
    local url
    listener, url = silent_server()
    silent = service.client { base_url = url }
  end)

  after_each(function()
    silent:close()
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

  for what, repeated in pairs(REPEATED) do
    it("gives up a task that repeats its " .. what .. " for ever", function()
      service.faults { { delay = 60, times = 100 } }
      local safe = service.client({}, "apivideo.safe")
      local task, count = repeat_for_ever(safe, repeated)
      safe:step(0)
      task:cancel()
      assert.equal("cancelled", task.state)
      assert.equal(2, count())
      local sent = #service.requests()
      safe:step(0.05)
      assert.equal(sent, #service.requests())
      safe:close()
    end)
  end

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
    cancel_some()
    for _ = 1, 2 do collectgarbage() end
    local memory, open = collectgarbage "count", process.descriptors()
    for _ = 1, 10 do cancel_some() end
    for _ = 1, 2 do collectgarbage() end
    -- What is compiled meanwhile counts as well; each task would be more.
    local grown = collectgarbage "count" - memory
    assert.is_true(grown < 100, grown)
    assert.is_true(process.descriptors() <= open + 2)
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

  it("leaves tasks that have ended as they are", function()
    local client = service.client()
    local done = client:spawn(function() return 5 end)
    local failed = client:spawn(function() error("no", 0) end)
    client:close()
    assert.equal("done failed", done.state .. " " .. failed.state)
    assert.equal(5, done:await())
    assert.equal("no", select(2, pcall(failed.await, failed)))
  end)

  for what, repeated in pairs(REPEATED) do
    it("gives up a task that repeats its " .. what .. " for ever", function()
      local safe = service.client({}, "apivideo.safe")
      local task, count = repeat_for_ever(safe, repeated)
      safe:close()
      assert.equal("cancelled", task.state)
      assert.equal(2, count())
    end)
  end

  it("keeps new tasks from making calls", function()
    local client = service.client()
    client:close()
    local tokens = client.upload_tokens
    local task = client:spawn(tokens.list, tokens)
    assert.equal("failed", task.state)
    assert.equal("closed", service.failure(task.await, task).kind)
    assert.equal(5, client:spawn(function() return 5 end):await())
  end)

  it("leaves tasks that begin others as they are, at any depth", function()
    local client = service.client()
    client:close()
    local begun = 0
    local function begin(depth)
      begun = begun + 1
      if depth > 0 then client:spawn(begin, depth - 1) end
    end
    client:spawn(begin, 100)
    assert.equal(101, begun)
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
