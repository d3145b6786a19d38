-- A server at which calls arrive and are never answered: its listener, and its
-- URL. `backlog` is how many connections may be waiting at once, 32 unless it
-- is given.

local socket = require "socket"

return function(backlog)
  local listener = assert(socket.bind("127.0.0.1", 0, backlog))
  listener:settimeout(5)
  local _, port = listener:getsockname()
  return listener, "http://127.0.0.1:" .. port
end
