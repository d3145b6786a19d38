-- Connections that die between two requests, or with the second one.

local core = require "apivideo.core"
local creates = require "spec.support.creates"
local faults = require "spec.support.faults"
local matrix = require "spec.support.fault_matrix"

local RUNS = 300 -- `make once` makes 10,000

local function not_found()
  return { { "send", faults.answer("404 Not Found", '{"title":"No such token."}') } }
end

local CLOSE, RESET = { { "close" } }, { { "reset" } }

-- Makes a call on a connection that has carried one; `script` is what the
-- second request meets, and those after it.
local function call_again(operation, retries, script, first)
  local case = {
    operation = operation, retries = retries, timeout = 5, reuses = true, script = { first or false },
  }
  for i, fault in ipairs(script) do case.script[i + 1] = fault end
  faults.run { case }
  assert.is_true(case.before.ok)
  assert.is_true(case.after.ok)
  return case.outcome, #case.log.requests - case.requests_before
end

describe("a connection that dies before it is used again", function()
  for _, operation in ipairs(matrix.OPERATIONS) do
    for name, fault in pairs { closed = "close", reset = "reset" } do
      it(("is replaced for %s when it was %s"):format(operation, name), function()
        local answer = { { "send", faults.OPERATIONS[operation].healthy }, { fault } }
        local outcome, arrived = call_again(operation, 0, {}, answer)
        assert.is_true(outcome.ok, outcome.err and outcome.err.message)
        assert.equal(1, outcome.response.attempts)
        assert.is_false(outcome.response.reused)
        assert.equal(1, arrived)
      end)
    end
  end
end)

for name, fault in pairs { closes = CLOSE, resets = RESET } do
  describe(("a connection that %s with the second request"):format(name), function()
    for retries = 0, 2 do
      it(("ends create, which is not sent again with %d retries"):format(retries), function()
        local outcome, arrived = call_again("create_token", retries, { fault })
        assert.equal("connection", outcome.err.kind)
        assert.is_true(outcome.err.ambiguous)
        assert.equal(1, outcome.err.attempts)
        assert.equal(1, arrived)
      end)

      it(("does not end list with %d retries"):format(retries), function()
        local outcome, arrived = call_again("list", retries, { fault })
        assert.is_true(outcome.ok)
        assert.equal(2, arrived)
      end)
    end

    it("does not end a read, however often that happens", function()
      local place = faults.open {
        script = { false, fault }, cycle = true,
        healthy = faults.OPERATIONS.list.healthy,
      }
      local client = core.new { base_url = place.url, api_key = "fault_key" }
      for _ = 1, 20 do
        local _, response = client:list(nil, { retries = 0 })
        assert.equal(1, response.attempts)
      end
      client:close()
      place:close()
    end)

    it("ends delete without retries", function()
      local outcome, arrived = call_again("delete_token", 0, { fault })
      assert.equal("connection", outcome.err.kind)
      assert.is_false(outcome.err.ambiguous)
      assert.equal(1, outcome.err.attempts)
      assert.equal(1, arrived)
    end)

    it("makes delete try again", function()
      local outcome, arrived = call_again("delete_token", 2, { fault })
      assert.is_true(outcome.ok)
      assert.is_nil(outcome.response.already_gone)
      assert.equal(2, outcome.response.attempts)
      assert.equal(2, arrived)
    end)

    it("lets delete find out that it had worked", function()
      local outcome = call_again("delete_token", 2, { fault, not_found() })
      assert.is_true(outcome.value)
      assert.is_true(outcome.response.already_gone)
      assert.equal(404, outcome.response.status)
      assert.equal(2, outcome.response.attempts)
    end)
  end)
end

describe("a delete", function()
  it("may have worked although a gateway says that it did not", function()
    local unknown = { { "send", faults.answer("502 No", "{}") } }
    local outcome = call_again("delete_token", 2, { unknown, not_found() })
    assert.is_true(outcome.response.already_gone)
  end)

  it("has not worked when the service says that it is not there", function()
    local unavailable = { { "send", faults.answer("503 No", "{}") } }
    local outcome = call_again("delete_token", 2, { unavailable, not_found() })
    assert.equal("not_found", outcome.err.kind)
  end)

  it("fails when the token was gone before", function()
    local outcome = call_again("delete_token", 2, { not_found() })
    assert.equal("not_found", outcome.err.kind)
    assert.equal(1, outcome.err.attempts)
  end)
end)

describe("a create", function()
  it("arrives once, however many connections die with it", function()
    local arrived, twice = creates(RUNS)
    assert.equal(RUNS, arrived)
    assert.equal(0, twice)
  end)
end)
