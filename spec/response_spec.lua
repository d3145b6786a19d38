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
