-- Servers that take their time: the deadline holds all the same.

local DEADLINE = 0.25
local OK = "HTTP/1.1 200 OK\r\n"
local HANG = { "hang" }

local SLOW = {
  { "says nothing", { HANG } },
  { "says half a status line", { { "send", "HTTP/1.1 2" }, HANG } },
  { "trickles its answer", function(operation) return { { "trickle", operation.healthy, 0.05 } } end },
  { "switches protocols",
    { { "send", "HTTP/1.1 101 Switching\r\nUpgrade: odd\r\nConnection: Upgrade\r\n\r\n" }, HANG } },
}

local SLOW_BODIES = {
  { "says half a head", { { "send", OK .. "Content-Length: 50\r\n" }, HANG } },
  { "says a head and no more", { { "send", OK .. "Content-Length: 50\r\n\r\n" }, HANG } },
  { "says half a body", { { "send", OK .. "Content-Length: 50\r\n\r\n{" }, HANG } },
  { "trickles headers", { { "send", OK }, { "trickle", ("X-A: b\r\n"):rep(1000), 0.002 } } },
  { "trickles a body", { { "send", OK .. "Content-Length: 50\r\n\r\n" }, { "trickle", (" "):rep(49), 0.02 } } },
  { "trickles chunks",
    { { "send", OK .. "Transfer-Encoding: chunked\r\n\r\n" }, { "trickle", ("1\r\n \r\n"):rep(100), 0.005 } } },
  { "leaves out the last chunk", { { "send", OK .. "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n" }, HANG } },
  { "does not close what only that would end", { { "send", OK .. "\r\n{}" }, HANG } },
}

-- Answers that come before the deadline, but not at once.
local LATE = {
  { "waits", function(operation) return { { "wait", 0.1 }, { "send", operation.healthy } } end },
  { "trickles its answer", function(operation) return { { "trickle", operation.healthy, 0.0005 } } end },
  { "says that it works on it", function(operation)
    return { { "trickle", ("HTTP/1.1 102 Processing\r\n\r\n"):rep(5), 0.0005 }, { "send", operation.healthy } }
  end },
}

return {
  { "a server that", SLOW, { kind = "timeout", timeout = DEADLINE, at = DEADLINE, at_once = 40 } },
  { "a server that begins and", SLOW_BODIES,
    { kind = "timeout", timeout = DEADLINE, at = DEADLINE, at_once = 40, status = 200 } },
  { "a server that is slow, but not too slow,", LATE },
}
