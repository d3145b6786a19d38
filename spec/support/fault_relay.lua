-- What a place of the fault server does that stands before another server: it
-- passes on what it is sent and what that is answered, as far as the steps for
-- a request let it. Bodies pass in pieces, and are counted.
--
-- Steps of its own, for a request and its answer:
--   pass upto seconds    passes the body on, up to a point, with a pause of so
--                        many seconds after each piece
--   swallow upto         the same without passing it on
--   take                 waits for the answer and keeps it
--   answer share         sends it, or such a share of its bytes
--   leave deaf           takes the answer; from now on connections are refused
--                        or, with `deaf`, not answered, as if the place had
--                        been opened like that
-- A point is a share of the body, from 0 to 1, or, below 0, so many bytes
-- before its end. In what other steps send, the id of the video that was
-- answered last stands where `relay.VIDEO_ID` is.

local server = require "spec.support.server_tasks"
local socket = require "socket"

local HOST = "127.0.0.1"

local relay = { VIDEO_ID = "vi0000000000000000000000" }

local HEALTHY = { { "pass" }, { "answer" } }

-- --- one direction -----------------------------------------------------------

-- → whether there is one more request, whose head was read.
local function read_head(it)
  while true do
    local last = select(2, it.buffer:find("\r\n\r\n", 1, true))
    if last then
      it.head, it.buffer = it.buffer:sub(1, last), it.buffer:sub(last + 1)
      return true
    end
    local text = server.receive(it.peer)
    if not text then return false end
    it.buffer = it.buffer .. text
  end
end

local function header(head, name)
  return head:lower():match("\n" .. name:gsub("%-", "%%-") .. ": *([^\r\n]*)")
end

local function log_request(it)
  local method, path = it.head:match "^(%u+) (/%S*) HTTP/1.1\r\n"
  it.request = {
    method = method or "?", path = path or "?", body = 0,
    length = tonumber(header(it.head, "content-length")) or 0,
    range = header(it.head, "content-range"),
  }
  local requests = it.place.log.requests
  requests[#requests + 1] = it.request
end

local function piece_of_body(it, most)
  if it.buffer == "" then it.buffer = server.receive(it.peer) or "" end
  local piece = it.buffer:sub(1, most)
  it.buffer = it.buffer:sub(most + 1)
  it.request.body = it.request.body + #piece
  return piece ~= "" and piece or nil
end

-- The number of bytes up to a point of the body.
local function bytes_upto(it, upto)
  local length = it.request.length
  if not upto then return length end
  return upto < 0 and length + upto or math.floor(length * upto)
end

-- Reads the body up to a point. → whether it came so far.
local function read_body(it, upto, use)
  local last = bytes_upto(it, upto)
  while it.request.body < last do
    local piece = piece_of_body(it, last - it.request.body)
    if not piece or not use(piece) then return false end
  end
  return true
end

local function ignore()
  return true
end

-- --- the server behind it ----------------------------------------------------

local function open(it)
  if it.upstream then return end
  it.upstream = assert(socket.connect(HOST, it.place.upstream))
  it.upstream:settimeout(0)
  it.upstream:setoption("tcp-nodelay", true)
end

local function close_upstream(it)
  if it.upstream then server.forget(it.upstream) end
  it.upstream, it.passed = nil, false
end

-- What the server answers; nil when it hangs up.
local function read_answer(it)
  local text = ""
  repeat
    local more = server.receive(it.upstream)
    if not more then return nil end
    text = text .. more
    local last = select(2, text:find("\r\n\r\n", 1, true))
    local size = last and tonumber(header(text:sub(1, last), "content-length"))
  until size and #text >= last + size
  return text
end

-- --- steps -------------------------------------------------------------------

local steps = {}

function steps.pass(it, upto, seconds)
  open(it)
  if not it.passed and not server.send(it.upstream, it.head) then
    return false
  end
  it.passed = true
  return read_body(it, upto, function(piece)
    if seconds then server.pause(seconds) end
    return server.send(it.upstream, piece)
  end)
end

function steps.swallow(it, upto)
  return read_body(it, upto, ignore)
end

function steps.take(it)
  it.answer = it.answer or read_answer(it)
  if not it.answer then return false end
  it.place.video_id = it.answer:match '"videoId":"(%w+)"' or it.place.video_id
  return true
end

function steps.answer(it, share)
  if not steps.take(it) then return false end
  local size = math.floor(#it.answer * (share or 1))
  return server.send(it.peer, it.answer:sub(1, size))
end

-- Who asks must not come back through this connection.
function steps.leave(it, deaf)
  if not steps.take(it) then return false end
  it.answer = it.answer:gsub("keep%-alive", "close")
  it.place.leave(deaf)
  return true
end

-- --- connections -------------------------------------------------------------

local function with_video_id(it, value)
  local id = it.place.video_id
  if type(value) ~= "string" or not id then return value end
  return (value:gsub(relay.VIDEO_ID, id))
end

local function carry_out(it, fault, others)
  for _, step in ipairs(fault or HEALTHY) do
    local own = steps[step[1]]
    local going
    if own then
      going = own(it, step[2], step[3])
    else
      going = others[step[1]](it.peer, with_video_id(it, step[2]), step[3])
    end
    if not going then return false end
  end
  return true
end

-- The next request finds the connections as if there had been none. → whether
-- there may be one.
local function finish(it)
  if it.passed and not it.answer then close_upstream(it) end
  it.answer, it.passed = nil, false
  return read_body(it, nil, ignore)
end

-- Serves a connection; `others` are the steps that every place has.
function relay.serve(place, peer, next_fault, others)
  local it = { place = place, peer = peer, buffer = "" }
  local open_still = true
  while open_still and read_head(it) do
    log_request(it)
    open_still = carry_out(it, next_fault(place), others) and finish(it)
  end
  close_upstream(it)
end

return relay
