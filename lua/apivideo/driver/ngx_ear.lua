--- How the pump is told that a client has something to do. nginx cannot watch
-- a descriptor of ours, but a socket of its own: a relay of the core, which is
-- a thread, writes a byte to it. Where there can be no relay, the pump looks
-- every few milliseconds.
--
-- An ear has
-- - `wait(seconds)`: waits until it is told, or so long; whether it was told;
-- - `ring()`: tells it;
-- - `pause()`: waits until others have been served;
-- - `watch(sched)`: tells it, once, when the client has something to do;
-- - `rest()`: it is not used for a while;
-- - `why`, perhaps: why it can watch nobody.

local core = require "apivideo.core"

local ear = {}

-- Milliseconds, the longest that nginx waits for a socket. One that lasts too
-- long would be an error in its log, so the relay reminds us in time.
local FOREVER = 2 ^ 30

-- How many bytes are taken at once, if the Lua module has that: each says the
-- same.
local SOME = 64

-- --- a relay ----------------------------------------------------------------

local Ear = {}
Ear.__index = Ear

local relay, path -- of this worker, once there is one

local function open(socket)
  local ok, err = socket:connect("unix:" .. path)
  if ok then socket:settimeouts(FOREVER, FOREVER, FOREVER) end
  return ok, err
end

-- A new relay, and the socket that hears it.
local function connect()
  local socket = ngx.socket.tcp()
  if relay and relay:works() and open(socket) then return socket end
  if relay then relay:close() end
  relay, path = core.relay()
  if not relay then return nil, path end
  local ok, err = open(socket)
  if not ok then return nil, err end
  if not relay:begin() then return nil, "there is no thread to be had" end
  return socket
end

local function hear(socket)
  if socket.receiveany then return socket:receiveany(SOME) end
  return socket:receive(1)
end

--- Waits until it is told, at most that long.
---@param seconds number
function Ear:wait(seconds)
  local now = core.now()
  -- A reminder that comes earlier does no harm, and setting one costs more.
  if self.reminded <= now or self.reminded > now + seconds then
    self.reminded = now + seconds
    relay:remind(seconds)
  end
  local told, err = hear(self.socket)
  if not told then error("the relay is gone: " .. tostring(err), 0) end
  return self.reminded > core.now()
end

function Ear.ring()
  relay:tell()
end

-- Not `ngx.sleep(0)`, of which nginx warns where it was not patched for it.
function Ear:pause()
  relay:tell()
  hear(self.socket)
end

--- Whether it will be told of the client.
---@param sched apivideo.Scheduler
function Ear:watch(sched)
  local ok, fd = pcall(sched.fd, sched)
  if not (ok and fd) then return false end
  self.watched[sched] = fd
  return relay:watch(fd)
end

--- Nobody reads for now: nginx keeps the connection.
function Ear:rest()
  for _, fd in pairs(self.watched) do relay:leave(fd) end
  self.socket:setkeepalive(0, 1)
end

-- --- without one ------------------------------------------------------------

local Bell = {}
Bell.__index = Bell

function Bell:wait(seconds)
  return (self.bell:wait(seconds))
end

function Bell:ring()
  if self.bell:count() < 1 then self.bell:post() end
end

function Bell.pause()
  ngx.sleep(0.001) -- the shortest that leaves room for others
end

function Bell.watch()
  return false
end

function Bell.rest()
end

-- ----------------------------------------------------------------------------

--- An ear for the caller, who is in a timer.
function ear.open()
  local socket, why = connect()
  if socket then
    return setmetatable({
      socket = socket, reminded = 0,
      watched = setmetatable({}, { __mode = "k" }),
    }, Ear)
  end
  if relay then relay:close() end
  relay = nil
  return setmetatable({
    bell = assert(require("ngx.semaphore").new()), why = why,
  }, Bell)
end

return ear
