-- A client in a process that forks. Only LuaJIT can fork without a library;
-- the core that it shows is that of every runtime.

local service = require "spec.support.service"

if not jit then return end

local ffi = require "ffi"

ffi.cdef [[
  int fork(void);
  int waitpid(int process, int *status, int options);
  void _exit(int status);
]]

-- Runs `body` in a child; whether it returned true.
local function in_child(body)
  local process = ffi.C.fork()
  if process == 0 then
    local ok, result = pcall(body)
    ffi.C._exit(ok and result == true and 0 or 1)
  end
  local status = ffi.new "int[1]"
  ffi.C.waitpid(process, status, 0)
  return status[0] == 0
end

describe("a client after a fork", function()
  local client, tokens, token

  before_each(function()
    service.reset()
    client = service.client()
    tokens = client.upload_tokens
    token = tokens:create_token().token
  end)

  after_each(function()
    client:close()
  end)

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
end)
