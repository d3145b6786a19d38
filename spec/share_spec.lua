-- Clients that share a limit tell each other what they know of it.

local core = require "apivideo.core"
local cut = require "spec.support.cut"
local service = require "spec.support.service"

local READS, WRITES = 0, 1

describe("clients of one account", function()
  local one, other

  before_each(function()
    service.reset()
    local options = { base_url = service.url, api_key = service.key }
    one, other = core.new(options), core.new(options)
  end)

  after_each(function()
    one:close()
    other:close()
  end)

  it("have something in common, and others have not", function()
    assert.equal(one:account(), other:account())
    local stranger = core.new { base_url = service.url, api_key = "another" }
    assert.not_equal(one:account(), stranger:account())
    stranger:close()
    assert.falsy(one:account():find(service.key, 1, true))
  end)

  it("learn what remains, of one class", function()
    service.settings { rate_limits = { reads = 10, window = 60 } }
    one:list()
    local known, in_flight, waits = one:known(READS)
    assert.same({ 0, false }, { in_flight, waits })
    assert.same({ 9, false }, { other:learn(READS, known) })
    assert.equal(known, (other:known(READS)))
    assert.equal(32, (other:learn(WRITES, nil)))
  end)

  it("learn nothing that is older, nor of another build", function()
    service.settings { rate_limits = { reads = 10, window = 60 } }
    one:list()
    local before = one:known(READS)
    one:list()
    assert.equal(8, (one:learn(READS, before)))
    assert.equal(8, (one:learn(READS, "something else")))
  end)

  it("send no more than they were granted", function()
    other:grant(READS, 2, 0)
    local calls = {}
    for i = 1, 5 do calls[i] = other:start "list" end
    while not (calls[1]:done() and calls[2]:done()) do other:step(1) end
    assert.is_false(calls[3]:done())
    assert.equal(2, #service.requests())
    other:grant(READS, -1, 0)
    while other:in_flight() > 0 do other:step(1) end
    assert.equal(5, #service.requests())
  end)

  it("that are told to wait say nothing of what failed before", function()
    service.faults { { problem = "too-many-requests", headers = { ["Retry-After"] = 90 } } }
    pcall(one.list, one)
    local server = cut.new "" -- hangs up in the handshake
    local behind = core.new { base_url = "https://localhost:" .. server.port, proxy = "" }
    local call = behind:start "list"
    while #server.heard == 0 do
      behind:step(0.002)
      server:serve()
    end
    behind:learn(READS, (one:known(READS)))
    while not call:done() do behind:step(0.002) end
    local err = service.failure(call.result, call)
    assert.equal("too_many_requests", err.kind)
    assert.matches("^list: too_many_requests: the service takes no more reads", err.message)
    behind:close()
    server:close()
  end)

  it("know three classes", function()
    assert.error_matches(function() one:known(3) end, "there is no such class")
  end)
end)
