local core = require "apivideo.core"
local patience = require "spec.support.patience"
local service = require "spec.support.service"
local socket = require "socket"

local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"

local function finish(client, call)
  while not call:done() do client:step(1) end
  return call:result()
end

describe("the C module alone", function()
  local client

  service.with_client(function(...) client = ... end, nil, "apivideo.core")

  it("has the four operations, which block and raise", function()
    local token = client:create_token { ttl = 60 }
    assert.same(token, (client:get_token(token.token)))
    assert.equal(1, #client:list().data)
    assert.is_true((client:delete_token(token.token)))
    local err = service.failure(client.get_token, client, token.token)
    assert.equal("not_found", err.kind)
  end)

  it("names the caller's line for misuse", function()
    local message = service.misuse(function()
      local token = client:create_token { ttl = -1 }
      return token
    end)
    assert.truthy(message:find("core_spec.lua:%d+: bad argument #1"), message)
  end)

  it("refuses a path of the CA file that can be none", function()
    for path, words in pairs {
      [""] = "must be the path of a PEM bundle",
      [("a"):rep(65537)] = "must be at most 65536 bytes",
    } do
      local message = service.misuse(core.new, { ca_file = path })
      assert.truthy(message:find(
        "bad argument #1 to 'new' (ca_file " .. words, 1, true), message)
    end
  end)

  it("moves started calls on by steps", function()
    local call = client:start("create_token", { ttl = 60 })
    assert.is_false(call:done())
    local token, response = finish(client, call)
    assert.equal(60, token.ttl)
    assert.equal(200, response.status)
  end)

  it("sends nothing before the first step", function()
    local call = client:start "list"
    assert.same({}, service.requests())
    call:cancel()
    local err = service.failure(call.result, call)
    assert.same({ "cancelled", 0 }, { err.kind, err.attempts })
  end)

  it("has many calls in flight at once", function()
    local calls = {}
    for i = 1, 40 do calls[i] = client:start("create_token", { ttl = i }) end
    while client:step(1) > 0 do end -- luacheck: ignore 542
    for i = 1, 40 do assert.equal(i, (calls[i]:result()).ttl) end
  end)

  it("serves first who comes first, whatever is asked for", function()
    local one = core.new {
      base_url = service.url, api_key = service.key, max_connections = 1,
    }
    local calls, started, sent = {}, {}, {}
    for i = 1, 9 do
      started[i] = i % 3 == 0 and "create_token" or "list"
      calls[i] = one:start(started[i])
    end
    while one:step(1) > 0 do end -- luacheck: ignore 542
    for i, request in ipairs(service.requests()) do
      sent[i] = request.method == "POST" and "create_token" or "list"
    end
    assert.same(started, sent)
    for i = 1, 9 do assert.is_true(calls[i]:done()) end
    one:close()
  end)

  it("opens at most max_connections", function()
    local few = core.new {
      base_url = service.url, api_key = service.key, max_connections = 3,
    }
    local calls = {}
    for i = 1, 30 do calls[i] = few:start "list" end
    while few:step(1) > 0 do end -- luacheck: ignore 542
    local connections, count = {}, 0
    for _, request in ipairs(service.requests()) do
      if not connections[request.connection] then count = count + 1 end
      connections[request.connection] = true
    end
    for _, call in ipairs(calls) do call:result() end
    assert.is_true(count <= 3, count)
    few:close()
  end)

  it("opens no file of which the path has a zero in it", function()
    local file, problem = core.file "LICENSE\0/film.mp4"
    assert.is_nil(file)
    assert.equal("the path must not hold zeros", problem)
  end)

  it("says how many calls are in flight", function()
    service.faults { { delay = 5, times = 2 } }
    local first = client:start "list"
    local second = client:start "list"
    assert.equal(2, client:step(0))
    first:cancel()
    assert.equal(1, client:step(0))
    second:cancel()
    assert.equal(0, client:step(0))
  end)

  it("ends a cancelled call as cancelled", function()
    local call = client:start "list"
    call:cancel()
    call:cancel()
    assert.is_true(call:done())
    local err = service.failure(call.result, call)
    assert.equal("cancelled", err.kind)
    assert.is_false(err.retryable)
  end)

  it("ends calls in flight as cancelled on close", function()
    local call = client:start "list"
    client:close()
    client:close()
    assert.equal("cancelled", service.failure(call.result, call).kind)
  end)

  it("ends calls in flight when the client is collected", function()
    local dropped = core.new { base_url = service.url }
    local call = dropped:start("get_token", UNKNOWN)
    dropped = nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    assert.equal("cancelled", service.failure(call.result, call).kind)
  end)

  it("frees calls that nobody holds", function()
    for _ = 1, 20 do client:start "list" end
    collectgarbage()
    collectgarbage()
    assert.equal(0, client:step(0))
    assert.equal(0, #client:list().data)
  end)

  it("can be closed by a finalizer that comes later", function()
    if _VERSION == "Lua 5.1" then return end -- its tables have no __gc
    local ok
    do
      local holder = setmetatable({}, { __gc = function(self)
        ok = pcall(self.client.close, self.client)
      end })
      holder.client = core.new { base_url = service.url }
    end
    collectgarbage()
    collectgarbage()
    assert.is_true(ok)
  end)

  it("gives a result once, and an error as often as asked", function()
    local call = client:start "list"
    finish(client, call)
    local message = service.misuse(call.result, call)
    assert.truthy(message:find("the result was taken already", 1, true))
    call = client:start("get_token", UNKNOWN)
    service.failure(finish, client, call)
    assert.equal("not_found", service.failure(call.result, call).kind)
  end)

  it("refuses the result of a call in flight", function()
    local call = client:start "list"
    local message = service.misuse(call.result, call)
    assert.truthy(message:find("still in flight", 1, true), message)
  end)

  it("names the request of a call with the token masked", function()
    local call = client:start("delete_token", UNKNOWN)
    local method, path = call:request()
    assert.equal("DELETE /upload-tokens/to1t…MKb", method .. " " .. path)
  end)

  it("checks arguments without sending anything", function()
    client:check("list", "list", { page_size = 5 })
    local message = service.misuse(
      client.check, client, "pages", "list", { page_size = 0 })
    assert.truthy(message:find("'pages' (page_size must be", 1, true), message)
    assert.same({}, service.requests())
  end)

  it("says in whose name arguments are checked on a closed client", function()
    client:close()
    local err = service.failure(client.check, client, "pages", "list")
    assert.equal("pages: closed: the client is closed", err.message)
    assert.equal("pages", err.operation)
  end)

  it("knows no other operation", function()
    local message = service.misuse(client.start, client, "drop_token")
    assert.truthy(message:find('unknown operation "drop_token"; known are create_token, ', 1, true))
  end)

  it("refuses an access token that is none", function()
    for _, token in ipairs { "", "a\nb", "a\0b", "\255" } do
      assert.is_false((pcall(client.set_access_token, client, token)))
    end
  end)

  it("refuses to step, wait or read for a time that is none", function()
    local call = client:start "pause"
    for _, seconds in ipairs { -1, 0 / 0, math.huge } do
      for _, message in ipairs {
        service.misuse(client.step, client, seconds),
        service.misuse(client.wait, client, call, seconds),
        service.misuse(core.read, 0, 1, seconds),
      } do
        assert.matches("seconds must be a number", message, 1, true)
      end
    end
  end)

  it("refuses what is no client", function()
    service.misuse(client.step, {})
    service.misuse(client.list, io.stdout)
  end)

  it("hides its metatables", function()
    assert.equal("apivideo.client", getmetatable(client))
    assert.equal("apivideo.call", getmetatable(client:start "list"))
  end)

  it("tells which call has ended, once", function()
    local first, second = client:start "list", client:start "list"
    assert.equal(1, second:number() - first:number())
    assert.is_nil(client:ended())
    while client:step(1) > 0 do end -- luacheck: ignore 542
    local ended = { [client:ended()] = true, [client:ended()] = true }
    assert.is_true(ended[first:number()] and ended[second:number()])
    assert.is_nil(client:ended())
  end)

  it("does not tell of a call that is collected", function()
    client:start "list"
    collectgarbage()
    while client:step(1) > 0 do end -- luacheck: ignore 542
    assert.is_nil(client:ended())
  end)

  it("says how many calls are in flight", function()
    assert.equal(0, client:in_flight())
    local call = client:start "list"
    assert.equal(1, client:in_flight())
    call:cancel()
    assert.equal(0, client:in_flight())
  end)

  it("says of a call that was cancelled nothing of an attempt before", function()
    service.faults { { status = 503, times = 20 } }
    local call = client:start("list", nil, { retries = 20 })
    while client:timeout() < 0.001 do client:step(0.001) end
    call:cancel()
    local err = service.failure(call.result, call)
    assert.equal("cancelled", err.kind)
    assert.is_nil(err.status)
    assert.matches("^list: cancelled: the call was cancelled ", err.message)
  end)

  it("shows a call that ends when it is started", function()
    service.faults { { problem = "too-many-requests",
      headers = { ["Retry-After"] = 100 } } }
    local first = client:start("list", nil, { timeout = 1 })
    while not first:done() do client:step(1) end
    while client:ended() do end -- luacheck: ignore 542
    local fd = { getfd = function() return client:fd() end }
    client:step(0)
    local second = client:start("list", nil, { timeout = 1 })
    assert.is_true(second:done())
    assert.equal(0, client:timeout())
    assert.same({ fd }, { socket.select({ fd }, nil, 1)[1] })
    assert.equal(second:number(), client:ended())
    client:step(0)
    assert.is_nil(client:timeout())
  end)

  it("starts and stops many timers in the time of a few each", function()
    -- A collector that looks at all of them all the time takes its own.
    local count = os.getenv "APIVIDEO_GC" and 1000 or 20000
    local from, timers = os.clock(), {}
    for i = 1, count do timers[i] = client:start "pause" end
    for i = #timers, 1, -1 do timers[i]:cancel() end
    assert.is_true(os.clock() - from < patience(2))
  end)

  it("pauses for a time, which is no call in flight", function()
    local from = core.now()
    local pause = client:start("pause", nil, { timeout = 0.05 })
    assert.equal(0, client:in_flight())
    while not pause:done() do client:step(1) end
    local took = core.now() - from
    assert.is_true(took >= 0.05 and took < patience(0.3), took)
    assert.same({}, service.requests())
  end)

  it("pauses until it is cancelled", function()
    local pause = client:start "pause"
    assert.is_nil(client:timeout())
    client:step(0.01)
    assert.is_false(pause:done())
    pause:cancel()
    assert.is_true(pause:done())
    assert.equal("cancelled", service.failure(pause.result, pause).kind)
  end)

  it("says when a step is due", function()
    assert.is_nil(client:timeout())
    local pause = client:start("pause", nil, { timeout = 5 })
    assert.is_true(client:timeout() > 4 and client:timeout() <= 5)
    pause:cancel()
    assert.is_nil(client:timeout())
  end)

  it("says which argument holds names that are none", function()
    local message = service.misuse(function() return (core.nearest("ttl", { "ttl", {} })) end)
    assert.truthy(message:find("bad argument #2 to 'nearest' (a name must be a string)", 1, true), message)
  end)

  it("finds the nearest of several names", function()
    assert.equal("ttl", core.nearest("tll", { "token", "ttl" }))
    assert.is_nil(core.nearest("xyz", { "token", "ttl" }))
  end)

  it("takes letters in the wrong order for one slip, and case for none",
    function()
      assert.equal("auth", core.nearest("atuh", { "base_url", "auth" }))
      assert.equal("auth", core.nearest("AUTH", { "base_url", "auth" }))
      assert.equal("ttl", core.nearest("TLT", { "token", "ttl" }))
    end)

  it("takes a short name for another only if most of it is the same", function()
    assert.is_nil(core.nearest("path", { "data", "file_name" }))
    assert.is_nil(core.nearest("name", { "data", "file_name" }))
    assert.is_nil(core.nearest("to", { "ttl" }))
    assert.is_nil(core.nearest("", { "ttl" }))
    assert.equal("data", core.nearest("date", { "data", "file_name" }))
    assert.equal("page_size", core.nearest("pagesiz", { "page_size" }))
    assert.is_nil(core.nearest("pagesi", { "page_size" }))
  end)
end)
