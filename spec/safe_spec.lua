local apivideo = require "apivideo"
local safe = require "apivideo.safe"
local service = require "spec.support.service"

local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"

describe("apivideo.safe", function()
  local client, tokens

  service.with_client(function(...) client, tokens = ... end, { retries = 0 }, "apivideo.safe")

  it("has the same functions", function()
    for name in pairs(apivideo) do assert.truthy(safe[name], name) end
  end)

  it("gives a result and its response", function()
    local token, response = tokens:create_token { ttl = 60 }
    assert.equal(60, token.ttl)
    assert.equal(200, response.status)
  end)

  it("gives nil and the error of a call that failed", function()
    local token, err = tokens:get_token(UNKNOWN)
    assert.is_nil(token)
    assert.is_true(safe.is_error(err))
    assert.equal("not_found", err.kind)
  end)

  it("gives nil and the error of a bearer session that failed", function()
    local bearer = service.client(
      { auth = "bearer", api_key = "wrong" }, "apivideo.safe")
    local page, err = bearer.upload_tokens:list()
    assert.is_nil(page)
    assert.equal("authenticate", err.operation)
    bearer:close()
  end)

  it("gives nil and the error once it is closed", function()
    client:close()
    local page, err = tokens:list()
    assert.is_nil(page)
    assert.equal("closed", err.kind)
  end)

  it("gives false and the error as an iterator's first step, once it is closed",
    function()
      client:close()
      for _, method in ipairs { "pages", "iterate" } do
        local steps, last, failure = 0, nil, nil
        for item, err in tokens[method](tokens) do
          steps = steps + 1
          last, failure = item, err
        end
        assert.equal(1, steps)
        assert.is_false(last)
        assert.equal("closed", failure.kind)
      end
    end)

  it("raises misuse of an iterator, also once it is closed", function()
    client:close()
    for _, method in ipairs { "pages", "iterate" } do
      assert.matches("bad argument #1 to '" .. method .. "'",
        service.misuse(tokens[method], tokens, { page_size = 0 }))
    end
  end)

  it("raises misuse", function()
    local message = service.misuse(function()
      local token = tokens:get_token ".."
      return token
    end)
    assert.truthy(message:find(
      "safe_spec.lua:%d+: bad argument #1 to 'get_token'"), message)
  end)

  it("gives false and the error as the last step of an iterator", function()
    service.make_tokens(9, 60)
    for _, method in ipairs { "pages", "iterate" } do
      local steps, last, failure = 0, nil, nil
      for item, err in tokens[method](tokens, { page_size = 2 }) do
        steps = steps + 1
        last, failure = item, err
        if steps == 1 then service.faults { { status = 500, times = 3 } } end
      end
      assert.is_false(last)
      assert.equal("server_error", failure.kind)
      service.reset()
      service.make_tokens(9, 60)
    end
  end)
end)
