-- An nginx with its Lua module, in which the module that is being looked at
-- runs. It goes when it is closed, and also when this process is gone.

local place = require "spec.support.place"
local processes = require "spec.support.process"
local shell = require "spec.support.shell"
local socket = require "socket"

local PATIENCE = 10 -- seconds that an answer or a change may take

local nginx = {}
local Nginx = {}
Nginx.__index = Nginx

local CONFIGURATION = [[
daemon off;
worker_processes %d;
%s
error_log error.log notice;
pid nginx.pid;
lock_file nginx.lock;
%s
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path bodies;
  proxy_temp_path bodies;
  fastcgi_temp_path bodies;
  uwsgi_temp_path bodies;
  scgi_temp_path bodies;
  lua_package_path "$prefix/?.lua;%s";
  lua_package_cpath "%s";
  %s
  server {
    listen 127.0.0.1:%d backlog=1024;
    lua_check_client_abort on;
    %s
  }
}
]]

-- The program: administrators' directories are not on everybody's PATH.
function nginx.program()
  return shell.output([[PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
    command -v nginx]]):match "%S+"
end

-- Where its modules are; nil: it has that of Lua built in, as OpenResty's has.
function nginx.modules()
  local text = shell.output(nginx.program() .. " -V 2>&1")
  if text:find "%-%-add%-module=%S*lua" then return nil end
  return text:match "%-%-modules%-path=(%S+)"
end

local LOAD_MODULES = [[
load_module modules/ndk_http_module.so;
load_module modules/ngx_http_lua_module.so;]]

-- Otherwise its workers belong to a user who can read nothing here.
function nginx.user()
  if shell.output "id -u" ~= "0\n" then return "" end
  return "user " .. shell.output "id -un":match "%S+" .. ";"
end

-- Paths of ours, absolute and without what stands for the standard ones.
local function searched(variable)
  return (os.getenv(variable):gsub(";;.*", ";;"))
end

-- A command that is to load the module of a build with sanitizers needs their
-- runtime. Workers are forks, and give up on purpose what their parent had.
function nginx.command(...)
  local library = os.getenv "APIVIDEO_PRELOAD"
  if not library then return ... end
  local options = (os.getenv "ASAN_OPTIONS" or "") .. ":detect_leaks=0"
  return "env", "LD_PRELOAD=" .. library, "ASAN_OPTIONS=" .. options, ...
end

-- Starts one. `setup` has parts of its configuration: `server` with the
-- locations, and perhaps `http`, `main`, `workers`; and `files`: names to
-- Lua sources that it can require.
function nginx.start(setup)
  local here = place.new()
  local port = place.free_port()
  for name, source in pairs(setup.files or {}) do here:write(name, source) end
  local modules = nginx.modules()
  here:run "mkdir bodies"
  if modules then here:run("ln -s '" .. modules .. "' modules") end
  here:write("nginx.conf", CONFIGURATION:format(setup.workers or 1,
    modules and LOAD_MODULES or "", nginx.user() .. (setup.main or ""), searched "LUA_PATH",
    searched "LUA_CPATH", setup.http or "", port, setup.server))
  local self = setmetatable({ place = here, port = port }, Nginx)
  self.stop = here:serve(port, "output.log", nginx.command(nginx.program(),
    "-p", here.path .. "/", "-c", "nginx.conf", "-e", "stderr"))
  return self
end

function Nginx:close()
  self.stop()
  self.place:close()
end

-- --- requests -----------------------------------------------------------------

-- Sends a request and leaves the answer for later: `receive` reads it from
-- the connection that is returned.
function Nginx:send(path, headers)
  local connection = assert(socket.connect("127.0.0.1", self.port))
  connection:settimeout(PATIENCE)
  assert(connection:send(("GET %s HTTP/1.0\r\nHost: localhost\r\n%s\r\n")
    :format(path, headers or "")))
  return connection
end

-- The status of an answer, its body and its head.
function nginx.receive(connection)
  local answer = assert(connection:receive "*a")
  connection:close()
  local head, body = answer:match "^(.-)\r\n\r\n(.*)$"
  assert(head, "no answer came")
  return tonumber(head:match "^HTTP/%d%.%d (%d+)"), body, head
end

function Nginx:get(path, headers)
  return nginx.receive(self:send(path, headers))
end

-- --- the processes ------------------------------------------------------------

-- The numbers of its processes: the master's, and a list of the workers'.
function Nginx:master()
  return tonumber(self.place:read "nginx.pid")
end

function Nginx:workers()
  local numbers = {}
  local master = self:master()
  local path = ("/proc/%d/task/%d/children"):format(master, master)
  for number in shell.output("cat " .. path):gmatch "%d+" do
    numbers[#numbers + 1] = tonumber(number)
  end
  return numbers
end

function Nginx:signal(name, process)
  os.execute(("kill -%s %d"):format(name, process or self:master()))
end

-- Lets new workers take over; returns once they serve.
function Nginx:reload()
  local old = {}
  for _, number in ipairs(self:workers()) do old[number] = true end
  self:signal "HUP"
  assert(place.wait(function()
    for _, number in ipairs(self:workers()) do
      if not old[number] then return true end
    end
  end, PATIENCE), "no new worker came")
end

-- Whether a process ends before long.
function nginx.is_gone(process)
  return place.wait(function()
    return not processes.is_alive(process)
  end, 2)
end

-- Ends when it is told to, before long and without trouble.
function Nginx:assert_quits()
  local master = self:master()
  self:signal "QUIT"
  assert(nginx.is_gone(master), "it goes on")
  assert(self:troubles() == "", self:troubles())
end

-- The clock ticks that a process has used.
function nginx.ticks(process)
  local file = assert(io.open(("/proc/%d/stat"):format(process)))
  local line = file:read "*l"
  file:close()
  local user, system = line:match "^%d+ %b() %S+ (.*)$"
  local fields = {}
  for field in (user .. (system or "")):gmatch "%S+" do
    fields[#fields + 1] = field
  end
  return fields[11] + fields[12]
end

-- How often a process has gone to sleep and been woken up.
function nginx.switches(process)
  local text = shell.output(("cat /proc/%d/status"):format(process))
  return tonumber(text:match "\nvoluntary_ctxt_switches:%s*(%d+)")
end

-- The lines of its log that tell of trouble; `allowed` is a pattern for
-- those that belong to the spec.
function Nginx:troubles(allowed)
  local lines = {}
  for line in self.place:read("error.log"):gmatch "[^\n]+" do
    local is_bad = line:find "%[emerg%]" or line:find "%[alert%]"
      or line:find "%[crit%]" or line:find "%[error%]" or line:find "%[warn%]"
    if is_bad and not (allowed and line:find(allowed)) then
      lines[#lines + 1] = line
    end
  end
  return table.concat(lines, "\n")
end

return nginx
