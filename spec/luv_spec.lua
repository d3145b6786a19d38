-- driver = "luv": coroutines wait, and libuv's loop goes on.

local loop = require "spec.support.uv_loop"
local patience = require "spec.support.patience"
local service = require "spec.support.service"
local socket = require "socket"
local uv = require "luv"

-- Memory is collected all the time, which takes all the time.
local COLLECTS = os.getenv "APIVIDEO_GC" == "1"

-- More rounds of the loop than a call takes that is not polled for.
local FEW = 12

-- The clients of a spec; failures are returned, because Lua 5.1 cannot yield
-- out of pcall.
local clients

local function new_client(options)
  local all = { driver = "luv" }
  for name, value in pairs(options or {}) do all[name] = value end
  local client = service.client(all, "apivideo.safe")
  clients[#clients + 1] = client
  return client, client.upload_tokens
end

local function seconds_of(body, ...)
  local start = socket.gettime()
  body(...)
  return socket.gettime() - start
end

describe("under luv", function()
  before_each(function()
    service.reset()
    clients = {}
  end)

  after_each(function()
    for _, client in ipairs(clients) do client:close() end
  end)

  describe("a coroutine", function()
    it("waits while the loop goes on", function()
      local _, tokens = new_client()
      service.faults { { delay = 0.3 } }
      local ticks, token = 0, nil
      local timer = uv.new_timer()
      timer:start(10, 10, function() ticks = ticks + 1 end)
      loop.run(function()
        token = tokens:create_token { ttl = 60 }
        timer:close()
      end)
      assert.equal(60, token.ttl)
      assert.is_true(ticks >= 5, ticks)
    end)

    it("waits beside many others", function()
      local _, tokens = new_client { max_connections = 50 }
      service.faults { { delay = 0.2, times = 50 } }
      local got, bodies = 0, {}
      for i = 1, 50 do
        bodies[i] = function()
          if tokens:create_token() then got = got + 1 end
        end
      end
      local unpack = table.unpack or unpack
      local seconds = seconds_of(loop.run, unpack(bodies))
      assert.equal(50, got)
      assert.is_true(seconds < 50 * 0.2 / 2, seconds)
    end)

    it("gets the error of a call", function()
      local _, tokens = new_client()
      local token, err
      loop.run(function() token, err = tokens:get_token "absent" end)
      assert.is_nil(token)
      assert.equal("not_found", err.kind)
    end)

    it("gets the end of its deadline", function()
      local _, tokens = new_client()
      service.faults { { delay = 5 } }
      local err
      local seconds = seconds_of(loop.run, function()
        err = select(2, tokens:create_token(nil, { timeout = 0.2 }))
      end)
      assert.equal("timeout", err.kind)
      assert.is_true(seconds < 0.2 + patience(COLLECTS and 1.5 or 0.3), seconds)
    end)

    it("gets an answer after a pause between attempts", function()
      local _, tokens = new_client()
      service.faults { { status = 503, headers = { ["Retry-After"] = 1 } } }
      local response
      local rounds = loop.run(function() response = select(2, tokens:list()) end)
      assert.equal(2, response.attempts)
      assert.is_true(rounds <= 2 * FEW, rounds)
    end)

    it("waits for its call, whoever resumes it meanwhile", function()
      local _, tokens = new_client()
      service.faults { { delay = 0.2 } }
      local token
      local thread = coroutine.create(function()
        token = tokens:create_token { ttl = 60 }
      end)
      coroutine.resume(thread)
      loop.later(0.05, function() coroutine.resume(thread) end)
      loop.run()
      assert.equal(60, token.ttl)
    end)

    it("is not resumed by us when others did it first", function()
      local client = new_client()
      local slept, second
      local function pause()
        client:sleep(0.05)
      end
      local first = coroutine.create(function()
        pause()
        coroutine.resume(second)
      end)
      second = coroutine.create(function()
        pause()
        local start = socket.gettime()
        loop.sleep(0.3)
        slept = socket.gettime() - start
      end)
      coroutine.resume(first)
      coroutine.resume(second)
      socket.sleep(0.2) -- both pauses are over when the loop looks
      loop.run()
      assert.is_true(slept >= 0.25, slept)
    end)

    if coroutine.close then
      it("may be closed while it waits", function()
        local _, tokens = new_client()
        local thread = coroutine.create(function() tokens:list() end)
        coroutine.resume(thread)
        coroutine.close(thread)
        loop.run()
        assert.equal("dead", coroutine.status(thread))
      end)
    end
  end)

  describe("the loop", function()
    it("ends when no call is left", function()
      local _, tokens = new_client()
      loop.run(function() tokens:list() end)
      assert.is_false(uv.loop_alive())
    end)

    it("is not woken up by a client with nothing to do", function()
      local _, tokens = new_client()
      loop.run(function() tokens:list() end)
      local rounds = loop.run(function() loop.sleep(0.5) end)
      assert.is_true(rounds <= 2, rounds)
    end)

    it("is not woken up while a call waits for its answer", function()
      local _, tokens = new_client()
      service.faults { { delay = 0.5 } }
      local rounds = loop.run(function() tokens:list() end)
      assert.is_true(rounds <= FEW, rounds)
    end)

    it("ends when a call was cancelled that was the last one", function()
      local client, tokens = new_client()
      service.faults { { delay = 60 } }
      local task = client:spawn(function() return tokens:list() end)
      loop.later(0.05, function() task:cancel() end)
      assert.is_true(seconds_of(loop.run) < patience(5))
      assert.equal("cancelled", task.state)
    end)

    it("gives up a task that is cancelled and waits again", function()
      local client, tokens = new_client()
      service.faults { { delay = 60 } }
      local rounds, page = 0, nil
      loop.run(function()
        local task = client:spawn(function()
          repeat
            rounds = rounds + 1
            if rounds > 100 then error "it goes on for ever" end
          until tokens:list()
        end)
        loop.sleep(0.05)
        task:cancel()
        page = tokens:list()
      end)
      assert.equal(2, rounds)
      assert.same({}, page.data)
    end)

    if _VERSION == "Lua 5.4" then
      it("closes the variables of a task that it gives up", function()
        local client, tokens = new_client()
        service.faults { { delay = 60 } }
        local closed = {}
        loop.run(load([[
          local client, tokens, loop, closed = ...
          return function()
            local task = client:spawn(function()
              local it <close> = setmetatable({}, { __close = function()
                closed[1] = true
              end })
              repeat until tokens:list()
            end)
            loop.sleep(0.05)
            task:cancel()
          end
        ]])(client, tokens, loop, closed))
        assert.is_true(closed[1])
      end)
    end

    it("ends when the client was closed", function()
      local client, tokens = new_client()
      service.faults { { delay = 60 } }
      local err
      loop.later(0.05, function() client:close() end)
      loop.run(function() err = select(2, tokens:list()) end)
      assert.equal("cancelled", err.kind)
      assert.is_false(uv.loop_alive())
    end)

    it("moves a client at the place of one that was closed", function()
      service.faults { { delay = 5 } }
      local page
      loop.run(function()
        local first = new_client()
        first:spawn(function() first.upload_tokens:list() end)
        loop.sleep(0.05)
        local fd = first:fd()
        first:close()
        local second = new_client()
        if second:fd() == fd then page = second.upload_tokens:list() end
      end)
      assert.same({}, page.data)
    end)

    it("moves a client again that had nothing to do", function()
      local _, tokens = new_client()
      local count = 0
      for _ = 1, 3 do
        loop.run(function()
          tokens:list()
          loop.sleep(0.02)
          tokens:list()
          count = count + 2
        end)
      end
      assert.equal(6, count)
    end)

    it("may be emptied while a call waits", function()
      local client, tokens = new_client()
      service.faults { { delay = 5 } }
      local err
      coroutine.wrap(function() err = select(2, tokens:list()) end)()
      uv.walk(function(handle) handle:close() end)
      loop.run()
      client:close()
      assert.equal("cancelled", err.kind)
    end)

    it("moves two clients", function()
      local _, ours = new_client()
      local _, theirs = new_client()
      service.faults { { delay = 0.5, times = 2 } }
      local count = 0
      local function work(tokens)
        return function()
          if tokens:list() then count = count + 1 end
        end
      end
      local seconds = seconds_of(loop.run, work(ours), work(theirs))
      assert.equal(2, count)
      assert.is_true(seconds < patience(COLLECTS and 5 or 0.95), seconds)
    end)

    it("keeps a client that nobody else has while its call lasts", function()
      service.faults { { delay = 0.2 } }
      local gone = setmetatable({}, { __mode = "k" })
      local page
      loop.run(function()
        local client = service.client { driver = "luv" }
        gone[client] = true
        page = client.upload_tokens:list()
      end, function()
        collectgarbage()
        collectgarbage()
      end)
      assert.same({}, page.data)
      for _ = 1, 4 do collectgarbage() end
      assert.is_nil(next(gone))
    end)

    it("ends although a client was dropped, its calls in flight", function()
      service.faults { { delay = 60, times = 2 } }
      local gone = setmetatable({}, { __mode = "k" })
      local seconds = seconds_of(loop.run, function()
        local client = service.client { driver = "luv", timeout = 0.3 }
        gone[client] = true
        client:spawn(function() client.upload_tokens:list() end)
      end)
      for _ = 1, 4 do collectgarbage() end
      assert.is_nil(next(gone))
      assert.is_true(seconds < patience(COLLECTS and 5 or 2), seconds)
    end)
  end)

  describe("outside of a coroutine", function()
    local WORDS = "'%s' would hold up luv's loop here: call it inside a "
      .. "coroutine, coroutine.wrap(function() … end)()"

    local cases = {
      create_token = function(_, tokens) tokens:create_token() end,
      get_token = function(_, tokens) tokens:get_token "to1" end,
      delete_token = function(_, tokens) tokens:delete_token "to1" end,
      list = function(_, tokens) tokens:list() end,
      parallel = function(client) client:parallel({ 1 }, print) end,
    }
    for method, call in pairs(cases) do
      it(method .. " is refused before anything is sent", function()
        local client, tokens = new_client()
        local message = service.misuse(call, client, tokens)
        assert.equal(WORDS:format(method), message:match "'.*$")
        client:step(0)
        assert.equal(0, client.core:in_flight())
        assert.same({}, service.requests())
      end)
    end

    it("await is refused, and the task goes on", function()
      local client, tokens = new_client()
      local task = client:spawn(function() return tokens:list() end)
      local message = service.misuse(task.await, task)
      assert.equal(WORDS:format "await", message:match "'.*$")
      loop.run()
      assert.equal("done", task.state)
    end)

    it("a walk is refused before anything is sent", function()
      local _, tokens = new_client()
      for _, walk in ipairs { "iterate", "pages" } do
        service.misuse(function()
          for _ in tokens[walk](tokens) do break end
        end)
      end
      assert.same({}, service.requests())
    end)

    it("a mistake of another kind is told as such", function()
      local _, tokens = new_client()
      local message = service.misuse(tokens.get_token, tokens, 1)
      assert.matches("get_token", message)
    end)

    if coroutine.isyieldable then
      it("is also where C stands between", function()
        local _, tokens = new_client()
        local message
        loop.run(function()
          message = service.misuse(table.sort, { 2, 1 }, function()
            return tokens:list() ~= nil
          end)
        end)
        assert.equal(WORDS:format "list", message:match "'.*$")
        assert.same({}, service.requests())
      end)
    end
  end)

  describe("a task", function()
    it("is awaited by a coroutine", function()
      local client, tokens = new_client()
      local first, second
      loop.run(function()
        local task = client:spawn(function(ttl)
          return tokens:create_token({ ttl = ttl }).ttl, "more"
        end, 60)
        first, second = task:await()
      end)
      assert.equal(60, first)
      assert.equal("more", second)
    end)

    it("waits for something of luv's beside its calls", function()
      local client, tokens = new_client()
      local ttl
      loop.run(function()
        ttl = client:spawn(function()
          local token = tokens:create_token { ttl = 60 }
          loop.sleep(0.05)
          return tokens:get_token(token.token).ttl
        end):await()
      end)
      assert.equal(60, ttl)
    end)

    it("is awaited although no call ends with it", function()
      local client = new_client()
      local value
      loop.run(function()
        value = client:spawn(function()
          loop.sleep(0.05)
          return "slept"
        end):await()
      end)
      assert.equal("slept", value)
    end)

    it("that was cancelled is given up by what it waits for next", function()
      local client = new_client()
      local state, rounds = nil, { await = 0, upload = 0 }
      local function try(what, wait)
        return client:spawn(function()
          repeat
            rounds[what] = rounds[what] + 1
            if rounds[what] > 100 then error "it goes on for ever" end
          until wait()
        end)
      end
      loop.run(function()
        local other = client:spawn(client.sleep, client, 60)
        local await = try("await", function() return other:await() end)
        local upload = try("upload", function()
          return client.videos:upload_with_upload_token("to1", { data = "x" })
        end)
        await:cancel()
        upload:cancel()
        client:sleep(0.01)
        other:cancel()
        state = await.state .. " " .. upload.state
      end)
      assert.equal("cancelled cancelled", state)
      assert.same({ await = 2, upload = 2 }, rounds)
    end)

    it("that was cancelled ends within 100 ms", function()
      local client, tokens = new_client()
      service.faults { { delay = 60 } }
      local seconds, err
      loop.run(function()
        local task = client:spawn(function() return tokens:list() end)
        loop.sleep(0.05)
        seconds = seconds_of(function()
          task:cancel()
          err = select(2, task:await())
        end)
      end)
      assert.equal("cancelled", err.kind)
      assert.is_true(seconds < patience(0.1), seconds)
    end)

    it("wait for time, for each other and for walks", function()
      local client, tokens = new_client()
      service.make_tokens(20, 60)
      local said
      loop.run(function()
        client:sleep(0.01)
        local sleeper = client:spawn(function()
          client:sleep(0.1)
          return 9
        end)
        local _, err = sleeper:await(0.01)
        local ended = 0
        for i = 1, 3 do
          client:spawn(function()
            client:sleep(i / 100)
            tokens:list()
            ended = ended + 1
          end)
        end
        client:run()
        local results = client:parallel(tokens:iterate { page_size = 3 },
          function(token) return tokens:delete_token(token.token) end)
        said = { err.kind, sleeper:await(), ended, results.n, client:step(0) }
      end)
      assert.same({ "timeout", 9, 3, 20, 0, 0 }, said)
    end)

    it("nest to a depth of 1,000", function()
      -- Collecting all the time takes longer the deeper they are.
      local depth = os.getenv "APIVIDEO_GC" and 10 or 1000
      local client = new_client()
      local said
      local function nest(left)
        if left == 0 then return 7 end
        return (client:spawn(nest, left - 1):await())
      end
      local function parallel(left)
        if left == 0 then return 7 end
        return client:parallel({ left - 1 }, parallel)[1]
      end
      loop.run(function() said = { nest(depth), parallel(depth) } end)
      assert.same({ 7, 7 }, said)
    end)

    it("that fails tells whoever awaits it", function()
      local client, tokens = new_client()
      local ok, message
      local task = client:spawn(function()
        tokens:list()
        error("a mistake", 0)
      end)
      loop.run()
      ok, message = pcall(task.await, task)
      assert.is_false(ok)
      assert.equal("a mistake", message)
    end)
  end)

  describe("parallel", function()
    it("keeps the order of the items", function()
      local client, tokens = new_client()
      local results, err
      service.faults { { delay = 0.2 }, { delay = 0.1 } }
      loop.run(function()
        results, err = client:parallel({ 60, 120, 180 }, function(ttl)
          return tokens:create_token({ ttl = ttl }).ttl
        end)
      end)
      assert.same({ 60, 120, 180, n = 3 }, results, tostring(err))
    end)

    it("cancels the rest at the first failure", function()
      local client, tokens = new_client()
      service.faults { { status = 404 }, { delay = 60, times = 3 } }
      local results, err
      local seconds = seconds_of(loop.run, function()
        results, err = client:parallel({ 1, 2, 3, 4 }, function()
          return tokens:list()
        end)
      end)
      assert.is_nil(results)
      assert.equal("not_found", err.kind)
      assert.is_true(seconds < patience(5), seconds)
    end)

    it("ends with functions that wait for luv alone", function()
      local client = new_client()
      local results
      loop.run(function()
        results = client:parallel({ 3, 1, 2 }, function(item)
          loop.sleep(item / 100)
          return item
        end)
      end)
      assert.same({ 3, 1, 2, n = 3 }, results)
    end)
  end)

  describe("pages ahead", function()
    it("come while the loop's body waits for something else", function()
      local _, tokens = new_client()
      service.make_tokens(50)
      local arrived
      loop.run(function()
        local next_page = tokens:pages { page_size = 10, prefetch = 4 }
        next_page()
        loop.sleep(0.3)
        arrived = #service.requests()
      end)
      assert.equal(5, arrived)
    end)

    it("do not keep a walk's promise from holding", function()
      local _, tokens = new_client()
      service.make_tokens(55)
      local seen, count = {}, 0
      loop.run(function()
        local next_token = tokens:iterate { page_size = 10, prefetch = 3 }
        local token = next_token()
        while token do
          assert(not seen[token.token])
          seen[token.token], count = true, count + 1
          token = next_token()
        end
      end)
      assert.equal(55, count)
    end)
  end)

  describe("with no descriptor to watch", function()
    it("the loop looks every few milliseconds, and ends", function()
      local client, tokens = new_client()
      client.fd = function() return nil end
      local page
      loop.run(function() page = tokens:list() end)
      assert.same({}, page.data)
      assert.is_false(uv.loop_alive())
    end)
  end)
end)

describe("a program that ends", function()
  -- → what it prints, and its status.
  local function ending(script)
    return service.run("sh -c '\"$@\"; echo status=$?' sh", [[
      local uv = require "luv"
      local client = require "apivideo".new { driver = "luv" }
      coroutine.wrap(function() client.upload_tokens:list() end)()
      uv.run "once"
    ]] .. script)
  end

  before_each(function()
    service.reset()
    service.faults { { delay = 5 } }
  end)

  it("may close its client with calls in flight, outside of the loop",
    function()
      assert.matches("Uncaught Error.*cancelled.*status=255\n$",
        ending "client:close() uv.run()")
    end)

  it("need not run the loop any more then", function()
    assert.equal("status=0\n", ending "client:close()")
  end)

  it("need not close its client", function()
    assert.equal("status=0\n", ending "")
  end)
end)

describe("under luv, where no descriptors are left", function()
  -- What libcurl needs differs: it has that and a connection before the loop
  -- takes part.
  it("calls are made all the same", function()
    service.reset()
    local output = service.run("sh -c 'ulimit -n 60; exec \"$@\"' sh", [[
      local uv = require "luv"
      local client = require "apivideo".new { driver = "luv" }
      local first = client.core:start("list", {})
      while not first:done() do client.core:step(1) end
      local files = {}
      uv.new_timer():close() -- the loop has what it needs
      repeat
        local file = io.open "/dev/null"
        files[#files + 1] = file
      until not file
      coroutine.wrap(function()
        print(#client.upload_tokens:list().data)
      end)()
      uv.run()
    ]])
    assert.equal("0\n", output)
  end)
end)

-- luv ends the process that has an error in a callback: these have their own.
describe("an error in a coroutine", function()
  local function output_of(body)
    return service.run("", ([[
      local uv = require "luv"
      local client = require "apivideo".new { driver = "luv" }
      local tokens = client.upload_tokens
      coroutine.wrap(function()
        tokens:list()
        %s
      end)()
      uv.run()
      print "the end"
    ]]):format(body))
  end

  before_each(service.reset)

  it("reaches luv's own report, with where it was", function()
    local output = output_of 'error "a mistake"'
    assert.matches("Uncaught Error", output)
    assert.matches(":6: a mistake", output)
    assert.matches("stack traceback:", output)
    assert.not_matches("the end", output)
  end)

  it("reaches it when it is an error object", function()
    local output = output_of 'tokens:get_token "absent"'
    assert.matches("get_token: not_found: ", output)
  end)

  it("does not when the coroutine catches it", function()
    if _VERSION == "Lua 5.1" and not jit then return end
    local output = output_of 'print(pcall(tokens.get_token, tokens, "absent"))'
    assert.matches("^false\t.*the end\n$", output)
  end)
end)

describe("where there is no luv", function()
  it('driver = "luv" says so', function()
    local output = service.run("", [[
      require "cjson" -- which may be found where luv would be
      package.path = package.path:match "^[^;]*;[^;]*"
      package.cpath = package.cpath:match "^[^;]*"
      print(pcall(require "apivideo".new, { driver = "luv" }))
    ]])
    assert.matches('^false\t.*driver = "luv" cannot be used here: '
      .. "module 'luv' not found%)\n$", output)
  end)
end)

describe("where there is no nginx", function()
  it('driver = "ngx" says so', function()
    local message = service.misuse(service.client, { driver = "ngx" })
    assert.matches('driver = "ngx" cannot be used here: '
      .. "it works inside nginx only%)$", message)
  end)
end)
