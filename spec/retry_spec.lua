-- The rule of retries as a table: every operation, with every way in which an
-- attempt can end.

local probe = require "apivideo.probe"

local READS = { "get_token", "list" }
local OPERATIONS = {
  "get_token", "list", "delete_token", "authenticate", "create_token",
  "refresh", "upload_with_upload_token",
}
local ONCE = {
  create_token = true, refresh = true, upload_with_upload_token = true,
}
local STATUSES = {
  200, 204, 301, 400, 401, 403, 404, 405, 408, 409, 418, 421, 425, 429, 500,
  501, 502, 503, 504, 505, 520, 521, 522, 523, 524, 525, 526, 529, 530, 599,
}
local AGAIN = {
  [408] = true, [421] = true, [425] = true, [429] = true, [500] = true,
  [502] = true, [503] = true, [504] = true, [520] = true, [521] = true,
  [522] = true, [523] = true, [524] = true, [525] = true, [529] = true,
  [530] = true,
}
local FAILURES = {
  "connection", "timeout", "tls", "protocol", "cancelled", "closed",
  "too_many_requests", "memory", "file",
}
local TRANSIENT = { connection = true, timeout = true, tls = true }

-- The outcome of a first attempt, an answer of 503 with all the time there is.
local function outcome(changes)
  local it = {
    operation = "get_token", status = "ok", http_status = 503, sent = true,
    lasting = false, attempt = 1, retries = 2, server_wait = -1,
    time_left = 1000, budget = 500, random = 0.5,
  }
  for name, value in pairs(changes) do it[name] = value end
  return it
end

local function wait(changes)
  return (probe.retry_wait(outcome(changes)))
end

local function assert_again(expected, changes)
  local seconds = wait(changes)
  if (seconds ~= nil) == expected then return end
  error(("%s, %s, %s, sent %s: waits %s"):format(changes.operation,
    changes.status, changes.http_status, changes.sent, seconds), 2)
end

describe("a retry", function()
  for _, operation in ipairs(OPERATIONS) do
    for _, status in ipairs(STATUSES) do
      -- They say that the request was not carried out.
      local refused = status <= 499
      local again = AGAIN[status] and (not ONCE[operation] or refused)
      it(("%s after %s of status %d"):format(
        again and "follows" or "never follows", operation, status), function()
        assert_again(again or false, {
          operation = operation, status = "ok", http_status = status,
          sent = true,
        })
      end)
    end
    for _, failure in ipairs(FAILURES) do
      for _, sent in ipairs { true, false } do
        local again = TRANSIENT[failure] and not (sent and ONCE[operation])
        it(("%s after %s of %s, %s"):format(again and "follows"
          or "never follows", operation, failure,
          sent and "sent" or "not sent"), function()
          assert_again(again or false, {
            operation = operation, status = failure, http_status = 0,
            sent = sent,
          })
        end)
      end
    end
  end

  describe("of an upload to a video that exists", function()
    local function assert_part_again(expected, changes)
      changes.operation, changes.has_video = "upload_with_upload_token", true
      assert_again(expected, changes)
    end

    for _, status in ipairs(STATUSES) do
      local again = AGAIN[status] or false
      it(("%s after status %d"):format(
        again and "follows" or "never follows", status), function()
        assert_part_again(again, {
          status = "ok", http_status = status, sent = true,
        })
      end)
    end

    for _, failure in ipairs(FAILURES) do
      local again = TRANSIENT[failure] or false
      it(("%s after %s, sent or not"):format(
        again and "follows" or "never follows", failure), function()
        for _, sent in ipairs { true, false } do
          assert_part_again(again, {
            status = failure, http_status = 0, sent = sent,
          })
        end
      end)
    end
  end)

  it("never follows a failure that lasts", function()
    for failure in pairs(TRANSIENT) do
      assert.is_nil(wait {
        status = failure, http_status = 0, sent = false, lasting = true,
      })
    end
  end)

  it("follows as often as is allowed", function()
    for retries = 0, 4 do
      for attempt = 1, 6 do
        local again = wait { attempt = attempt, retries = retries } ~= nil
        assert.equal(attempt <= retries, again)
      end
    end
  end)

  it("waits twice as long each time, up to five seconds", function()
    local waits = {}
    for attempt = 1, 8 do
      waits[attempt] = wait { attempt = attempt, retries = 100, random = 1 }
    end
    assert.same({ 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5 }, waits)
    assert.equal(5, wait { attempt = 99, retries = 100, random = 1 })
  end)

  it("waits longer after 429, up to twenty seconds", function()
    local waits = {}
    for attempt = 1, 7 do
      waits[attempt] = wait {
        http_status = 429, attempt = attempt, retries = 100, random = 1,
      }
    end
    assert.same({ 1, 2, 4, 8, 16, 20, 20 }, waits)
  end)

  it("waits a random part of that", function()
    assert.equal(0, wait { random = 0 })
    assert.equal(0.2 / 2, wait { random = 1 / 2 })
    assert.equal(0.2 / 4, wait { random = 1 / 4 })
  end)

  it("waits as long as the service asks, and up to a second more", function()
    for _, operation in ipairs(READS) do
      assert.equal(7, wait {
        operation = operation, server_wait = 7, random = 0 })
      assert.equal(7.5, wait {
        operation = operation, server_wait = 7, random = 0.5 })
    end
    assert.equal(0, wait { server_wait = 0, random = 0 })
  end)

  it("leaves time for the answer when the service's wait is long", function()
    assert.equal(9.5, wait { server_wait = 9, time_left = 10, random = 1 })
  end)

  it("never follows when the service's wait does not fit", function()
    assert.is_nil(wait { server_wait = 10, time_left = 10 })
    assert.is_nil(wait { server_wait = 1e15, time_left = 10 })
    assert.truthy(wait { server_wait = 10, time_left = 10.1 })
  end)

  it("never follows when its own wait does not fit", function()
    assert.is_nil(wait { time_left = 0.05, random = 0.5 })
    assert.is_nil(wait { time_left = 0, random = 0 })
    assert.is_nil(wait { time_left = -1, random = 0 })
  end)

  it("takes off the budget, less when the service throttles", function()
    assert.equal(14, select(2, probe.retry_wait(outcome {})))
    assert.equal(5, select(2, probe.retry_wait(outcome { http_status = 429 })))
  end)

  it("never follows when the budget is used up", function()
    assert.truthy(wait { budget = 14 })
    assert.is_nil(wait { budget = 13 })
    assert.truthy(wait { http_status = 429, budget = 5 })
    assert.is_nil(wait { http_status = 429, budget = 4 })
  end)
end)
