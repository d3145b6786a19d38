-- A server that answers one request with the bytes it is given, driven by the
-- steps of the client that asks it.

local core = require "apivideo.core"
local socket = require "socket"

local MOST_STEPS = 2000

-- Steps the client until `condition` gives something, and returns that.
local function step_until(client, condition)
  for _ = 1, MOST_STEPS do
    client:step(0.005)
    local result = condition()
    if result then return result end
  end
  error "it did not happen"
end

-- Carries out one operation against the bytes of `answer`; the connection is
-- closed behind them. Returns what pcall(call.result, call) does, and then the
-- request as it came in.
return function(answer, operation, argument)
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:settimeout(0)
  local client = core.new {
    base_url = "http://127.0.0.1:" .. port, api_key = "raw_key", timeout = 5,
  }
  local call = client:start(operation or "list", argument)
  local peer = step_until(client, function() return (listener:accept()) end)
  peer:settimeout(0)
  local request = ""
  step_until(client, function()
    local text, _, partial = peer:receive(8192)
    request = request .. (text or partial)
    return request:find("\r\n\r\n", 1, true)
  end)
  peer:send(answer)
  peer:close()
  listener:close()
  step_until(client, function() return call:done() end)
  local ok, value, response = pcall(call.result, call)
  client:close()
  return ok, value, response, request
end
