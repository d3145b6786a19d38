-- How many requests of a class may leave, given what the service said.

local core = require "apivideo.core"
local probe = require "apivideo.probe"
local service = require "spec.support.service"

describe("the gate", function()
  local gate, windows

  before_each(function()
    gate, windows = probe.gate(), {}
  end)

  local function sent()
    windows[#windows + 1] = probe.sent(gate)
  end

  -- The one that was sent first, of those in flight, is answered, or is lost.
  local function answered(...)
    probe.answered(gate, table.remove(windows, 1), ...)
  end

  local function lost(left)
    table.remove(windows, 1)
    probe.lost(gate, left)
  end

  -- Sends as many as may leave at that time.
  local function fill(now)
    local count = 0
    while count < 1000 and probe.admits(gate, now) do
      sent()
      count = count + 1
    end
    return count
  end

  it("lets few leave before the first answer", function()
    assert.equal(32, fill(0))
  end)

  it("opens when the service names no limit", function()
    fill(0)
    for _ = 1, 32 do answered(0, 200) end
    assert.equal(1000, fill(0))
  end)

  it("lets as many leave as remain, those in flight taken off", function()
    fill(0)
    answered(0, 200, 39, 60)
    assert.equal(8, fill(0)) -- 39 - 31
  end)

  it("closes when nothing remains, until the window ends", function()
    sent()
    answered(10, 200, 0, 20)
    assert.equal(0, fill(29.9))
    assert.equal(30, probe.opens(gate))
    assert.equal(1, fill(30))
  end)

  it("lets one find out what the next window has", function()
    for _ = 1, 5 do sent() end
    answered(10, 200, 0, 20)
    assert.equal(1, fill(30)) -- and four that are in flight
    for _ = 1, 4 do answered(30.1, 200, 39, 60) end
    assert.equal(0, fill(30.1)) -- they were sent before
    answered(30.5, 200, 35, 60)
    assert.equal(35, fill(30.5))
  end)

  it("lets another find out when the first is lost", function()
    sent()
    answered(10, 200, 0, 20)
    assert.equal(1, fill(30))
    lost(true)
    assert.is_true(fill(30) > 0)
  end)

  it("lets another find out when the first stays silent", function()
    sent()
    answered(10, 200, 0, 20)
    assert.equal(1, fill(30))
    assert.equal(0, fill(30.9))
    assert.equal(31, probe.opens(gate))
    assert.equal(1, fill(31))
    assert.equal(1, fill(32))
  end)

  it("lets one more leave each second when all before stay silent", function()
    assert.equal(32, fill(0))
    assert.equal(0, fill(0.9))
    assert.equal(1, probe.opens(gate))
    assert.equal(1, fill(1))
    assert.equal(1, fill(2))
  end)

  it("closes at a 429, until the service's time", function()
    sent()
    answered(10, 429, 0, 20)
    assert.equal(0, fill(29.9))
    assert.equal(1, fill(30))
  end)

  it("goes by Retry-After before the window", function()
    sent()
    answered(10, 429, 0, 20, 5)
    assert.equal(0, fill(14.9))
    assert.equal(1, fill(15))
  end)

  it("keeps a time that was named, whatever comes later", function()
    sent()
    sent()
    answered(10, 429, 0, 20)
    answered(10, 200, 0, 1)
    assert.equal(0, fill(29.9))
    assert.equal(1, fill(30))
  end)

  it("gropes for a limit that a 429 does not name", function()
    sent()
    answered(10, 429)
    assert.equal(0, fill(10.9))
    assert.equal(1, fill(11))
    answered(11, 200)
    assert.equal(2, fill(11))
    answered(11, 200)
    answered(11, 200)
    assert.equal(8, fill(11))
  end)

  it("goes by the least that answers in any order say", function()
    for _ = 1, 4 do sent() end
    answered(0, 200, 6, 60)
    answered(0, 200, 8, 60)
    answered(0, 200, 7, 60)
    assert.equal(5, fill(0)) -- 6 and one in flight
  end)

  it("takes nothing for the next window before the last one's end", function()
    for _ = 1, 2 do sent() end
    answered(0, 200, 3, 60)
    answered(59.5, 200, 39, 60)
    assert.equal(3, fill(59.5))
  end)

  it("is not led to doubt by a window of less than a second", function()
    for _ = 1, 2 do sent() end
    answered(10, 200, 900, 0)
    answered(10, 200, 899, 0)
    assert.equal(899, fill(10.5))
  end)

  it("counts a request whose answer was lost", function()
    for _ = 1, 3 do sent() end
    answered(0, 200, 5, 60)
    lost(true)
    lost(true)
    assert.equal(3, fill(0))
  end)

  it("does not count a request that never left", function()
    for _ = 1, 3 do sent() end
    answered(0, 200, 5, 60)
    lost(false)
    lost(false)
    assert.equal(5, fill(0))
  end)

  it("never closes for what is lost: nobody has said so", function()
    for _ = 1, 9 do sent() end
    answered(0, 200, 5, 60)
    for _ = 1, 8 do lost(true) end
    assert.equal(1, fill(0))
  end)

  it("forgets a limit that answers name no more", function()
    sent()
    answered(0, 200, 1, 60)
    assert.equal(1, fill(60))
    answered(61, 200)
    assert.is_true(fill(61) > 30)
  end)

  it("keeps a limit when a gateway's answer does not name it", function()
    sent()
    answered(0, 200, 1, 60)
    assert.equal(1, fill(60))
    answered(61, 502)
    assert.equal(1, fill(61))
  end)

  it("opens after an hour, whatever an answer says", function()
    sent()
    answered(0, 429, nil, nil, 1e15)
    assert.equal(3600, probe.opens(gate))
    assert.equal(1, fill(3600))
  end)
end)

describe("a client of a service with limits", function()
  local client, tokens

  service.with_client(function(...) client, tokens = ... end)

  local function statuses()
    local counts = {}
    for _, request in ipairs(service.requests()) do
      counts[request.status] = (counts[request.status] or 0) + 1
    end
    return counts
  end

  -- More with the variable: they take a second for every 40.
  local DELETES = tonumber(os.getenv "APIVIDEO_DELETES") or 100

  it("stays within them, however much there is to do", function()
    service.make_tokens(DELETES, 600)
    local ids = {}
    for token in tokens:iterate() do ids[#ids + 1] = token.token end
    service.settings { rate_limits = { writes = 40, window = 1 } }
    local bare = core.new {
      base_url = service.url, api_key = service.key, timeout = 300,
    }
    local calls = {}
    for i, id in ipairs(ids) do calls[i] = bare:start("delete_token", id) end
    while bare:step(1) > 0 do end -- luacheck: ignore 542
    for _, call in ipairs(calls) do assert.is_true((call:result())) end
    assert.is_nil(statuses()[429])
    bare:close()
  end)

  it("comes back after a 429 when the service says", function()
    service.faults { { problem = "too-many-requests", headers = {
      ["X-RateLimit-Retry-After"] = "1" } } }
    local _, response = tokens:list()
    assert.equal(2, response.attempts)
    assert.is_true(response.elapsed >= 1 and response.elapsed < 2.2,
      response.elapsed)
  end)

  it("fails at once when the window ends after its deadline", function()
    service.settings { rate_limits = { reads = 1, window = 60 } }
    tokens:list()
    local err = service.failure(tokens.list, tokens)
    assert.equal("too_many_requests", err.kind)
    assert.equal(0, err.attempts)
    assert.is_true(err.retry_after > 50 and err.retry_after <= 60)
    assert.is_true(err.retryable)
    assert.is_true(err.elapsed < 0.1)
    assert.is_nil(err.status)
    assert.equal(("list: too_many_requests: the service takes no more reads "
      .. "for %d s, and the deadline is earlier (GET /upload-tokens)"):format(
      err.retry_after), err.message)
    assert.equal(1, #service.requests())
  end)

  it("has used nothing by calls that never left", function()
    service.settings { rate_limits = { reads = 5, window = 60 } }
    tokens:list()
    local calls = {}
    for i = 1, 4 do calls[i] = client.core:start "list" end
    for i = 1, 4 do calls[i]:cancel() end
    for _ = 1, 4 do tokens:list() end
    assert.equal(5, #service.requests())
  end)

  it("says what the service said to the last attempt", function()
    local bare = core.new { base_url = service.url, api_key = service.key }
    service.faults {
      { problem = "too-many-requests", headers = { ["Retry-After"] = "1" } },
      { problem = "too-many-requests", headers = { ["Retry-After"] = "50" } },
    }
    local first = bare:start("list", nil, { timeout = 20 })
    while #service.requests() < 1 do bare:step(0.01) end
    bare:start "list"
    while bare:step(1) > 0 do end -- luacheck: ignore 542
    local err = service.failure(first.result, first)
    assert.equal("too_many_requests", err.kind)
    assert.equal(429, err.status)
    assert.equal("Too many requests.", err.title)
    assert.is_true(err.retry_after > 40)
    bare:close()
  end)

  it("holds back one class only", function()
    service.settings { rate_limits = { reads = 1, writes = 5, window = 60 } }
    tokens:list()
    service.failure(tokens.list, tokens)
    assert.is_true(tokens:delete_token(tokens:create_token().token))
  end)

  it("refuses those that wait already when a 429 comes", function()
    local bare = core.new {
      base_url = service.url, api_key = service.key, max_connections = 1,
    }
    service.settings { rate_limits = { reads = 1, window = 60 } }
    local calls = {}
    for i = 1, 40 do calls[i] = bare:start("list", nil, { retries = 0 }) end
    while bare:step(1) > 0 do end -- luacheck: ignore 542
    assert.is_true((pcall(calls[1].result, calls[1])))
    for i = 2, 40 do
      assert.equal("too_many_requests",
        service.failure(calls[i].result, calls[i]).kind)
    end
    assert.equal(0, service.failure(calls[40].result, calls[40]).attempts)
    bare:close()
  end)
end)
