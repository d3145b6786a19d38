-- A server that reads something, says something and hangs up, as often as it
-- is called; driven by the steps of the client that calls it.

local socket = require "socket"

local cut = {}
local Cut = {}
Cut.__index = Cut

-- `heard` becomes what each of its callers said first.
function cut.new(answer)
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:settimeout(0)
  return setmetatable({
    answer = answer, listener = listener, port = port, heard = {},
  }, Cut)
end

function Cut:serve()
  if not self.peer then self.peer = self.listener:accept() end
  if not self.peer then return end
  self.peer:settimeout(0)
  local text, _, partial = self.peer:receive(8192)
  text = text or partial
  if text == "" then return end
  self.heard[#self.heard + 1] = text
  self.peer:send(self.answer)
  self.peer:close()
  self.peer = nil
end

-- Starts a call, which must fail, and returns its error.
function Cut:fail(client, operation, argument)
  local call = client.core:start(operation, argument)
  while not call:done() do
    client.core:step(0.002)
    self:serve()
  end
  local ok, err = pcall(call.result, call)
  assert(not ok, "the call succeeded")
  return err
end

function Cut:close()
  self.listener:close()
end

return cut
