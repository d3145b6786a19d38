-- A server in this process that says whatever it is told, as soon as a request
-- begins, and a call to it.

local core = require "apivideo.core"
local socket = require "socket"

local PATIENCE = 10 -- seconds

-- Says the rest of `answer` to whoever asks. → what is left of it
local function say(peer, answer)
  local last, _, partial = peer:send(answer)
  return answer:sub((last or partial or 0) + 1)
end

-- Whether something of a request has come.
local function hears(peer)
  local bytes, _, partial = peer:receive(8192)
  return (bytes or partial) ~= ""
end

--- The error object of a call that gets that answer, after which the server
-- hangs up.
---@param answer string
---@param operation string
---@param ... any its arguments
---@return apivideo.Error
return function(answer, operation, ...)
  local listener = assert(socket.bind("127.0.0.1", 0))
  listener:settimeout(0)
  local _, port = listener:getsockname()
  local client = core.new {
    base_url = "http://127.0.0.1:" .. port, api_key = "raw_key", retries = 0,
    timeout = PATIENCE,
  }
  local call = client:start(operation, ...)
  local peer, asked
  while not call:done() do
    client:step(0.005)
    if not peer then
      peer = listener:accept()
      if peer then peer:settimeout(0) end
    elseif answer == "" then
      peer:close()
    else
      asked = hears(peer) or asked
      if asked then answer = say(peer, answer) end
    end
  end
  local ok, err = pcall(call.result, call)
  assert(not ok, "the call succeeded")
  client:close()
  listener:close()
  if peer then peer:close() end
  return err
end
