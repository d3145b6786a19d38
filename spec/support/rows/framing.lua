-- Answers that break the rules of HTTP: where they begin and end, and what
-- they say of that.

local OK = "HTTP/1.1 200 OK\r\n"
local CHUNKED = OK .. "Transfer-Encoding: chunked\r\n\r\n"
local FLOOD = ("X-Flood: " .. ("x"):rep(1000) .. "\r\n"):rep(50)
local LATE = 0.03 -- after which something follows that nobody expects

-- Steps that send bytes, "%n" standing for the length of the body that was
-- promised, "%x" for the same in hexadecimal, "%b" for the body; and then do
-- what else is said.
local function sends(bytes, ...)
  local more = { ... }
  return function(operation)
    local body = operation.body ~= "" and operation.body or "{}"
    local values = { n = #body, x = ("%x"):format(#body), b = body }
    local steps = { { "send", (bytes:gsub("%%(%l)", values)) } }
    for i, step in ipairs(more) do steps[i + 1] = step end
    return steps
  end
end

local CLOSE, HANG = { "close" }, { "hang" }

-- No status can be told.
local NO_ANSWERS = {
  { "garbage", { { "send", "\0\1\2\255garbage\r\n\r\n" }, CLOSE } },
  { "garbage without end", { { "flood", ("\0\1\2\255"):rep(1000) } } },
  { "empty lines", { { "send", ("\r\n"):rep(10) }, HANG } },
  { "provisional answers without end", { { "flood", ("HTTP/1.1 103 Early Hints\r\nX-A: b\r\n\r\n"):rep(99) } } },
  { "100 Continue without end", { { "flood", ("HTTP/1.1 100 Continue\r\n\r\n"):rep(99) } } },
  { "a status line without end", { { "send", "HTTP/1.1 200 " }, { "flood", ("x"):rep(50000) } } },
  { "a body without a head", sends("%b", CLOSE) },
  { "headers without a status line", sends("Content-Length: %n\r\n\r\n%b", CLOSE) },
  { "another protocol", { { "send", "220 mail.example ESMTP\r\n" }, HANG } },
  { "the answer of a radio", sends("ICY 200 OK\r\n\r\n%b", CLOSE) },
  { "HTTP of version 3.7", sends("HTTP/3.7 200 OK\r\n\r\n%b", CLOSE) },
  { "HTTP of version 1.15", sends("HTTP/1.15 200 OK\r\n\r\n%b", CLOSE) },
  { "the status 0", sends("HTTP/1.1 000 No\r\n\r\n%b", CLOSE) },
  { "a status of two digits", sends("HTTP/1.1 99 No\r\n\r\n%b", CLOSE) },
  { "a status of four digits", sends("HTTP/1.1 2000 No\r\n\r\n%b", CLOSE) },
  { "a status below 0", sends("HTTP/1.1 -20 No\r\n\r\n%b", CLOSE) },
}

local BAD_HEADS = {
  { "headers without end", sends(OK, { "flood", FLOOD }) },
  { "a header line without end", sends(OK .. "X-Flood: ", { "flood", ("x"):rep(50000) }) },
  { "a zero in a header", sends(OK .. "X-A: a\0b\r\nContent-Length: %n\r\n\r\n%b") },
  { "a head that is cut off", sends(OK .. "Content-Le", CLOSE) },
  { "a head without the empty line", sends(OK .. "Content-Length: 0\r\n", CLOSE) },
  { "a negative length", sends(OK .. "Content-Length: -5\r\n\r\n%b", CLOSE) },
  { "a length that is a word", sends(OK .. "Content-Length: many\r\n\r\n%b", CLOSE) },
  { "a length with more behind it", sends(OK .. "Content-Length: %n, 5\r\n\r\n%b") },
  { "a length with letters behind it", sends(OK .. "Content-Length: %nabc\r\n\r\n%b") },
  { "a length beyond all numbers", sends(OK .. "Content-Length: 99999999999999999999\r\n\r\n%b", CLOSE) },
  { "two lengths, the first of them right",
    sends(OK .. "Content-Length: %n\r\nContent-Length: 1\r\n\r\n%b") },
  { "two lengths, the second of them right",
    sends(OK .. "Content-Length: 1\r\nContent-Length: %n\r\n\r\n%b") },
  { "a transfer encoding that nobody knows", sends(OK .. "Transfer-Encoding: odd\r\n\r\n%b", CLOSE) },
}

local BAD_BODIES = {
  { "a body that is too short", sends(OK .. "Content-Length: 5000\r\n\r\n%b", CLOSE) },
  { "no body at all", sends(OK .. "Content-Length: 5000\r\n\r\n", CLOSE) },
  { "a body that ends with the sending", sends(OK .. "Content-Length: 5000\r\n\r\n%b", { "half_close" }, HANG) },
  { "a length beyond the limit", sends(OK .. "Content-Length: 999999999999\r\n\r\n", { "flood", ("x"):rep(9999) }) },
  { "a body without end", sends(OK .. "\r\n", { "flood", ("x"):rep(9999) }) },
  { "chunks without end", sends(CHUNKED, { "flood", "3e8\r\n" .. ("x"):rep(1000) .. "\r\n" }) },
  { "chunks of no size", sends(CHUNKED .. "xyz\r\n%b", HANG) },
  { "chunks of a negative size", sends(CHUNKED .. "-%x\r\n%b\r\n0\r\n\r\n", HANG) },
  { "chunks of a size beyond all numbers", sends(CHUNKED .. "fffffffffffffffff\r\n%b", CLOSE) },
  { "a chunk's extension without end", sends(CHUNKED .. "1;", { "flood", ("a"):rep(1000) }) },
  { "a chunk's size without end", sends(CHUNKED, { "flood", ("0"):rep(1000) }) },
  { "a chunk that is cut off", sends(CHUNKED .. "500\r\n%b", CLOSE) },
  { "chunks without the last one", sends(CHUNKED .. "%x\r\n%b\r\n", CLOSE) },
  { "a chunk that is longer than it says", sends(CHUNKED .. "%x\r\n%bXX\r\n0\r\n\r\n", CLOSE) },
  { "trailers without end", sends(CHUNKED .. "%x\r\n%b\r\n0\r\n", { "flood", FLOOD }) },
}

-- Odd, but it is certain what they mean.
local ODD = {
  { "a body that ends with the connection", sends(OK .. "\r\n%b", CLOSE) },
  { "the version 1.0", sends("HTTP/1.0 200 OK\r\n\r\n%b", CLOSE) },
  { "lines that end with LF", sends("HTTP/1.1 200 OK\nContent-Length: %n\n\n%b") },
  { "no reason after the status", sends("HTTP/1.1 200\r\nContent-Length: %n\r\n\r\n%b") },
  { "the same length twice", sends(OK .. "Content-Length: %n\r\nContent-Length: %n\r\n\r\n%b") },
  { "chunks of one byte", sends(CHUNKED .. "1\r\n{\r\n0;a=b\r\n\r\n"), kind = "protocol" },
  { "chunks and a length", sends(OK .. "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    .. "%x\r\n%b\r\n0\r\n\r\n") },
  { "trailers", sends(CHUNKED .. "%x\r\n%b\r\n0\r\nX-A: b\r\n\r\n") },
  { "1,000 provisional answers before", sends(("HTTP/1.1 103 Early Hints\r\nX-A: b\r\n\r\n"):rep(1000)
    .. OK .. "Content-Length: %n\r\n\r\n%b") },
  { "bytes behind the body", sends(OK .. "Content-Length: %n\r\n\r\n%bHTTP/1.1 200 OK\r\n") },
  { "a second answer", sends((OK .. "Content-Length: %n\r\n\r\n%b"):rep(2)) },
  { "another answer behind it", sends(OK .. "Content-Length: %n\r\n\r\n%b",
    { "send", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n" }) },
  { "the word that the connection will be closed",
    sends(OK .. "Connection: close\r\nContent-Length: %n\r\n\r\n%b") },
}

-- What follows a head without a body must not be taken for the next answer.
local NO_BODIES = {
  { "204 with a body", sends "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello" },
  { "204 with a body that comes later",
    sends("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", { "wait", LATE }, { "send", "hello" }) },
  { "204 with chunks", sends "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" },
  { "204 with chunks that come later",
    sends("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", { "wait", LATE },
      { "send", "5\r\nhello\r\n0\r\n\r\n" }) },
}

local NOT_MODIFIED = {
  { "304 with a body", sends "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello" },
  { "304 with a body that comes later",
    sends("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", { "wait", LATE }, { "send", "hello" }) },
}

return {
  { "an answer that is none", NO_ANSWERS, { kind = "protocol" } },
  { "an answer's head", BAD_HEADS, { kind = "protocol", status = 200 } },
  { "an answer's body", BAD_BODIES, { kind = "protocol", status = 200 } },
  { "an odd answer", ODD, { status = 200 } },
  { "an answer without a body", NO_BODIES, { kind = "protocol", status = 204, content = true } },
  { "an answer that says that nothing changed", NOT_MODIFIED, { kind = "unexpected_status", status = 304 } },
}
