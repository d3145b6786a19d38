-- Tasks that wait for other things than calls: time, each other, their turn.

local core = require "apivideo.core"
local patience = require "spec.support.patience"
local service = require "spec.support.service"

local IS_LUA51 = _VERSION == "Lua 5.1" and not jit

describe("a client", function()
  local client, tokens

  service.with_client(function(...) client, tokens = ... end)

  local function seconds_of(body, ...)
    local from = core.now()
    local ok, err = pcall(body, ...)
    return core.now() - from, ok, err
  end

  describe("sleeps", function()
    it("outside of tasks", function()
      local seconds, ok = seconds_of(client.sleep, client, 0.05)
      assert.is_true(ok)
      assert.is_true(seconds >= 0.05 and seconds < patience(1), seconds)
      assert.is_true(client:sleep(0))
    end)

    it("in tasks beside each other", function()
      local seconds = seconds_of(function()
        client:parallel({ 1, 2, 3, 4, 5, 6, 7, 8 }, function()
          assert.is_true(client:sleep(0.05))
        end)
      end)
      assert.is_true(seconds >= 0.05 and seconds < patience(0.35), seconds)
    end)

    it("until its task is cancelled", function()
      local kind
      local task = client:spawn(function()
        local _, err = service.client({}, "apivideo.safe"):sleep(0)
        assert(err == nil)
        client:sleep(60)
      end)
      task:cancel()
      kind = service.failure(task.await, task).kind
      assert.equal("cancelled", kind)
    end)

    it("until it is closed", function()
      client:spawn(function()
        client:sleep(0.01)
        client:close()
      end)
      local err = service.failure(client.sleep, client, 60)
      assert.equal("cancelled", err.kind)
      assert.equal("sleep", err.operation)
      assert.equal("closed", service.failure(client.sleep, client, 60).kind)
    end)

    it("not for a time that is none", function()
      for _, value in ipairs { -1, "1", 0 / 0, math.huge, {} } do
        assert.matches("bad argument #1 to 'sleep' %(seconds must be a number",
          service.misuse(client.sleep, client, value))
      end
    end)
  end)

  describe("awaits a task", function()
    it("no longer than it was told, and the task goes on", function()
      local task = client:spawn(function()
        client:sleep(0.1)
        return 7
      end)
      local err = service.failure(task.await, task, 0.01)
      assert.equal("timeout", err.kind)
      assert.equal("await", err.operation)
      assert.equal("running", task.state)
      assert.equal(7, task:await(60))
      assert.equal(7, task:await(0))
    end)

    it("within a task, too", function()
      local task = client:spawn(function() client:sleep(60) end)
      local inner = client:spawn(function() task:await(0.01) end)
      assert.equal("timeout", service.failure(inner.await, inner).kind)
      task:cancel()
    end)

    it("for no time, and still lets it go on", function()
      local task = client:spawn(function()
        client:sleep(0.01)
        return 7
      end)
      local ok, value
      local deadline = core.now() + patience(5)
      repeat ok, value = pcall(task.await, task, 0) until ok or core.now() > deadline
      assert.equal(7, value)
    end)

    it("for no time in a task that is cancelled, which sees that", function()
      local safe = service.client({}, "apivideo.safe")
      local other = safe:spawn(function() safe:sleep(60) end)
      local err
      local task = safe:spawn(function()
        coroutine.yield()
        err = select(2, other:await(0))
      end)
      task:cancel()
      safe:step(0)
      assert.equal("cancelled", err.kind)
      safe:close()
    end)

    it("that waits for it, where one of them does so for a time", function()
      for _, times in ipairs { { 0.02 }, { nil, 0.02 }, { 0.02, 0.04 } } do
        local safe = service.client({}, "apivideo.safe")
        local first, second
        first = safe:spawn(function()
          coroutine.yield()
          second:await(times[1])
          return 1
        end)
        second = safe:spawn(function()
          first:await(times[2])
          return 2
        end)
        safe:run()
        assert.same({ 1, 2 }, { first:await(), second:await() })
        safe:close()
      end
    end)

    if not IS_LUA51 then
      it("whose own wait an error of a hook has ended", function()
        local first, second
        first = client:spawn(function()
          client:sleep(0.05)
          return second:await()
        end)
        second = client:spawn(function()
          client:sleep(0)
          pcall(function()
            debug.sethook(function()
              if not first.on_end then return end
              debug.sethook()
              error "struck"
            end, "", 1)
            first:await()
          end)
          debug.sethook()
          client:sleep(0.1)
          return 2
        end)
        assert.equal(2, second:await())
        assert.equal(2, first:await())
      end)
    end

    it("and keeps nothing of those who gave up", function()
      local task = client:spawn(function() client:sleep(60) end)
      for _ = 1, 100 do
        service.failure(task.await, task, 0)
        local inner = client:spawn(function() task:await() end)
        inner:cancel()
        service.failure(inner.await, inner)
        client:step(0)
      end
      assert.is_false(task.on_end)
      task:cancel()
    end)

    it("not for a time that is none", function()
      local task = client:spawn(function() end)
      for _, value in ipairs { -1, "1", 0 / 0, {} } do
        assert.matches("bad argument #1 to 'await' %(timeout must be a number",
          service.misuse(task.await, task, value))
      end
    end)
  end)

  describe("runs", function()
    it("until no task is left", function()
      local ended = 0
      for i = 1, 5 do
        client:spawn(function()
          client:sleep(i / 100)
          coroutine.yield()
          tokens:list()
          ended = ended + 1
        end)
      end
      client:run()
      assert.equal(5, ended)
      client:run()
    end)

    it("tasks that begin others", function()
      local ended = 0
      local function begin(depth)
        client:spawn(function()
          client:sleep(0.001)
          if depth > 0 then begin(depth - 1) end
          ended = ended + 1
        end)
      end
      begin(20)
      client:run()
      assert.equal(21, ended)
    end)

    it("not for ever where a task waits for what will not happen", function()
      local client_of_games = service.client { driver = "step" }
      local first, second
      first = client_of_games:spawn(function()
        client_of_games:sleep(0.01)
        second:await()
      end)
      second = client_of_games:spawn(function()
        local waits = coroutine.create(function() first:await() end)
        coroutine.resume(waits)
        client_of_games:parallel({ 1 }, function() first:await() end)
      end)
      local message = service.misuse(client_of_games.run, client_of_games)
      assert.truthy(message:find("run would never end", 1, true)
        or message:find("await would never end", 1, true), message)
      client_of_games:close()
    end)

    it("not inside a task", function()
      local task = client:spawn(function() client:run() end)
      local ok, message = pcall(task.await, task)
      assert.is_false(ok)
      assert.truthy(message:find("run cannot be called inside a task", 1, true))
    end)

    it("with the driver of games, too", function()
      local game = service.client { driver = "step" }
      local ttl
      game:spawn(function() ttl = game.upload_tokens:create_token({ ttl = 5 }).ttl end)
      game:run()
      assert.equal(5, ttl)
      game:close()
    end)
  end)

  describe("steps", function()
    it("and says how many tasks have work left", function()
      local go = false
      for _ = 1, 3 do
        client:spawn(function()
          while not go do coroutine.yield() end
        end)
      end
      assert.same({ 3, 3 }, { client:step(0) })
      go = true
      assert.same({ 0, 0 }, { client:step(0) })
    end)

    it("until nothing is left to happen, whatever tasks wait for", function()
      local task = client:spawn(function()
        tokens:list()
        coroutine.yield()
        client:sleep(0.01)
        coroutine.yield()
        tokens:list()
      end)
      local steps = 0
      while client:step(1) > 0 do steps = steps + 1 end
      assert.equal("done", task.state)
      assert.is_true(steps < 100, steps)
    end)

    it("and does not count who was cancelled and goes on by yields", function()
      local rounds = 0
      local task = client:spawn(function()
        while true do
          rounds = rounds + 1
          coroutine.yield()
        end
      end)
      task:cancel()
      local other = client:spawn(function()
        for _ = 1, 3 do coroutine.yield() end
      end)
      while client:step(1) > 0 and rounds < 100 do end -- luacheck: ignore 542
      assert.equal("done", other.state)
      assert.is_true(rounds < 100, rounds)
    end)

    it("as often as a task yields, and no more", function()
      local rounds = 0
      client:spawn(function()
        for _ = 1, 5 do
          coroutine.yield()
          rounds = rounds + 1
        end
      end)
      for i = 1, 5 do
        client:step(0)
        assert.equal(i, rounds)
      end
    end)

    it("for a second at a time, so that Ctrl-C is noticed", function()
      service.faults { { delay = 1.5 } }
      client:spawn(function() tokens:list() end)
      local calls = 0
      local seconds = seconds_of(function()
        debug.sethook(function() calls = calls + 1 end, "c")
        client:step(30)
        debug.sethook()
      end)
      assert.is_true(seconds > 1 and seconds < patience(5), seconds)
      assert.is_true(calls > 2)
    end)
  end)

  it("costs no processor while tasks yield", function()
    service.faults { { delay = 0.5 } }
    local done, rounds = false, 0
    local yields = client:spawn(function()
      while not done do
        rounds = rounds + 1
        coroutine.yield()
      end
    end)
    local works = client:spawn(function()
      tokens:list()
      done = true
    end)
    local cpu = os.clock()
    works:await()
    yields:await()
    assert.is_true(rounds < 120, rounds)
    assert.is_true(os.clock() - cpu < 0.2)
  end)

  for _, depth in ipairs { 100, 1000 } do
    it("spawns tasks in tasks, to a depth of " .. depth, function()
      local function nest(left)
        if left == 0 then return tokens:create_token({ ttl = 7 }).ttl end
        return (client:spawn(nest, left - 1):await())
      end
      assert.equal(7, client:spawn(nest, depth):await())
    end)

    it("works in parallel in parallel, to a depth of " .. depth, function()
      local function nest(left)
        if left == 0 then return tokens:create_token({ ttl = 7 }).ttl end
        return client:parallel({ left - 1 }, nest)[1]
      end
      assert.equal(7, nest(depth))
    end)
  end

  it("takes whatever can be called for a function", function()
    local function callable(body)
      return setmetatable({}, { __call = function(_, ...) return body(...) end })
    end
    local events = 0
    local logged = service.client { log = callable(function() events = events + 1 end) }
    local task = logged:spawn(callable(function(ttl)
      return logged.upload_tokens:create_token { ttl = ttl }
    end), 9)
    local token = task:await()
    assert.equal(9, token.ttl)
    assert.same({ 2, 4, n = 2 }, logged:parallel({ 1, 2 },
      callable(function(item) return 2 * item end)))
    local pieces, progress = { "a", "b" }, 0
    local video = logged.videos:upload_with_upload_token(token.token,
      callable(function() return table.remove(pieces, 1) end),
      { on_progress = callable(function() progress = progress + 1 end) })
    assert.truthy(video.video_id)
    assert.is_true(events >= 2 and progress > 0)
    logged:close()
  end)

  if not IS_LUA51 then
    it("runs the cleanup of every task that is cancelled, once", function()
      local held, seen = 0, {}
      for round = 1, 40 do
        local all = {}
        for i = 1, 8 do
          all[i] = client:spawn(function()
            held = held + 1
            local ok, err = pcall(function()
              tokens:list()
              for j = 1, 8 do
                if j ~= i and all[j] then all[j]:cancel() end
              end
              tokens:list()
            end)
            if not ok then seen[#seen + 1] = err.kind end
            held = held - 1
          end)
        end
        for i = 1, 8 do pcall(all[i].await, all[i]) end
        for _ = 1, 3 do client:step(0.001) end
        assert.equal(0, held, "round " .. round)
      end
      for _, kind in ipairs(seen) do assert.equal("cancelled", kind) end
      assert.is_true(#seen >= 40)
    end)
  end
end)
