-- The tasks of the fault server, and bytes on its sockets. Everything blocks
-- its task and no other.

local socket = require "socket"

local PIECE = 65536

local server = {}

-- --- tasks --------------------------------------------------------------

-- A task is a coroutine that yields the name of what it waits for, and on
-- what: "read" or "write" on a socket, "sleep" until a time.
local waiting = { read = {}, write = {} }
local sleeping = {}

local function resume(task)
  local ok, what, on = coroutine.resume(task)
  if not ok then error(debug.traceback(task, what), 0) end
  if coroutine.status(task) == "dead" then return end
  if what == "sleep" then
    sleeping[task] = on
  else
    waiting[what][on] = task
  end
end

function server.spawn(body, ...)
  local arguments = { ... }
  local unpack = table.unpack or unpack -- luacheck: ignore 143
  resume(coroutine.create(function() body(unpack(arguments)) end))
end

function server.forget(peer)
  waiting.read[peer], waiting.write[peer] = nil, nil
  peer:close()
end

local function keys(map)
  local list = {}
  for key in pairs(map) do list[#list + 1] = key end
  return list
end

local function wake(what, sockets)
  for _, peer in ipairs(sockets) do
    local task = waiting[what][peer]
    waiting[what][peer] = nil
    if task then resume(task) end
  end
end

-- Wakes who has waited long enough. → seconds until the next one, or nil.
local function wake_sleepers()
  local now, soonest = socket.gettime(), nil
  for _, task in ipairs(keys(sleeping)) do
    local left = sleeping[task] - now
    if left <= 0 then
      sleeping[task] = nil
      resume(task)
    end
  end
  for _, time in pairs(sleeping) do
    soonest = math.min(soonest or time, time)
  end
  return soonest and math.max(0, soonest - socket.gettime())
end

function server.run()
  while true do
    local left = wake_sleepers()
    local readable, writable =
      socket.select(keys(waiting.read), keys(waiting.write), left)
    wake("read", readable)
    wake("write", writable)
  end
end

-- --- bytes --------------------------------------------------------------

-- Waits for bytes. → what came, or nil at the end of the connection.
function server.receive(peer)
  while true do
    local text, problem, partial = peer:receive(PIECE)
    if text or partial ~= "" then return text or partial end
    if problem ~= "timeout" then return nil end
    coroutine.yield("read", peer)
  end
end

-- → whether all was sent.
function server.send(peer, bytes)
  local from = 1
  while from <= #bytes do
    local last, problem, partial = peer:send(bytes, from)
    if problem and problem ~= "timeout" then return false end
    if problem then coroutine.yield("write", peer) end
    from = (last or partial) + 1
  end
  return true
end

function server.pause(seconds)
  coroutine.yield("sleep", socket.gettime() + seconds)
end

function server.reset(peer)
  peer:setoption("linger", { on = true, timeout = 0 })
  server.forget(peer)
end

return server
