-- What any event loop can count on: client:fd() is readable when there is
-- something to do, and only then. There is no such descriptor but on Linux.

local faults = require "spec.support.faults"
local patience = require "spec.support.patience"
local place = require "spec.support.place"
local service = require "spec.support.service"
local socket = require "socket"
local watched = require "spec.support.watched"

-- More steps than a call takes that is not polled for.
local FEW = 12

local COLLECTS = os.getenv "APIVIDEO_GC" == "1"

-- Seconds of nothing after which nothing seems to come.
local SILENCE = 0.2

local function new_client(options)
  local all = { driver = "step" }
  for name, value in pairs(options or {}) do all[name] = value end
  return service.client(all, "apivideo.safe")
end

-- A task that makes one call; what it got is in `task.results`.
local function spawn_list(client, options)
  return client:spawn(function()
    return client.upload_tokens:list(nil, options)
  end)
end

describe("a client's descriptor", function()
  local client

  service.with_client(function(...) client = ... end,
    { driver = "step" }, "apivideo.safe")

  it("is the same each time", function()
    local fd = client:fd()
    assert.equal("number", type(fd))
    spawn_list(client)
    watched.finish(client)
    assert.equal(fd, client:fd())
  end)

  it("is nil when the client is closed", function()
    client:close()
    assert.is_nil(client:fd())
    assert.is_nil(client:timeout())
  end)

  it("is all that a call needs", function()
    local task = spawn_list(client)
    local steps = watched.finish(client)
    assert.same({}, task:await().data)
    assert.is_true(steps <= FEW, steps)
  end)

  it("is all that many calls need", function()
    local done = 0
    for _ = 1, 64 do
      client:spawn(function()
        if client.upload_tokens:create_token() then done = done + 1 end
      end)
    end
    local steps = watched.finish(client)
    assert.equal(64, done)
    assert.is_true(steps <= 64 * FEW, steps)
  end)

  it("is silent before the first call", function()
    assert.is_false(watched.readable(client, SILENCE))
  end)

  it("is silent when no call is left", function()
    spawn_list(client)
    watched.finish(client)
    assert.equal(0, watched.count(client, SILENCE))
  end)

  it("is silent while a call waits for its answer", function()
    service.faults { { delay = 1 } }
    local task = spawn_list(client)
    local steps = watched.count(client, 0.8)
    assert.equal("running", task.state)
    assert.is_true(steps <= FEW, steps)
    watched.finish(client)
    assert.same({}, task:await().data)
  end)

  it("is silent when the server closes a connection nobody uses", function()
    local server = faults.open {
      healthy = faults.OPERATIONS.list.healthy,
      script = { { { "send", faults.OPERATIONS.list.healthy },
        { "wait", 0.05 }, { "close" } } },
    }
    local other = new_client { base_url = server.url }
    spawn_list(other)
    watched.finish(other)
    local steps = watched.count(other, 0.3)
    local task = spawn_list(other)
    watched.finish(other)
    other:close()
    server:close()
    assert.equal(0, steps)
    assert.equal(1, #task:await().data)
  end)

  it("tells of a deadline", function()
    service.faults { { delay = 30 } }
    local start = socket.gettime()
    local task = spawn_list(client, { timeout = 0.2 })
    local steps = watched.finish(client)
    local seconds = socket.gettime() - start
    assert.equal("timeout", task.results[2].kind)
    assert.is_true(seconds < 0.2 + patience(COLLECTS and 1 or 0.1), seconds)
    assert.is_true(steps <= FEW, steps)
  end)

  it("tells of the end of a pause between attempts", function()
    service.faults { { status = 503, headers = { ["Retry-After"] = 1 } } }
    local task = spawn_list(client)
    local steps = watched.finish(client)
    assert.equal(2, task.results[2].attempts)
    assert.is_true(steps <= 2 * FEW, steps)
  end)

  it("tells of a connection that fails", function()
    local other = new_client { base_url = "http://127.0.0.1:1", retries = 0 }
    local task = spawn_list(other)
    watched.finish(other)
    other:close()
    assert.equal("connection", task.results[2].kind)
  end)

  it("tells of a name that cannot be looked up, or of the deadline", function()
    local other = new_client {
      base_url = "https://127.0.0.1:9", proxy = "http://absent.invalid:1",
      timeout = 2, retries = 0,
    }
    local task = spawn_list(other)
    local steps = watched.finish(other)
    other:close()
    local kind = task.results[2].kind
    assert.is_true(kind == "connection" or kind == "timeout", kind)
    -- libcurl looks at its thread now and then, less often the longer it takes.
    assert.is_true(steps <= 3 * FEW, steps)
  end)

  it("tells of a call that was cancelled, once", function()
    service.faults { { delay = 30 } }
    local call = client.core:start "list"
    watched.count(client, 0.05)
    call:cancel()
    assert.is_true(watched.readable(client, 0))
    assert.equal(1, watched.count(client, SILENCE))
  end)

  it("tells of a call that was collected, once", function()
    service.faults { { delay = 30 } }
    client.core:start "list"
    collectgarbage()
    collectgarbage()
    assert.equal(0, client.core:in_flight())
    assert.is_true(watched.readable(client, 0))
    assert.equal(1, watched.count(client, SILENCE))
  end)

  it("tells of a task that yields by itself", function()
    local went_on = false
    client:spawn(function()
      coroutine.yield()
      went_on = true
    end)
    collectgarbage()
    collectgarbage()
    watched.drive(client, function() return went_on end)
    assert.equal(0, watched.count(client, SILENCE))
  end)

  it("may be asked for while calls are in flight", function()
    service.faults { { delay = 0.3, times = 2 } }
    local other = service.client()
    local first = spawn_list(other)
    local second = spawn_list(other)
    socket.sleep(0.1)
    local steps = watched.finish(other)
    assert.same({}, first:await().data)
    assert.same({}, second:await().data)
    other:close()
    assert.is_true(steps <= 2 * FEW, steps)
  end)

  it("does not keep a program from blocking", function()
    local other = service.client()
    other:fd()
    service.faults { { delay = 0.1 } }
    assert.same({}, other.upload_tokens:list().data)
    other:close()
  end)

  it("goes with the client", function()
    local other = new_client()
    local fd = other:fd()
    spawn_list(other)
    watched.count(other, 0.01)
    other:close()
    local object = { getfd = function() return fd end }
    assert.is_false(pcall(socket.select, { object }, nil, 0)
      and client:fd() == fd)
  end)
end)

describe("client:timeout()", function()
  local client

  service.with_client(function(...) client = ... end,
    { driver = "step" }, "apivideo.safe")

  it("is nil while nothing is in flight", function()
    assert.is_nil(client:timeout())
    spawn_list(client)
    watched.finish(client)
    assert.is_nil(client:timeout())
  end)

  it("is how long a call may still take", function()
    service.faults { { delay = 30 } }
    spawn_list(client, { timeout = 2 })
    watched.count(client, 0.3)
    local seconds = client:timeout()
    assert.is_true(seconds > 0 and seconds <= 1.8, seconds)
  end)

  it("is 0 when something is to be done at once", function()
    spawn_list(client)
    assert.equal(0, client:timeout())
  end)

  -- Tasks that go on in one step, but not all in its time.
  it("tells of tasks that are left for the next step", function()
    local gone_on = 0
    local first = client:spawn(function() client:sleep(0.001) end)
    for _ = 1, 3 do
      client:spawn(function()
        first:await()
        gone_on = gone_on + 1
        local start = socket.gettime()
        repeat until socket.gettime() - start > 0.002
      end)
    end
    repeat client:step() until gone_on > 0
    collectgarbage()
    collectgarbage()
    assert.is_true(gone_on < 3, gone_on)
    assert.is_number(client:timeout())
    while client:timeout() do client:step(client:timeout()) end
    assert.equal(3, gone_on)
  end)
end)

describe("a step that does not wait", function()
  local CALLS = 500

  it("takes its time from 500 answers, and loses none", function()
    service.reset()
    local client = new_client { max_connections = CALLS }
    local got = 0
    for _ = 1, 8 do spawn_list(client) end -- they find no limits
    watched.finish(client)
    service.faults { { delay = 1, times = CALLS } }
    for _ = 1, CALLS do
      client:spawn(function()
        if client.upload_tokens:list() then got = got + 1 end
      end)
    end
    watched.count(client, 0.7)
    socket.sleep(1) -- the answers are there
    local count = 0
    while client:step(0) > 0 do count = count + 1 end
    client:close()
    assert.equal(CALLS, got)
    assert.is_true(count > 8, count) -- one would do it without a limit
  end)

  it("counts who waited for a task that took its time", function()
    service.reset()
    local client = new_client()
    local slow = client:spawn(function()
      client.upload_tokens:list()
      local start = socket.gettime()
      repeat until socket.gettime() - start > 0.002
    end)
    local waiting = client:spawn(function() slow:await() end)
    repeat
      watched.readable(client, 1)
    until client:step(0) == 0
    client:close()
    assert.equal("done", waiting.state)
  end)

  it("goes on when a task closes the client that others wait for", function()
    service.reset()
    local client = new_client()
    local ended = 0
    for _ = 1, 50 do
      client:spawn(function()
        client.upload_tokens:list()
        ended = ended + 1
        client:close()
        local start = socket.gettime()
        repeat until socket.gettime() - start > 0.0003
      end)
    end
    for _ = 1, 500 do
      client:step(0)
      if ended == 50 then break end
      socket.sleep(0.001)
    end
    assert.equal(50, ended)
  end)
end)

describe("a call for which no descriptor is left", function()
  for name, prefix in pairs {
    connection = "env", ["name that is looked up"] = "env APIVIDEO_BASE_URL=https://localhost:1",
  } do
    it("says so, whatever it cannot open first: its " .. name, function()
      service.reset()
      local output = service.run("sh -c 'ulimit -n 30; exec \"$@\"' sh " .. prefix, [[
        local client = require "apivideo".new { retries = 0 }
        local tokens = client.upload_tokens
        local files = {}
        repeat
          local file = io.open "/dev/null"
          files[#files + 1] = file
        until not file
        local _, err = pcall(tokens.list, tokens)
        for _, file in ipairs(files) do file:close() end
        print(err.kind, err.retryable, err)
      ]])
      assert.matches("^connection\ttrue\tlist: connection: too many files are open: "
        .. "no descriptor is left for a connection[^\n]*\n$", output)
    end)
  end
end)

describe("where no descriptors are left", function()
  local output

  setup(function()
    service.reset()
    output = service.run("sh -c 'ulimit -n 40; exec \"$@\"' sh", [[
      local apivideo = require "apivideo"
      local client = apivideo.new()
      local files = {}
      repeat
        local file = io.open "/dev/null"
        files[#files + 1] = file
      until not file
      print(pcall(client.fd, client))
      table.remove(files):close() -- enough for one of the two that it takes
      print(pcall(client.fd, client))
      for _, file in ipairs(files) do file:close() end
      print(#client.upload_tokens:list().data)
      print(type(client:fd()))
      print(#client.upload_tokens:list().data)
    ]])
  end)

  local function line(number)
    local lines = {}
    for each in output:gmatch "[^\n]+" do lines[#lines + 1] = each end
    return lines[number] or output
  end

  it("fd says so", function()
    assert.matches("^false\t.*no more descriptors", line(1))
  end)

  it("fd says so when there is one and not two", function()
    assert.matches("^false\t.*no more descriptors", line(2))
  end)

  it("the client goes on when there are some again", function()
    assert.equal("0", line(3))
    assert.equal("number", line(4))
    assert.equal("0", line(5))
  end)
end)

-- Sanitizers insist on being loaded first.
if os.getenv "APIVIDEO_RUNTIME" == "lua5.4"
    and not os.getenv "APIVIDEO_PRELOAD" then
  describe("where the kernel has no room for a descriptor", function()
    it("its call fails, no other does, and later ones succeed", function()
      service.reset()
      local here = place.new()
      local library, full = here:file "refuse.so", here:file "full"
      here:run(("cc -shared -fPIC -o '%s' '%s/spec/support/refuse.c'"):format(
        library, os.getenv "PWD"))
      local output = service.run(
        ("env LD_PRELOAD='%s' APIVIDEO_REFUSES='%s'"):format(library, full), [[
          local client = require "apivideo.safe".new()
          local tokens, full = client.upload_tokens, os.getenv "APIVIDEO_REFUSES"
          client:fd()
          local pause = client.core:start "pause"
          io.open(full, "w"):close()
          local _, err = tokens:create_token()
          assert(err.message:find "the system does not watch more sockets")
          print(err.kind, err.ambiguous, err.retryable, pause:done())
          os.remove(full)
          print(#assert(tokens:list()).data)
        ]])
      here:close()
      assert.equal("connection\tfalse\ttrue\tfalse\n0\n", output)
    end)
  end)
end

describe("over", function()
  local SCRIPT = [[
    local client = require "apivideo".new { driver = "step" }
    local watched = require "spec.support.watched"
    local done = 0
    for _ = 1, 8 do
      client:spawn(function()
        client.upload_tokens:list()
        done = done + 1
      end)
    end
    local steps = watched.finish(client)
    print(done, steps <= 8 * 16 and "few steps" or steps)
    print(watched.count(client, 0.3))
    client:close()
  ]]

  for name, option in pairs { TLS = "--tls", ["HTTP/2"] = "--http2" } do
    it(name .. " the descriptor is all that calls need", function()
      local output = service.run("sandbox/sandbox " .. option .. " --", SCRIPT)
      assert.equal("8\tfew steps\n0\n", output)
    end)
  end
end)

-- --- forks ------------------------------------------------------------------

if not jit then return end

local in_child = require "spec.support.fork".child

-- What the kernel says is in a descriptor, of this process.
local function contents(fd)
  local file = assert(io.open("/proc/self/fdinfo/" .. fd))
  local text = file:read "*a"
  file:close()
  return text
end

describe("a client's descriptor after a fork", function()
  local client

  service.with_client(function(...) client = ... end,
    { driver = "step" }, "apivideo.safe")

  it("is the child's own, and moves its calls", function()
    service.faults { { delay = 0.3 } }
    local task = spawn_list(client)
    watched.count(client, 0.1)
    assert.is_true(in_child(function()
      local mine = spawn_list(client)
      watched.finish(client)
      return #mine.results[1].data == 0
        and task.results[2].kind == "cancelled"
    end))
    watched.finish(client)
    assert.same({}, task:await().data)
  end)

  local ways = {
    ["makes calls"] = function()
      spawn_list(client)
      watched.finish(client)
    end,
    ["cancels a call"] = function() client.core:start("list"):cancel() end,
    ["closes the client"] = function() client:close() end,
    ["asks for the descriptor"] = function() client:fd() end,
  }
  for what, act in pairs(ways) do
    it("is left alone by a child that " .. what, function()
      service.faults { { delay = 0.5 } }
      local task = spawn_list(client)
      watched.count(client, 0.1)
      local before = contents(client:fd())
      assert.is_true(in_child(function()
        act()
        return true
      end))
      assert.equal(before, contents(client:fd()))
      watched.finish(client)
      assert.same({}, task:await().data)
    end)
  end

  it("is left alone by a child that cancels what it inherited", function()
    service.faults { { delay = 0.5 } }
    local call = client.core:start "list"
    watched.count(client, 0.1)
    local before = contents(client:fd())
    assert.is_true(in_child(function()
      call:cancel()
      return call:done()
    end))
    assert.equal(before, contents(client:fd()))
    watched.drive(client, function() return call:done() end)
    assert.same({}, call:result().data)
  end)
end)
