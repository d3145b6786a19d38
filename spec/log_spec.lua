local service = require "spec.support.service"

local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"

describe("log", function()
  local client, events

  before_each(function()
    service.reset()
    events = {}
    client = service.client {
      retries = 0,
      log = function(event) events[#events + 1] = event end,
    }
  end)

  after_each(function()
    client:close()
  end)

  it("gets an event for every call", function()
    client.upload_tokens:list()
    assert.equal(1, #events)
    local event = events[1]
    assert.equal("list", event.operation)
    assert.equal("GET", event.method)
    assert.equal("/upload-tokens", event.path)
    assert.equal(200, event.status)
    assert.equal(1, event.attempts)
    assert.is_true(event.elapsed > 0)
    assert.is_nil(event.kind)
  end)

  it("is warned of a libcurl whose lookups block", function()
    local core = require "apivideo.core"
    assert.is_nil(core.WARNING) -- not this one
    core.WARNING = "lookups block"
    finally(function() core.WARNING = nil end)
    service.client { log = function(event) events[#events + 1] = event end }
    assert.same({ { kind = "warning", message = "lookups block" } }, events)
  end)

  it("gets what a call failed with", function()
    service.failure(
      client.upload_tokens.get_token, client.upload_tokens, UNKNOWN)
    assert.equal("not_found", events[1].kind)
    assert.equal(404, events[1].status)
    assert.truthy(events[1].message:find("to1t…MKb", 1, true))
  end)

  it("gets a failure without an answer", function()
    service.faults { { close = true, times = 3 } }
    service.failure(client.upload_tokens.create_token, client.upload_tokens)
    assert.equal("connection", events[1].kind)
    assert.is_nil(events[1].status)
  end)

  it("shows tokens only in part", function()
    local token = client.upload_tokens:create_token().token
    client.upload_tokens:delete_token(token)
    local shown = ("/upload-tokens/%s…%s"):format(token:sub(1, 4), token:sub(-3))
    assert.equal(shown, events[2].path)
  end)

  it("hands an error in the function on to the caller", function()
    local broken = service.client { log = function() error("oh", 0) end }
    local ok, message = pcall(broken.upload_tokens.list, broken.upload_tokens)
    assert.is_false(ok)
    assert.equal("oh", message)
    broken.caller.log = nil
    assert.same({}, broken.upload_tokens:list().data)
    broken:close()
  end)

  it("writes lines to stderr when APIVIDEO_LOG is debug", function()
    local output = service.run("APIVIDEO_LOG=debug", [[
      local tokens = require "apivideo".new().upload_tokens
      tokens:list()
      pcall(tokens.get_token, tokens, "to1tcmSFHeYY5KzyhOqVKMKb")
    ]])
    assert.truthy(output:match
      "^apivideo: GET /upload%-tokens: 200 in %d+%.%d%d%d s\n", output)
    assert.truthy(output:find("get_token: not_found: ", 1, true), output)
  end)

  it("writes nothing otherwise", function()
    local output = service.run("", [[
      require "apivideo".new().upload_tokens:list()
    ]])
    assert.equal("", output)
  end)
end)
