-- Connections that break, or never come about.

local matrix = require "spec.support.fault_matrix"

local HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"

local CONNECT_TIMEOUT = 0.1

-- Between what is read and what must be noticed afterwards.
local MOMENT = 0.02

local BROKEN = {
  { "closed instead of an answer", { { "close" } } },
  { "reset instead of an answer", { { "reset" } } },
  { "half-closed instead of an answer", { { "half_close" }, { "hang" } } },
  { "closed within the status line",
    { { "send", "HTTP/1.1 2" }, { "close" } } },
  { "closed after a provisional answer",
    { { "send", "HTTP/1.1 103 Early Hints\r\n\r\n" }, { "close" } } },
  { "reset within the status line",
    { { "send", "HTTP/1.1 2" }, { "wait", MOMENT }, { "reset" } } },
  { "reset within the body", { { "send", HEAD .. "{" }, { "wait", MOMENT }, { "reset" } }, status = 200 },
  { "reset where only the end can show the end",
    function(operation)
      return { { "send", "HTTP/1.1 200 OK\r\n\r\n" .. operation.body },
        { "wait", MOMENT }, { "reset" } }
    end, status = 200 },
}

local UNREAD = {
  { "closed as soon as it is there", { { "close" } } },
  -- Whether the request of a create has begun to leave is for chance to say.
  { "reset as soon as it is there", { { "reset" } }, only = { "get_token", "delete_token", "list" } },
  { "closed with the request unread", { { "await" }, { "close" } } },
  { "reset with the request unread", { { "await" }, { "reset" } } },
}

local NEVER = {
  { "refused", absent = true, kind = "connection", variants = matrix.LASTS },
  { "not answered", deaf = true, kind = "timeout", at = CONNECT_TIMEOUT, variants = matrix.LASTS },
  { "not answered at first", deaf = CONNECT_TIMEOUT / 2, kind = "timeout", at = CONNECT_TIMEOUT,
    variants = matrix.PASSES },
}

return {
  { "a connection that breaks", BROKEN, { kind = "connection", again = true } },
  { "a connection that nobody reads from", UNREAD, { kind = "connection", again = true, greets = true } },
  { "a connection that does not come about", NEVER,
    { again = true, unsent = true, client = { connect_timeout = CONNECT_TIMEOUT } } },
}
