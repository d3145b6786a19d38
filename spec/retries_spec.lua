-- What a caller sees of retries; the rule itself is in retry_spec.

local core = require "apivideo.core"
local service = require "spec.support.service"

local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"
local DELETE = { method = "DELETE", path = "/upload-tokens/*" }

describe("a call whose attempts fail", function()
  local tokens

  service.with_client(function(_, ...) tokens = ... end)

  local function count(method)
    local requests = 0
    for _, request in ipairs(service.requests()) do
      if request.method == method then requests = requests + 1 end
    end
    return requests
  end

  it("succeeds with a later one", function()
    service.faults { { status = 503 }, { close = true, times = 2 } }
    local page, response = tokens:list()
    assert.same({}, page.data)
    assert.equal(200, response.status)
    assert.is_true(response.attempts >= 2)
  end)

  it("fails with the last one", function()
    service.faults { { status = 502, times = 2 }, { status = 500 } }
    local err = service.failure(tokens.list, tokens)
    assert.equal("server_error", err.kind)
    assert.equal(500, err.status)
    assert.equal(3, err.attempts)
    assert.equal(3, count "GET")
  end)

  it("is sent again elsewhere when nothing at all is heard of it", function()
    for _, options in ipairs {
      { attempt_timeout = 0.1 }, { attempt_timeout = 0.1, timeout = 5 },
    } do
      service.reset()
      service.faults { { delay = 3 } }
      local _, response = tokens:list(nil, options)
      assert.equal(2, response.attempts)
      assert.is_false(response.reused)
      assert.is_true(response.elapsed < 2, response.elapsed)
    end
  end)

  it("is waited for where a second one would do harm, or have no time", function()
    service.faults { { delay = 0.3, times = 9 } }
    local _, response = tokens:create_token(nil, { attempt_timeout = 0.1 })
    assert.equal(1, response.attempts)
    _, response = tokens:list(nil, { attempt_timeout = 0 })
    assert.equal(1, response.attempts)
    _, response = tokens:list(nil, { attempt_timeout = 0.2, timeout = 0.39 })
    assert.equal(1, response.attempts)
    _, response = tokens:list(nil, { attempt_timeout = 0.1, retries = 0 })
    assert.equal(1, response.attempts)
  end)

  it("is repeated as often as its own options say", function()
    service.faults { { status = 500, times = 9 } }
    local err = service.failure(tokens.list, tokens, nil, { retries = 0 })
    assert.equal(1, err.attempts)
    err = service.failure(tokens.list, tokens, nil, { retries = 3 })
    assert.equal(4, err.attempts)
  end)

  it("is not repeated when that could do no good", function()
    local err = service.failure(tokens.get_token, tokens, UNKNOWN)
    assert.equal(1, err.attempts)
    service.faults { { status = 200, body = "garbage" } }
    err = service.failure(tokens.list, tokens)
    assert.equal(1, err.attempts)
  end)

  it("makes one token at most", function()
    service.faults { { status = 500 }, { close = true } }
    for _ = 1, 2 do
      local err = service.failure(tokens.create_token, tokens)
      assert.equal(1, err.attempts)
      assert.is_true(err.ambiguous)
    end
    assert.equal(2, count "POST")
  end)

  it("makes its token after a 429", function()
    service.faults { { problem = "too-many-requests", headers = {
      ["Retry-After"] = "0" } } }
    local token, response = tokens:create_token { ttl = 60 }
    assert.equal(60, token.ttl)
    assert.equal(2, response.attempts)
  end)

  it("has deleted the token when its answer was lost", function()
    local id = tokens:create_token().token
    service.faults { { close = true, after = true, match = DELETE } }
    local ok, response = tokens:delete_token(id)
    assert.is_true(ok)
    assert.is_true(response.already_gone)
    assert.equal(2, response.attempts)
    assert.equal(404, response.status)
  end)

  it("has deleted the token when a gateway lost its answer", function()
    local id = tokens:create_token().token
    service.faults { { status = 504, after = true, match = DELETE } }
    local ok, response = tokens:delete_token(id)
    assert.is_true(ok)
    assert.is_true(response.already_gone)
  end)

  it("has not deleted a token that never was", function()
    local err = service.failure(tokens.delete_token, tokens, UNKNOWN)
    assert.equal("not_found", err.kind)
    service.faults { { problem = "too-many-requests", headers = {
      ["Retry-After"] = "0" } } }
    err = service.failure(tokens.delete_token, tokens, UNKNOWN)
    assert.equal("not_found", err.kind)
    assert.equal(2, err.attempts)
  end)

  it("has not deleted a token when the service did not try", function()
    service.faults { { status = 503, headers = { ["Retry-After"] = "0" } } }
    local err = service.failure(tokens.delete_token, tokens, UNKNOWN)
    assert.equal("not_found", err.kind)
    assert.equal(2, err.attempts)
  end)

  it("says nothing of already_gone when it was not", function()
    local _, response = tokens:delete_token(tokens:create_token().token)
    assert.is_nil(response.already_gone)
  end)

  it("ends at its deadline, also between two attempts", function()
    service.faults { { status = 500, times = 100 } }
    local err = service.failure(tokens.list, tokens, nil, {
      retries = 100, timeout = 0.5,
    })
    assert.is_true(err.elapsed < 0.6, err.elapsed)
    assert.is_true(err.attempts >= 2, err.attempts)
  end)

  it("fails at once when the service's wait does not fit", function()
    service.faults { { status = 503, headers = { ["Retry-After"] = "5" } } }
    local err = service.failure(tokens.list, tokens, nil, { timeout = 2 })
    assert.equal("server_error", err.kind)
    assert.equal(5, err.retry_after)
    assert.is_true(err.elapsed < 0.5, err.elapsed)
  end)

  it("takes from a budget that ends a storm", function()
    service.faults { { status = 500, times = 1000 } }
    local bare = core.new { base_url = service.url, api_key = service.key }
    local calls, attempts = {}, 0
    for i = 1, 40 do calls[i] = bare:start("list") end
    while bare:step(1) > 0 do end -- luacheck: ignore 542
    for _, call in ipairs(calls) do
      attempts = attempts + service.failure(call.result, call).attempts
    end
    assert.equal(40 + 35, attempts) -- 500 / 14 is 35
    bare:close()
  end)

  describe("and that waits for its next attempt", function()
    local bare, call

    before_each(function()
      service.faults { { status = 503, headers = { ["Retry-After"] = "3" } } }
      bare = core.new { base_url = service.url, api_key = service.key }
      call = bare:start "list"
      while #service.requests() == 0 do bare:step(0.01) end
      for _ = 1, 20 do bare:step(0.005) end
    end)

    after_each(function()
      bare:close()
    end)

    it("holds nobody up", function()
      local before = core.now()
      assert.equal(1, bare:step(0))
      assert.is_false(call:done())
      assert.is_true(core.now() - before < 0.1)
    end)

    it("lets others go on", function()
      assert.same({}, bare:list().data)
      assert.is_false(call:done())
    end)

    it("can be cancelled", function()
      call:cancel()
      local err = service.failure(call.result, call)
      assert.equal("cancelled", err.kind)
      assert.equal(1, err.attempts)
      assert.equal(0, bare:step(0))
    end)

    it("is cancelled when the client closes", function()
      bare:close()
      assert.equal("cancelled", service.failure(call.result, call).kind)
    end)

    it("can be collected", function()
      call = nil
      collectgarbage()
      collectgarbage()
      assert.equal(0, bare:step(0))
    end)
  end)
end)
