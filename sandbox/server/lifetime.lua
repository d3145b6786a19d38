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
local function stop_when_orphaned(_, parent)
  if ffi.C.getppid() == parent then return end
  os.execute("rm -rf " .. quoted(ngx.config.prefix()))
  ffi.C.kill(ffi.C.getpid(), SIGTERM)
end

-- Runs once the listening socket is open: the script waits on this pipe.
function lifetime.begin()
  -- First, as the script may be killed as soon as it knows.
  assert(ngx.timer.every(1, stop_when_orphaned, ffi.C.getppid()))
  local ready = assert(io.open(ngx.config.prefix() .. "ready", "w"))
  ready:write("ready\n")
  ready:close()
end

return lifetime
