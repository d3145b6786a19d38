-- From "nginx serves" to "nobody is left to serve".
local ffi = require "ffi"

ffi.cdef [[
  int getpid(void);
  int getppid(void);
  int kill(int pid, int signal);
]]

local SIGTERM = 15

local lifetime = {}

local function quoted(path)
  return "'" .. path:gsub("'", "'\\''") .. "'"
end

-- The starting script stops this process and removes its directory. If the
-- script was killed outright, both are left to us.
local function stop_when_orphaned(_, script)
  if ffi.C.getppid() == script then return end
  os.execute("rm -rf " .. quoted(ngx.config.prefix()))
  ffi.C.kill(ffi.C.getpid(), SIGTERM)
end

-- The process of the script, which it notes before it starts this one.
local function parent()
  local file = assert(io.open(ngx.config.prefix() .. "parent"))
  local number = file:read("*n")
  file:close()
  return number
end

-- Runs once the listening socket is open: the script waits on this pipe, or was
-- interrupted and waits for our end. Opened for writing alone, a pipe that
-- nobody reads would hold us up for ever.
function lifetime.begin()
  assert(ngx.timer.every(1, stop_when_orphaned, parent()))
  local ready = assert(io.open(ngx.config.prefix() .. "ready", "r+"))
  ready:write("ready\n")
  ready:close()
end

return lifetime
