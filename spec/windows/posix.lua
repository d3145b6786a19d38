-- A shell for specs that run on a Lua for Windows, under wine on a POSIX
-- system: io.popen, os.execute and os.tmpname are replaced by ones that have
-- that system do it. The module is not helped by it, it calls none of them.

local socket = require "socket"

-- The POSIX system's path of the program "worker" beside this file.
local WORKER = assert(os.getenv "APIVIDEO_WORKER")
local PATIENCE = 20 -- seconds until a shell has started

local execute, getenv = os.execute, os.getenv

-- A process of the POSIX system, which runs a command and is connected to
-- here.
local function start(mode, command)
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  execute(('start "" /unix "%s" %d'):format(WORKER, port))
  listener:settimeout(PATIENCE)
  local peer = assert(listener:accept())
  listener:close()
  peer:setoption("tcp-nodelay", true)
  assert(peer:send(("%s %d\n%s"):format(mode, #command, command)))
  return peer
end

-- What Lua says of a process that has ended, from "exit 0", for example.
local function ending(line)
  local how, code = (line or "signal 9"):match "^(%a+) (%d+)"
  code = tonumber(code)
  if _VERSION == "Lua 5.1" then return how == "exit" and code * 256 or code end
  return (how == "exit" and code == 0) or nil, how, code
end

local Pipe = {}
Pipe.__index = Pipe

-- Output is read whole when it is first asked for: text, with how it ended on
-- the line behind it. Lines end as they do on POSIX, whoever wrote them.
local function fill(pipe)
  if pipe.text then return end
  local all = pipe.peer:receive "*a" or ""
  pipe.peer:close()
  pipe.text, pipe.ended = all:match "^(.*)\n(%a+ %d+)\n$"
  pipe.text, pipe.at = (pipe.text or all):gsub("\r\n", "\n"), 1
end

function Pipe:read(format)
  fill(self)
  format = (format or "l"):gsub("^%*", "")
  local text, at = self.text, self.at
  if format == "a" then
    self.at = #text + 1
    return text:sub(at)
  end
  if at > #text then return nil end
  local line, rest = text:match(format == "L" and "^([^\n]*\n?)()"
    or "^([^\n]*)\n?()", at)
  self.at = rest
  return line
end

function Pipe:lines()
  return function() return self:read "l" end
end

function Pipe:write(...)
  assert(self.peer:send(table.concat { ... }))
  return self
end

Pipe.flush = function(self) return self end
Pipe.setvbuf = Pipe.flush

function Pipe:close()
  if self.mode == "r" then
    fill(self)
    return ending(self.ended)
  end
  self.peer:shutdown "send"
  local all = self.peer:receive "*a"
  self.peer:close()
  return ending(all and all:match "(%a+ %d+)\n$")
end

function io.popen(command, mode) -- luacheck: ignore 122
  mode = mode or "r"
  return setmetatable({ mode = mode, peer = start(mode, command) }, Pipe)
end

-- What runs on in the background may have inherited the connection.
function os.execute(command) -- luacheck: ignore 122
  if not command then return true end
  local peer = start("x", command)
  peer:receive "*l"
  local line = peer:receive "*l"
  peer:close()
  return ending(line)
end

function os.tmpname() -- luacheck: ignore 122
  local pipe = io.popen "mktemp"
  local name = pipe:read "*l"
  pipe:close()
  return name
end

-- Where that system's programs are.
function os.getenv(name) -- luacheck: ignore 122
  if name == "PATH" then return "/usr/local/bin:/usr/bin:/bin" end
  return getenv(name)
end
