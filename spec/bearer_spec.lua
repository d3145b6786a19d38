local core = require "apivideo.core"
local patience = require "spec.support.patience"
local place = require "spec.support.place"
local service = require "spec.support.service"

local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"

-- Method and path of every request so far.
local function routes()
  local result = {}
  for i, request in ipairs(service.requests()) do
    result[i] = request.method .. " " .. request.path
  end
  return result
end

describe("a bearer session", function()
  local client, tokens
  local now = core.now

  service.with_client(function(...) client, tokens = ... end,
    { auth = "bearer", retries = 0 })
  after_each(function() core.now = now end)

  it("exchanges the key once, with the first call", function()
    tokens:list()
    tokens:list()
    assert.same(
      { "POST /auth/api-key", "GET /upload-tokens", "GET /upload-tokens" },
      routes())
  end)

  it("carries the access token, and the key only to its exchange", function()
    tokens:list()
    local requests = service.requests()
    assert.is_nil(requests[1].headers.authorization)
    assert.truthy(requests[2].headers.authorization:match "^Bearer ")
  end)

  it("renews with the refresh token when the lifetime is used up", function()
    local call = client.core:start("authenticate", service.key)
    while not call:done() do client.core:step(1) end
    local pair = call:result()
    pair.expires_in = 0 -- used up at once, although the service takes it
    service.faults { { body = pair } }
    tokens:list()
    tokens:list()
    assert.same({
      "POST /auth/api-key", "POST /auth/api-key", "GET /upload-tokens",
      "POST /auth/refresh", "GET /upload-tokens",
    }, routes())
  end)

  it("renews when 90 % of the lifetime have passed, not before", function()
    local start = now()
    core.now = function() return start end
    tokens:list()
    for _, seconds in ipairs { 3239, 3241 } do
      core.now = function() return start + seconds end
      tokens:list()
    end
    assert.same({
      "POST /auth/api-key", "GET /upload-tokens", "GET /upload-tokens",
      "POST /auth/refresh", "GET /upload-tokens",
    }, routes())
  end)

  it("sends a refresh token once, even when nothing came of it", function()
    tokens:list()
    service.settings { clock_offset = 7200 }
    service.faults {
      { status = 500, match = { path = "/auth/refresh" } },
      { status = 500, match = { path = "/auth/api-key" } },
    }
    service.failure(tokens.list, tokens)
    assert.same({}, tokens:list().data)
    local refreshes = 0
    for _, route in ipairs(routes()) do
      if route == "POST /auth/refresh" then refreshes = refreshes + 1 end
    end
    assert.equal(1, refreshes)
  end)

  it("keeps the refresh token when the service is too busy", function()
    tokens:list()
    service.settings { clock_offset = 7200 }
    service.faults {
      { status = 429, body = "", match = { path = "/auth/refresh" } },
    }
    local err = service.failure(tokens.list, tokens)
    assert.equal("too_many_requests", err.kind)
    assert.same({}, tokens:list().data)
    local seen = routes()
    assert.equal("POST /auth/refresh", seen[#seen - 1])
  end)

  it("ends at the deadline when a refresh hangs", function()
    tokens:list()
    service.settings { clock_offset = 7200 }
    service.faults { { delay = 5, match = { path = "/auth/refresh" } } }
    local err = service.failure(tokens.list, tokens, nil, { timeout = 0.3 })
    assert.equal("timeout", err.kind)
    assert.equal("refresh", err.operation)
    assert.truthy(err.message:find("no answer within 0.%d+ s"), err.message)
  end)

  it("says which call was made on a closed client", function()
    client:close()
    local err = service.failure(tokens.list, tokens)
    assert.equal("list: closed: the client is closed", err.message)
  end)

  it("renews when the service ends the token early", function()
    tokens:list()
    service.settings { clock_offset = 7200 }
    assert.same({}, tokens:list().data)
    assert.same({
      "POST /auth/api-key", "GET /upload-tokens", "GET /upload-tokens",
      "POST /auth/refresh", "GET /upload-tokens",
    }, routes())
  end)

  it("falls back to the key when the refresh token is refused", function()
    tokens:list()
    service.settings { clock_offset = 7200 }
    service.faults { {
      problem = "authentication-invalid-refresh-token",
      match = { path = "/auth/refresh" },
    } }
    assert.same({}, tokens:list().data)
    assert.equal("POST /auth/api-key", routes()[5])
  end)

  it("falls back to the key when the answer to a refresh is lost", function()
    tokens:list()
    service.settings { clock_offset = 7200 }
    service.faults { {
      close = true, after = true, match = { path = "/auth/refresh" },
    } }
    assert.same({}, tokens:list().data)
    local seen = {}
    for _, route in ipairs(routes()) do seen[route] = (seen[route] or 0) + 1 end
    assert.equal(1, seen["POST /auth/refresh"])
    assert.equal(2, seen["POST /auth/api-key"])
  end)

  it("renews once for a call, never in a loop", function()
    tokens:list()
    service.faults { {
      problem = "authentication-invalid-access-token", times = 9,
      match = { path = "/upload-tokens" },
    } }
    local err = service.failure(tokens.list, tokens)
    assert.equal("unauthorized", err.kind)
    assert.equal(5, #routes())
  end)

  it("does not renew after the first exchange of the same call", function()
    service.faults { {
      problem = "authentication-invalid-access-token", times = 9,
      match = { path = "/upload-tokens" },
    } }
    local err = service.failure(tokens.list, tokens)
    assert.equal("unauthorized", err.kind)
    assert.equal("list", err.operation)
    assert.equal(2, #routes())
  end)

  it("hands on why the key was refused", function()
    client:close()
    client = service.client { auth = "bearer", api_key = "wrong" }
    tokens = client.upload_tokens
    local err = service.failure(tokens.get_token, tokens, UNKNOWN)
    assert.equal("unauthorized", err.kind)
    assert.equal("authenticate", err.operation)
    assert.equal("The user credentials were incorrect.", err.title)
  end)

  it("is usable after a failed exchange", function()
    service.faults { { status = 500 } }
    service.failure(tokens.list, tokens)
    assert.same({}, tokens:list().data)
  end)

  it("takes an exchange without an access token for protocol", function()
    service.faults { { status = 200, body = { token_type = "Bearer" } } }
    local err = service.failure(tokens.list, tokens)
    assert.equal("protocol", err.kind)
    assert.equal("authenticate", err.operation)
  end)

  it("keeps exchange and call within one deadline", function()
    service.faults { { delay = 0.3 }, { delay = 5 } }
    local err = service.failure(tokens.list, tokens, nil, { timeout = 0.5 })
    assert.equal("timeout", err.kind)
    -- What is left for the call is 0.2 s; 0.5 s would be a deadline of its own.
    assert.is_true(err.elapsed < 0.5, err.elapsed)
  end)

  it("sends nothing for a call that is misused", function()
    service.misuse(tokens.list, tokens, { page_size = 0 })
    service.misuse(tokens.list, tokens, {}, { timeout = "x" })
    assert.same({}, routes())
  end)

  it("needs a key", function()
    local output = service.run("env -u APIVIDEO_API_KEY", [[
      print(pcall(require "apivideo".new, { auth = "bearer" }))
    ]])
    assert.truthy(output:find('auth = "bearer" needs an api_key', 1, true))
  end)

  it("is renewed as often as the call may be repeated", function()
    local bearer = service.client { auth = "bearer" }
    service.faults { { status = 500, times = 9 } }
    local err = service.failure(bearer.upload_tokens.list,
      bearer.upload_tokens, nil, { retries = 0 })
    assert.equal("authenticate", err.operation)
    assert.equal(1, err.attempts)
    bearer:close()
  end)
end)

describe("a bearer session of many tasks", function()
  local client, tokens

  service.with_client(function(...) client, tokens = ... end,
    { auth = "bearer", retries = 0 })

  local function count(route)
    local found = 0
    for _, each in ipairs(routes()) do
      if each == route then found = found + 1 end
    end
    return found
  end

  local function list() return tokens:list() end

  it("exchanges the key once", function()
    client:parallel({ 1, 2, 3, 4, 5, 6, 7, 8 }, list)
    assert.equal(1, count "POST /auth/api-key")
    assert.equal(8, count "GET /upload-tokens")
  end)

  it("renews once however many calls were refused", function()
    tokens:list()
    service.settings { clock_offset = 7200 }
    client:parallel({ 1, 2, 3, 4, 5, 6, 7, 8 }, list)
    assert.equal(1, count "POST /auth/refresh")
    assert.equal(1, count "POST /auth/api-key")
  end)

  it("does not renew again for a call that was refused late", function()
    tokens:list()
    service.settings { clock_offset = 7200 }
    service.faults {
      {}, { delay = 0.1, match = { path = "/upload-tokens" } },
    }
    client:parallel({ 1, 2 }, list)
    assert.equal(5, count "GET /upload-tokens")
    assert.equal(1, count "POST /auth/refresh")
  end)

  it("keeps the deadline of a call that waits for a renewal", function()
    service.faults { { delay = 2, match = { path = "/auth/api-key" } } }
    local renewing = client:spawn(list)
    local from = core.now()
    local err = service.failure(tokens.list, tokens, nil, { timeout = 0.1 })
    assert.is_true(core.now() - from < patience(0.5))
    assert.equal("timeout", err.kind)
    assert.equal("list", err.operation)
    assert.is_true(err.retryable)
    assert.equal("running", renewing.state)
    renewing:cancel()
  end)

  it("shares what a renewal failed with", function()
    service.faults { { status = 403, delay = 0.05, times = 9 } }
    local _, errors = client:parallel({ 1, 2, 3 }, list, { on_error = "collect" })
    for i = 1, 3 do
      assert.equal("authenticate", errors[i].operation)
      assert.equal("forbidden", errors[i].kind)
    end
    assert.equal(1, count "POST /auth/api-key")
  end)

  it("goes on when the task that renews is cancelled", function()
    service.faults { { delay = 5, match = { path = "/auth/api-key" } } }
    local first, second = client:spawn(list), client:spawn(list)
    assert(place.wait(function() -- the renewal hangs
      client:step(0)
      return count "POST /auth/api-key" == 1
    end))
    first:cancel()
    local from = core.now()
    assert.same({}, second:await().data)
    assert.is_true(core.now() - from < patience(1))
  end)

  it("goes on when all that renew or wait for it are cancelled", function()
    pcall(client.parallel, client, { 1, 2, 3 }, function(item)
      if item == 3 then error "no" end
      return tokens:list()
    end)
    assert.same({}, tokens:list(nil, { timeout = 5 }).data)
  end)

  it("goes on when a task that renews is given up", function()
    local safe = service.client({ auth = "bearer" }, "apivideo.safe")
    local task = safe:spawn(function()
      repeat until safe.upload_tokens:list()
    end)
    task:cancel()
    local page = safe.upload_tokens:list(nil, { timeout = 5 })
    assert.same({}, page and page.data)
    safe:close()
  end)

  it("goes on when a task that renews fails, wherever it does", function()
    local once = true
    local other = service.client {
      auth = "bearer",
      log = function()
        if not once then return end
        once = false
        error "no"
      end,
    }
    local first = other:spawn(function() other.upload_tokens:list() end)
    local second = other:spawn(function() return other.upload_tokens:list() end)
    assert.is_false(pcall(first.await, first))
    local from = core.now()
    assert.same({}, second:await().data)
    assert.same({}, other.upload_tokens:list().data)
    assert.is_true(core.now() - from < patience(1))
    other:close()
  end)

  it("goes on when tasks that renew hold each other up", function()
    service.faults { { delay = 0.05, times = 9 } }
    local function hold_up()
      coroutine.yield()
      return select(2, coroutine.resume(coroutine.create(list)))
    end
    local first, second = client:spawn(hold_up), client:spawn(hold_up)
    local from = core.now()
    assert.same({}, second:await().data)
    assert.same({}, first:await().data)
    assert.is_true(core.now() - from < patience(2))
  end)

  it("goes on when the one that renews has less time", function()
    service.faults { { delay = 5, match = { path = "/auth/api-key" } } }
    local first = client:spawn(tokens.list, tokens, nil, { timeout = 0.1 })
    local second = client:spawn(list)
    assert.same({}, second:await().data)
    assert.equal("timeout", service.failure(first.await, first).kind)
  end)
end)
