-- A server that hears something, says something, perhaps again, and hangs up;
-- as often as it is called. It is driven by the steps of who calls it.

local socket = require "socket"

local cut = {}
local Cut = {}
Cut.__index = Cut

-- The arguments are what it says, one after the other. `heard` becomes the
-- list of what it heard before each.
function cut.new(...)
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:settimeout(0)
  return setmetatable({
    answers = { ... }, listener = listener, port = port, heard = {}, said = 0,
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
  self.said = self.said + 1
  self.peer:send(self.answers[self.said])
  if self.said == #self.answers then
    self.peer:close()
    self.peer, self.said = nil, 0
  end
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
