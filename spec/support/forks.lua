-- usage: forks.lua [FORKS], on LuaJIT (which needs no library to fork), under
-- a sandbox
--
-- Forks so often (1,000 times if not said) while connections are alive and
-- calls are in flight. Parent and child go on with the same client at the same
-- time, each call for a token that no other call of that moment asks for.
-- Fails unless every answer belongs to its call, no call of the parent fails,
-- and no call of a child fails but those it inherited, which are cancelled.

local apivideo = require "apivideo"
local ffi = require "ffi"

local FORKS = tonumber(arg and arg[1]) or 1000
local IN_FLIGHT = 4

ffi.cdef [[
  int fork(void);
  int waitpid(int process, int *status, int options);
  void _exit(int status);
]]

local client = apivideo.new { retries = 0, max_connections = 8 }
local methods = client.upload_tokens
local tokens = {}
for i = 1, 4 * IN_FLIGHT do tokens[i] = methods:create_token().token end

-- Starts calls for the tokens from `first` on and lets them leave.
local function start(first)
  local calls = {}
  for i = first, first + IN_FLIGHT - 1 do
    calls[tokens[i]] = client.core:start("get_token", tokens[i])
  end
  client.core:step(0)
  return calls
end

local function check_answers(calls)
  for asked, call in pairs(calls) do
    while not call:done() do client.core:step(1) end
    assert(call:result().token == asked, "an answer belongs to another call")
  end
end

-- The same through the methods for everybody.
local function check_method(asked)
  local token = methods:get_token(asked)
  assert(token.token == asked, "an answer belongs to another call")
end

-- Those of the calls that have not ended yet: an answer can be very quick.
local function unfinished(calls)
  local left = {}
  for asked, call in pairs(calls) do
    if not call:done() then left[asked] = call end
  end
  return left
end

local function check_cancelled(calls)
  for _, call in pairs(calls) do
    local ok, err = pcall(call.result, call)
    assert(not ok and err.kind == "cancelled", "a call of the parent lives")
  end
end

-- How a child may leave: with its client closed, without a word, or with its
-- Lua state closed, which collects what it inherited.
local leave = {
  function() client:close() ffi.C._exit(0) end,
  function() ffi.C._exit(0) end,
  function() os.exit(true, true) end,
}

-- Every fourth child leaves with all that it inherited untouched.
local function child(number, inherited)
  if number % 4 > 0 then
    check_answers(start(2 * IN_FLIGHT + 1))
    check_method(tokens[4 * IN_FLIGHT])
    check_cancelled(inherited)
  end
  leave[number % #leave + 1]()
end

local function fork(number)
  local inherited = unfinished(start(1))
  local process = ffi.C.fork()
  if process == 0 then
    local _, reason = pcall(child, number, inherited)
    io.stderr:write("child: ", tostring(reason), "\n")
    ffi.C._exit(1)
  end
  check_answers(start(IN_FLIGHT + 1))
  check_answers(inherited)
  check_method(tokens[2 * IN_FLIGHT])
  local status = ffi.new "int[1]"
  assert(ffi.C.waitpid(process, status, 0) == process)
  assert(status[0] == 0, "a child failed")
  -- libcurl would replace a broken connection without a word.
  local _, response = methods:get_token(tokens[1])
  assert(response.reused, "the parent lost its connections")
end

for number = 1, FORKS do fork(number) end
client:close()
print(FORKS .. " forks, every answer its call's own")
