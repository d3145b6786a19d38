-- A connection goes silent, as behind a router that has forgotten it: nothing
-- comes any more, and nothing says so. A new one would serve.

local service = require "spec.support.service"

-- A relay to the sandbox that knows connections, and nothing of what is on
-- them; `silence` stops those that are open, and the next `deaf` ones never
-- start. `finish` moves it and the client.
local SCRIPT = [[
  local socket = require "socket"
  local listener = assert(socket.bind("127.0.0.1", 0))
  listener:settimeout(0)
  local upstream = tonumber(os.getenv "APIVIDEO_BASE_URL":match "(%d+)$")
  local pipes, stopped, deaf = {}, {}, 0 -- those that are stopped stay open

  local function copy(from, to)
    local bytes, _, part = from:receive(65536)
    bytes = bytes or part
    local at = 0
    while bytes and at < #bytes do
      at = to:send(bytes, at + 1) or #bytes
    end
  end

  local function relay()
    local near = listener:accept()
    if near then
      local far = assert(socket.connect("127.0.0.1", upstream))
      near:settimeout(0)
      far:settimeout(0)
      local list = deaf > 0 and stopped or pipes
      list[#list + 1] = { near, far }
      deaf = math.max(0, deaf - 1)
    end
    for _, pipe in ipairs(pipes) do
      copy(pipe[1], pipe[2])
      copy(pipe[2], pipe[1])
    end
  end

  local function silence()
    for _, pipe in ipairs(pipes) do stopped[#stopped + 1] = pipe end
    pipes = {}
  end

  local client = require "apivideo.safe".new {
    base_url = "https://localhost:" .. select(2, listener:getsockname()),
    ca_file = os.getenv "APIVIDEO_CA_FILE", driver = "step",
    attempt_timeout = 0,
  }
  local function list(options)
    return client:spawn(function()
      local page, err = client.upload_tokens:list(nil, options)
      return page and "ok" or err.kind
    end)
  end
  local function attempts(options)
    return client:spawn(function()
      local page, why = client.upload_tokens:list(nil, options)
      return page and why.attempts or why.message
    end)
  end
  local function finish(task, seconds)
    local latest = seconds and socket.gettime() + seconds
    while task.state == "running" and not (latest and latest < socket.gettime()) do
      client:step(0.001)
      relay()
    end
    return task.state ~= "running" and task:await()
  end
]]

local function run(protocol, script)
  return service.run(("env APIVIDEO_LOG= sandbox/sandbox %s --"):format(protocol),
    SCRIPT .. script)
end

for _, protocol in ipairs { "--http2", "--tls" } do
  describe("a connection that has gone silent (" .. protocol .. ")", function()
    it("costs the call that finds it out, and none after it", function()
      local output = run(protocol, [[
        io.write(finish(list()), " ")
        silence()
        io.write(finish(list { timeout = 0.3, retries = 0 }), " ")
        for _ = 1, 3 do io.write(finish(list { timeout = 5, retries = 0 }), " ") end
      ]])
      assert.equal("ok timeout ok ok ok ", output)
    end)

    it("costs no call that may be repeated, when they overlap", function()
      local output = run(protocol, [[
        io.write(finish(list()), " ")
        silence()
        local first = list { timeout = 0.4, retries = 0 }
        finish(first, 0.2)
        local second = list { timeout = 5 }
        io.write(finish(first), " ", finish(second), " ")
        for _ = 1, 3 do io.write(finish(list { timeout = 5, retries = 0 }), " ") end
      ]])
      assert.equal("ok timeout ok ok ok ok ", output)
    end)

    it("costs no other call on it, even if none is repeated", function()
      local output = run(protocol, [[
        io.write(finish(list()), " ")
        silence()
        local first = list { timeout = 0.4, retries = 0 }
        finish(first, 0.1)
        local others = {}
        for i = 1, 5 do others[i] = attempts { timeout = 5, retries = 0 } end
        io.write(finish(first), " ")
        for i = 1, 5 do io.write(finish(others[i]), " ") end
      ]])
      assert.equal("ok timeout 1 1 1 1 1 ", output)
    end)

    it("in its handshake costs one call of many", function()
      local output = run(protocol, [[
        deaf = 1
        local tasks, count = {}, { ok = 0, timeout = 0 }
        for i = 1, 8 do tasks[i] = list { timeout = 2.5, retries = 0 } end
        for _, task in ipairs(tasks) do
          local kind = finish(task)
          count[kind] = count[kind] + 1
        end
        io.write(count.ok, " ", count.timeout)
      ]])
      assert.equal("7 1", output)
    end)

    it("is given up by itself within the time of an attempt", function()
      local output = run(protocol, [[
        io.write(finish(list()), " ")
        silence()
        local task = list { attempt_timeout = 0.3, timeout = 5 }
        print(finish(task))
      ]])
      assert.equal("ok ok\n", output)
    end)
  end)
end
