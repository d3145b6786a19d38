-- A temporary directory and the servers that run in it, on loopback ports. All
-- of it goes when the place is closed, and also when this process is gone.

local files = require "spec.support.files"
local random = require "spec.support.random"
local shell = require "spec.support.shell"
local socket = require "socket"

local ATTACHED = "spec/support/attached.sh"
local PATIENCE = 10 -- seconds that a server may take to start

local place = {}
local Place = {}
Place.__index = Place

-- Standard input of what is run is the pipe that is returned.
local function attach(...)
  local words = { "exec", ATTACHED, ... }
  for i = 2, #words do words[i] = shell.quote(words[i]) end
  return assert(io.popen(table.concat(words, " "), "w"))
end

function place.new()
  local path = shell.lines "mktemp -d"[1]
  assert(path, "no temporary directory")
  return setmetatable({ path = path, life = attach(path), pipes = {} }, Place)
end

function Place:close()
  for pipe in pairs(self.pipes) do pipe:close() end
  self.life:close()
end

-- The full name of a file in it.
function Place:file(name)
  return self.path .. "/" .. name
end

function Place:write(name, text)
  files.write(self:file(name), text)
  return self:file(name)
end

function Place:read(name)
  return assert(files.read(self:file(name)))
end

-- Runs a shell script there, which must succeed.
function Place:run(script)
  local command = ("cd %s && { %s\n} >run.log 2>&1"):format(
    shell.quote(self.path), script)
  local status = os.execute(command)
  if status ~= true and status ~= 0 then error(self:read "run.log", 2) end
end

local draw = random(os.time() + math.floor(socket.gettime() * 1e6) % 1000003)

-- Ports below those of sandboxes, which are below those of outgoing connections;
-- each process that runs beside others has some of them for itself.
local FIRST, EACH, SLOTS = 10000, 1000, 8
local slot = tonumber(os.getenv "APIVIDEO_SLOT")
local least = FIRST + (slot and slot % SLOTS * EACH or 0)
local most = least + (slot and EACH or SLOTS * EACH) - 1

-- A port on which nobody listens.
function place.free_port()
  for _ = 1, 100 do
    local port = draw(least, most)
    local listener = socket.bind("127.0.0.1", port)
    if listener then
      listener:close()
      return port
    end
  end
  error "found no free port"
end

-- A port on which nobody listens, and the socket that keeps it so while it is
-- there.
function place.dead_port()
  local keeper = assert(socket.tcp())
  assert(keeper:bind("127.0.0.1", 0))
  local _, port = keeper:getsockname()
  return tonumber(port), keeper
end

-- Waits until `condition` gives something, and returns that; nil when it
-- takes more than `patience` seconds.
function place.wait(condition, patience)
  local deadline = socket.gettime() + (patience or PATIENCE)
  repeat
    local result = condition()
    if result then return result end
    socket.sleep(0.002)
  until socket.gettime() > deadline
end

local function is_served(port)
  local peer = socket.connect("127.0.0.1", port)
  if peer then peer:close() end
  return peer ~= nil
end

-- Runs a command that serves `port`, waits until it does, and returns what
-- ends it when it is called. Its output goes to the file `log`.
function Place:serve(port, log, ...)
  local pipe = attach(self.path, log, ...)
  self.pipes[pipe] = true
  local function stop()
    pipe:close()
    self.pipes[pipe] = nil
  end
  if not place.wait(function() return is_served(port) end) then
    stop()
    error("nothing serves:\n" .. self:read(log), 2)
  end
  return stop
end

return place
