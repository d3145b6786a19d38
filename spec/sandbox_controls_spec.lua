-- The promises of the sandbox's own controls, under /sandbox/.
local socket = require "socket"
local sandbox = require "spec.support.sandbox_http"

local call, control = sandbox.call, sandbox.control

local function count_tokens()
  local _, page = call("GET", "/upload-tokens")
  return page.pagination.itemsTotal
end

describe("the sandbox's controls", function()
  before_each(sandbox.reset)

  describe("reset", function()
    it("brings everything back to the start", function()
      sandbox.create_token()
      sandbox.set { suspended = true, keys = { "other" } }
      control("POST", "faults", { { status = 500 } })
      sandbox.reset()
      assert.equal(0, #control("GET", "log"))
      assert.equal(0, control("GET", "stats").requests)
      assert.equal(0, count_tokens())
    end)

    it("gives up what waits for its delay", function()
      control("POST", "faults", { delay = 0.1 })
      local host, port = sandbox.url:match "//(.-):(%d+)"
      local connection = assert(socket.connect(host, tonumber(port)))
      connection:send("DELETE /upload-tokens/a HTTP/1.1\r\nHost: a\r\n\r\n")
      repeat
        local waits = #control("GET", "log") > 0
      until waits
      sandbox.reset()
      assert.is_nil((connection:receive()))
      connection:close()
    end)
  end)

  describe("faults", function()
    it("answer the next requests in turn", function()
      control("POST", "faults", {
        { status = 503, body = "busy", headers = { ["Retry-After"] = 7 } },
        { status = 502, body = { title = "bad" } },
      })
      local status, _, headers, text = call("GET", "/upload-tokens")
      assert.same({ 503, "busy", "7" },
        { status, text, headers["retry-after"] })
      local body
      status, body = call("GET", "/upload-tokens")
      assert.same({ 502, "bad" }, { status, body.title })
      assert.equal(200, (call("GET", "/upload-tokens")))
    end)

    it("answer as often as told", function()
      control("POST", "faults", { status = 500, times = 2 })
      assert.equal(500, (call("GET", "/upload-tokens")))
      assert.equal(1, control("GET", "faults").waiting)
      assert.equal(500, (call("GET", "/upload-tokens")))
      assert.equal(200, (call("GET", "/upload-tokens")))
    end)

    it("wait for the request that they match", function()
      control("POST", "faults", {
        { status = 500, match = { method = "POST", path = "/upload-tokens" } },
        { status = 501, match = { path = "/upload-tokens/*" } },
      })
      assert.equal(200, (call("GET", "/upload-tokens")))
      assert.equal(501, (call("GET", "/upload-tokens/x")))
      assert.equal(500, (call("POST", "/upload-tokens", "{}")))
    end)

    it("can be one of the service's problems", function()
      control("POST", "faults", { problem = "too-many-requests" })
      local status, body = call("GET", "/upload-tokens")
      assert.equal(429, status)
      assert.equal("too-many-requests", sandbox.problem_name(body))
    end)

    it("can delay the service's own answer", function()
      control("POST", "faults", { delay = 0.2 })
      local began = socket.gettime()
      assert.equal(200, (call("GET", "/upload-tokens")))
      assert.is_true(socket.gettime() - began >= 0.19)
    end)

    it("can add headers to the service's own answer", function()
      control("POST", "faults", { headers = { ["X-Extra"] = "1" } })
      local status, _, headers = call("GET", "/upload-tokens")
      assert.same({ 200, "1" }, { status, headers["x-extra"] })
    end)

    it("can hang up before the request is carried out", function()
      control("POST", "faults", { close = true })
      assert.is_nil((call("POST", "/upload-tokens", "{}")))
      assert.equal(0, count_tokens())
    end)

    it("can lose the answer of a request that was carried out", function()
      control("POST", "faults", { close = true, after = true })
      assert.is_nil((call("POST", "/upload-tokens", "{}")))
      assert.equal(1, count_tokens())
    end)

    it("can replace the answer of a request that was carried out", function()
      control("POST", "faults", { status = 504, after = true })
      assert.equal(504, (call("POST", "/upload-tokens", "{}")))
      assert.equal(1, count_tokens())
    end)

    it("can cut the answer of a request that was carried out", function()
      control("POST", "faults", { truncate = true })
      local status, answer = call("POST", "/upload-tokens", "{}")
      assert.same({ nil, "closed" }, { status, answer })
      assert.equal(1, count_tokens())
    end)

    it("can be taken back", function()
      control("POST", "faults", { status = 500 })
      control("DELETE", "faults")
      assert.equal(200, (call("GET", "/upload-tokens")))
    end)
  end)

  describe("random faults", function()
    -- What happens to a number of requests.
    local function fates(count)
      local list = {}
      for i = 1, count do
        local status, body = call("GET", "/upload-tokens")
        list[i] = status == 200 and body and "fine" or status or "lost"
      end
      return list
    end

    local function set(rate, seed)
      sandbox.set { fault_rate = rate, fault_seed = seed }
    end

    it("are met by the wanted share of the requests", function()
      set(0.25, 1)
      local met = 0
      for _, fate in ipairs(fates(200)) do
        if fate ~= "fine" then met = met + 1 end
      end
      assert.is_true(met >= 25 and met <= 75, met .. " of 200")
    end)

    it("are the same for the same seed", function()
      set(0.5, 2)
      local first = fates(30)
      set(0.5, 2)
      assert.same(first, fates(30))
      set(0.5, 3)
      assert.not_same(first, fates(30))
    end)

    it("spare the controls, and end with a reset", function()
      set(1, 4)
      assert.equal(1, control("GET", "settings").fault_rate)
      sandbox.reset()
      for _, fate in ipairs(fates(20)) do assert.equal("fine", fate) end
    end)

    it("come after those that were ordered", function()
      set(1, 5)
      control("POST", "faults", { status = 418 })
      assert.same({ 418 }, fates(1))
    end)
  end)

  describe("the log", function()
    it("has method, path, headers, body and status in order", function()
      call("POST", "/upload-tokens", '{"ttl":1}')
      call("GET", "/upload-tokens?pageSize=5", nil, { ["x-mark"] = "here" })
      local log = control("GET", "log")
      assert.equal(2, #log)
      assert.equal("POST", log[1].method)
      assert.equal("/upload-tokens", log[1].path)
      assert.equal('{"ttl":1}', log[1].body)
      assert.equal("/upload-tokens?pageSize=5", log[2].path)
      assert.equal("here", log[2].headers["x-mark"])
      assert.equal(200, log[2].status)
    end)

    it("shows credentials that an upload should not have", function()
      sandbox.upload { token = "to0", headers = { authorization = "Bearer x" } }
      assert.equal("Bearer x", control("GET", "log")[1].headers.authorization)
    end)

    it("can be emptied", function()
      call("GET", "/upload-tokens")
      assert.equal(1, #control("GET", "log?clear=1"))
      call("GET", "/upload-tokens")
      control("DELETE", "log")
      assert.equal(0, #control("GET", "log"))
    end)
  end)

  it("count requests by route, and connections", function()
    call("GET", "/upload-tokens/a")
    call("GET", "/upload-tokens/b")
    call("GET", "/nowhere")
    assert.same({
      requests = 3, connections = 3,
      routes = {
        ["GET /upload-tokens/{uploadToken}"] = 2, ["GET (unknown)"] = 1,
      },
    }, control("GET", "stats"))
  end)

  it("make many tokens, some time apart", function()
    local answer =
      control("POST", "tokens", { count = 100, ttl = 10, spacing = 1 })
    assert.equal(100, answer.created)
    assert.is_true(answer.active >= 9 and answer.active <= 10)
  end)

  it("show the settings", function()
    sandbox.set { minimum_part_size = 1024 }
    local settings = control("GET", "settings")
    assert.equal(1024, settings.minimum_part_size)
    assert.is_false(settings.rate_limits)
  end)

  for name, wrong in pairs {
    ["an unknown setting"] = { "settings", '{"speed":1}', "speed" },
    ["a setting of the wrong type"] =
      { "settings", '{"suspended":1}', "suspended must be true or false" },
    ["an unknown rate limit"] =
      { "settings", '{"rate_limits":{"x":1}}', "rate_limits must be" },
    ["a share of more than all"] =
      { "settings", '{"fault_rate":1.1}', "fault_rate must be a number from" },
    ["what is not JSON"] = { "settings", "{", "" },
    ["an unknown field of a fault"] =
      { "faults", '[{"status":500},{"state":1}]', "fault 2: .*state" },
    ["an impossible status"] = { "faults", '[{"status":99}]', "status must" },
    ["an unknown problem"] = { "faults", '[{"problem":"x"}]', "problem must" },
    ["a count of nothing"] = { "tokens", '{"count":0}', "count must be" },
  } do
    it("refuse " .. name .. " readably", function()
      local status, body =
        sandbox.request("POST", "/sandbox/" .. wrong[1], wrong[2])
      assert.equal(400, status)
      assert.matches(wrong[3], body.error)
    end)
  end

  it("refuse a change as a whole", function()
    sandbox.request("POST", "/sandbox/settings",
      '{"minimum_part_size":1,"speed":1}')
    assert.equal(5242880, control("GET", "settings").minimum_part_size)
  end)
end)
