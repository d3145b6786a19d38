local cjson = require "cjson"
local service = require "spec.support.service"

describe("a response", function()
  local client, tokens

  service.with_client(function(...) client, tokens = ... end)

  it("has status, attempts, elapsed and reused", function()
    local _, response = tokens:list()
    assert.equal(200, response.status)
    assert.equal(1, response.attempts)
    assert.is_true(response.elapsed > 0 and response.elapsed < 10)
    assert.is_boolean(response.reused)
  end)

  it("finds a header in any case", function()
    local _, response = tokens:list()
    for _, name in ipairs { "content-type", "Content-Type", "CONTENT-TYPE" } do
      assert.equal("application/json", response.headers[name])
    end
    assert.is_nil(response.headers["X-Absent"])
    assert.is_nil(response.headers[1])
    for name in pairs(response.headers) do assert.equal(name:lower(), name) end
  end)

  it("is a plain table when that is asked for", function()
    local _, response = tokens:list()
    local plain = response:table()
    assert.is_nil(getmetatable(plain))
    assert.is_nil(getmetatable(plain.headers))
    assert.same({
      status = 200, attempts = 1, elapsed = response.elapsed,
      reused = response.reused, rate_limit = response.rate_limit,
      headers = plain.headers,
    }, plain)
    assert.equal("application/json", plain.headers["content-type"])
    assert.same(plain, cjson.decode(cjson.encode(plain)).status and plain)
  end)

  it("is one in the plain table of an error, too", function()
    local err = service.failure(tokens.get_token, tokens, "absent")
    local plain = err:table()
    assert.is_nil(getmetatable(plain))
    assert.equal("not_found", plain.kind)
    assert.equal(err.message, plain.message)
    assert.equal(404, plain.response.status)
    local read = cjson.decode(cjson.encode(plain))
    assert.equal(err.title, read.title)
    client:close()
    plain = service.failure(tokens.get_token, tokens, "absent"):table()
    assert.equal("closed", plain.kind)
    assert.is_nil(plain.response)
  end)

  it("comes with a delete, too", function()
    local token = tokens:create_token()
    local ok, response = tokens:delete_token(token.token)
    assert.is_true(ok)
    assert.equal(204, response.status)
  end)

  it("has the headers with names in lower case", function()
    local _, response = tokens:list()
    assert.truthy(response.headers["content-type"]:match "^application/json")
    assert.truthy(response.headers.date)
  end)

  it("gives the same headers table every time", function()
    local _, response = tokens:list()
    assert.equal(response.headers, response.headers)
    assert.equal(response.rate_limit, response.rate_limit)
  end)

  it("has the rate limits that the service named", function()
    service.settings {
      rate_limits = { reads = 10, writes = 5, uploads = 5, window = 60 },
    }
    local _, response = tokens:list()
    assert.equal(10, response.rate_limit.limit)
    assert.equal(9, response.rate_limit.remaining)
    assert.is_true(response.rate_limit.retry_after <= 60)
  end)

  it("has an empty rate_limit when the service named none", function()
    local _, response = tokens:list()
    assert.same({}, response.rate_limit)
  end)

  it("ignores rate limits that are no numbers", function()
    service.faults { { headers = {
      ["X-RateLimit-Limit"] = "many", ["X-RateLimit-Remaining"] = "-1",
      ["X-RateLimit-Retry-After"] = "99999999999999999999",
    } } }
    local _, response = tokens:list()
    assert.same({}, response.rate_limit)
  end)

  it("has no other fields", function()
    local _, response = tokens:list()
    assert.is_nil(response.stauts)
    assert.is_nil(response[1])
  end)

  it("outlives its client", function()
    local _, response = tokens:list()
    client:close()
    client, tokens = service.client(), nil
    collectgarbage()
    collectgarbage()
    assert.equal(200, response.status)
    assert.truthy(response.headers.date)
  end)
end)
