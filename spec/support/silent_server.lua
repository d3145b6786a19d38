-- A server at which calls arrive and are never answered: its listener, and its
-- URL.

local socket = require "socket"

return function()
  local listener = assert(socket.bind("127.0.0.1", 0))
  listener:settimeout(5)
  local _, port = listener:getsockname()
  return listener, "http://127.0.0.1:" .. port
end
