-- A server that misbehaves as it is told: a process of its own, so that what
-- it serves may block. spec/support/faults.lua starts it and talks to it.
--
--   lua fault_server.lua PORT
--
-- It connects to PORT on this machine and is told what to do there, a line of
-- JSON for each command and for each answer; it ends when that connection
-- does, and so never outlives who started it.
--
--   ["open", place]  → its port           ["close", port]  → true
--   ["log", port]    → what arrived there: { connections, requests }
--   ["revive", port] → true: connections are taken from now on
--
-- A place is a port with a script: one fault for every request in the order
-- in which they arrive, whatever their connection; `healthy` is the answer to
-- all that follow, and to a `false` in the script. With `cycle` the script
-- starts again at its end. A fault is a list of steps; a connection that is
-- still open after them reads its next request. With `greets` the faults
-- belong to connections instead, and come before their first request. Until
-- it is revived, an `absent` place refuses connections, and a `deaf` one does
-- not answer who wants to connect; `deaf` may be the seconds that this lasts.
-- With `upstream`, a port, the place stands before another server, see
-- fault_relay.lua, and a `false` in the script lets a request pass. A `narrow`
-- place has little room for what it has not read; the system gives up to 32 MiB.

local cjson = require "cjson"
local relay = require "spec.support.fault_relay"
local server = require "spec.support.server_tasks"
local socket = require "socket"

local HOST = "127.0.0.1"
local NARROW = 65536 -- bytes

local forget, pause, receive = server.forget, server.pause, server.receive
local send, spawn = server.send, server.spawn

-- --- steps --------------------------------------------------------------

-- What a step may be; false ends the connection's task.
local steps = {}

function steps.send(peer, bytes)
  return send(peer, bytes)
end

-- One byte at a time.
function steps.trickle(peer, bytes, seconds)
  for i = 1, #bytes do
    if not send(peer, bytes:sub(i, i)) then return false end
    pause(seconds)
  end
  return true
end

-- The same again and again, until the other side has enough.
function steps.flood(peer, bytes)
  while send(peer, bytes) do coroutine.yield("write", peer) end
  return false
end

function steps.wait(_, seconds)
  pause(seconds)
  return true
end

-- Reads, answers nothing, and stays until the other side goes.
function steps.hang(peer)
  while receive(peer) do end -- luacheck: ignore 542
  return false
end

-- Says that nothing will follow, and goes on listening.
function steps.half_close(peer)
  peer:shutdown "send"
  return true
end

function steps.close()
  return false
end

function steps.reset(peer)
  server.reset(peer)
  return false
end

-- Until the other side has said something, which stays unread.
function steps.await(peer)
  coroutine.yield("read", peer)
  return true
end

local function pass_on(from, to)
  repeat
    local text = receive(from)
  until not text or not send(to, text)
  to:shutdown "send"
end

-- Whatever either side says, to the other: the server of that port.
function steps.tunnel(peer, port)
  local other = assert(socket.connect(HOST, math.floor(port)))
  other:settimeout(0)
  other:setoption("tcp-nodelay", true)
  spawn(pass_on, other, peer)
  pass_on(peer, other)
  forget(other)
  return false
end

local function carry_out(fault, peer)
  for _, step in ipairs(fault) do
    if not steps[step[1]](peer, step[2], step[3]) then return false end
  end
  return true
end

-- --- places -------------------------------------------------------------

local places = {}

local function next_fault(place)
  place.position = place.position + 1
  if place.cycle and place.position > #place.script then place.position = 1 end
  return place.script[place.position]
end

-- → a request in `buffer` and what follows it; nil while it is not complete.
local function take_request(buffer)
  local head, rest = buffer:match "^(.-\r\n)\r\n(.*)$"
  if not head then return nil end
  local size = tonumber(head:lower():match "\ncontent%-length: *(%d+)") or 0
  if #rest < size then return nil end
  local method, path = head:match "^(%S+) (%S+)"
  local request = { method = method, path = path, body = rest:sub(1, size) }
  return request, rest:sub(size + 1)
end

local function serve(place, peer)
  local buffer, open = "", true
  if place.greets then
    local fault = next_fault(place)
    if fault then open = carry_out(fault, peer) end
  end
  if place.upstream then
    relay.serve(place, peer, next_fault, steps)
    open = false
  end
  while open do
    local request, rest = take_request(buffer)
    if request then
      buffer = rest
      place.log.requests[#place.log.requests + 1] = request
      local fault = not place.greets and next_fault(place)
      if fault then
        open = carry_out(fault, peer)
      else
        open = send(peer, place.healthy)
      end
    else
      local text = receive(peer)
      open = text ~= nil
      buffer = buffer .. (text or "")
    end
  end
  forget(peer)
  place.peers[peer] = nil
end

local function accept(place)
  local listener = place.listener
  while true do
    coroutine.yield("read", listener)
    local peer = listener:accept()
    if peer then
      peer:settimeout(0)
      peer:setoption("tcp-nodelay", true)
      place.peers[peer] = true
      place.log.connections = place.log.connections + 1
      spawn(serve, place, peer)
    end
  end
end

-- Fills the queue of those who want to connect: one more gets no answer.
local function deafen(place, port)
  assert(place.listener:listen(0))
  for _ = 1, 4 do
    local filler = socket.tcp()
    filler:settimeout(0)
    filler:connect(HOST, port)
    place.peers[filler] = true
  end
end

local function bind(place, port)
  place.listener = assert(socket.tcp4())
  assert(place.listener:setoption("reuseaddr", true))
  if place.narrow then
    assert(place.listener:setoption("recv-buffer-size", NARROW))
  end
  assert(place.listener:bind(HOST, tonumber(port)))
  place.listener:settimeout(0)
end

local commands = {}

function commands.revive(port)
  local place = places[port]
  if place and not place.alive then
    place.alive = true
    if not place.deaf then assert(place.listener:listen(128)) end
    spawn(accept, place)
  end
  return true
end

-- Until it is revived, or for a time, nobody is let in.
local function shut(place, port, deaf)
  place.deaf, place.alive = deaf, false
  if not deaf then return end
  deafen(place, port)
  if deaf == true then return end
  spawn(function()
    pause(deaf)
    commands.revive(port)
  end)
end

function commands.open(place)
  bind(place, 0)
  local _, port = place.listener:getsockname()
  place.peers, place.position = {}, 0
  place.log = { connections = 0, requests = {} }
  place.upstream = place.upstream and math.floor(place.upstream)
  function place.leave(deaf)
    forget(place.listener)
    bind(place, port)
    shut(place, port, deaf)
  end
  places[port] = place
  if place.absent or place.deaf then
    shut(place, port, place.deaf)
  else
    commands.revive(port)
  end
  return port
end

function commands.log(port)
  return places[port].log
end

function commands.close(port)
  local place = places[port]
  places[port] = nil
  forget(place.listener)
  for peer in pairs(place.peers) do forget(peer) end
  return true
end

local function obey(control)
  local buffer = ""
  while true do
    local line, rest = buffer:match "^([^\n]*)\n(.*)$"
    if line then
      buffer = rest
      local command = cjson.decode(line)
      local answer = commands[command[1]](command[2])
      if not send(control, cjson.encode { answer } .. "\n") then os.exit(1) end
    else
      local text = receive(control)
      if not text then os.exit(0) end
      buffer = buffer .. text
    end
  end
end

local control = assert(socket.connect(HOST, tonumber(arg[1])))
control:settimeout(0)
control:setoption("tcp-nodelay", true)
spawn(obey, control)
server.run()
