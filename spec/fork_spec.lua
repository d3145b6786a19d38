-- A client in a process that forks. Only LuaJIT can fork without a library;
-- the core that it shows is that of every runtime.

local service = require "spec.support.service"

if not jit then return end

local ffi = require "ffi"
local fork = require "spec.support.fork"
local place = require "spec.support.place"
local in_child = fork.child

pcall(ffi.cdef, [[
  int open(const char *path, int flags, ...);
  int close(int descriptor);
  ssize_t write(int descriptor, const void *bytes, size_t size);
]])

-- As daemons do: closes what was inherited, and opens files that get the same
-- numbers. → whether all of them are open still
local function open_own()
  local WRITE_ONLY, MOST = 1, 64
  for descriptor = 3, MOST do ffi.C.close(descriptor) end
  for descriptor = 3, MOST do
    assert(ffi.C.open("/dev/null", WRITE_ONLY) == descriptor)
  end
  return function()
    for descriptor = 3, MOST do
      if ffi.C.write(descriptor, "x", 1) ~= 1 then return false end
    end
    return true
  end
end

-- In eight children at the same time; how many of them succeeded.
local function in_workers(body)
  local workers, count = {}, 0
  for i = 1, 8 do workers[i] = fork.start(body) end
  for _, worker in ipairs(workers) do
    if fork.succeeded(worker) then count = count + 1 end
  end
  return count
end

-- Forks in a script of their own, which may end in every way.
local function many_forks(count, prefix)
  return service.run(prefix or "", ([[
    arg = { "%d" }
    dofile "spec/support/forks.lua"
  ]]):format(count))
end

describe("a client after a fork", function()
  local client, tokens, token

  service.with_client(function(...) client, tokens = ... end)

  before_each(function() token = tokens:create_token().token end)

  it("opens connections of its own in the child", function()
    assert.is_true(in_child(function()
      local _, first = tokens:get_token(token)
      local _, second = tokens:get_token(token)
      return not first.reused and second.reused
    end))
  end)

  it("leaves the parent its connection", function()
    for _ = 1, 20 do
      assert.is_true(in_child(function()
        tokens:get_token(token)
        client:close()
        return true
      end))
      local _, response = tokens:get_token(token)
      assert.is_true(response.reused)
    end
  end)

  it("leaves the parent its calls, and cancels them in the child", function()
    local call = client.core:start("get_token", token)
    assert.is_true(in_child(function()
      tokens:get_token(token)
      return select(2, pcall(call.result, call)).kind == "cancelled"
    end))
    while not call:done() do client.core:step(1) end
    assert.equal(token, call:result().token)
  end)

  it("leaves the parent its calls that wait for another attempt", function()
    service.faults {
      { status = 503, headers = { ["Retry-After"] = 0 } },
      { status = 429, headers = { ["Retry-After"] = 0 } },
    }
    local call = client.core:start("get_token", token, { retries = 2 })
    repeat client.core:step(0.01) until #service.requests() > 1
    assert.is_true(in_child(function()
      local mine = tokens:get_token(token).token == token
      return mine and select(2, pcall(call.result, call)).kind == "cancelled"
    end))
    while not call:done() do client.core:step(1) end
    assert.equal(token, call:result().token)
  end)

  it("leaves the parent its tasks, whose calls fail in the child", function()
    service.faults { { delay = 0.3 } }
    local task = client:spawn(tokens.get_token, tokens, token)
    local awaiting = client:spawn(function() return task:await().token end)
    client:step(0)
    assert.is_true(in_child(function()
      local ok, err = pcall(awaiting.await, awaiting)
      local mine = client:spawn(tokens.get_token, tokens, token)
      return not ok and err.kind == "cancelled" and task.state == "failed"
        and mine:await().token == token
    end))
    assert.equal(token, awaiting:await())
    assert.equal("done", task.state)
  end)

  it("works in a child of a child", function()
    assert.is_true(in_child(function()
      tokens:get_token(token)
      return in_child(function()
        local _, response = tokens:get_token(token)
        return not response.reused
      end) and select(2, tokens:get_token(token)).reused
    end))
  end)

  -- Each worker asks for tokens of its own, which it creates.
  local function work()
    for _ = 1, 20 do
      local made = tokens:create_token { ttl = 60 }.token
      if tokens:get_token(made).token ~= made then return false end
      tokens:delete_token(made)
    end
    return true
  end

  it("works in every worker when it was made before them", function()
    client:close()
    client = service.client()
    tokens = client.upload_tokens
    assert.equal(8, in_workers(work))
  end)

  it("works in every worker when it made calls before them", function()
    local call = client.core:start("get_token", token)
    client.core:step(0)
    assert.equal(8, in_workers(work))
    while not call:done() do client.core:step(1) end
    assert.equal(token, call:result().token)
    assert.is_true(select(2, tokens:get_token(token)).reused)
  end)

  it("crosses no answer of 100 forks with calls in flight", function()
    local output = many_forks(100)
    assert.equal("100 forks, every answer its call's own\n", output)
  end)

  it("crosses none over TLS, which a child could break", function()
    local output = many_forks(50, "sandbox/sandbox --tls --")
    assert.equal("50 forks, every answer its call's own\n", output)
  end)
end)

-- What a child may do with a client, and with a file, that it inherited.
local ENDS = {
  ["closes them"] = function(client, file)
    client:close()
    file:close()
  end,
  ["uses the client"] = function(client)
    client:step(0)
    pcall(client.list, client, nil, { timeout = 0.01 })
  end,
  ["cancels a call"] = function(_, _, call)
    call:cancel()
  end,
  ["asks for a descriptor"] = function(client)
    client:fd()
  end,
  ["collects all"] = "collect",
}

describe("descriptors of a child's own", function()
  local core = require "apivideo.core"

  for name, finish in pairs(ENDS) do
    it("stay open when it " .. name, function()
      local here = place.new()
      here:write("movie.mp4", "0123456789")
      local client = core.new { base_url = service.url, api_key = service.key }
      local file = core.file(here:file "movie.mp4")
      client:list()
      client:fd()
      local call = client:start "list"
      assert.is_true(in_child(function()
        local are_open = open_own()
        if finish == "collect" then
          client, file, call = nil, nil, nil
          for _ = 1, 4 do collectgarbage() end
        else
          finish(client, file, call)
        end
        return are_open()
      end))
      while not call:done() do client:step(1) end
      assert.equal(200, select(2, call:result()).status)
      client:close()
      here:close()
    end)
  end
end)
