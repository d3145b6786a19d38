-- Runs a shell's command for a spec on a Lua for Windows, see posix.lua.
--
--   lua5.4 worker.lua PORT
--
-- It connects to PORT on this machine, where it is told a mode, the length of
-- a command and the command. With the mode "r" it sends the command's output;
-- with "w" what it receives is the command's input, which ends with the
-- connection; with "x" the command has neither. It then says how the command
-- ended, "exit 0".

local socket = require "socket"

local peer = assert(socket.connect("127.0.0.1", tonumber(arg[1])))
peer:setoption("tcp-nodelay", true)
local mode, length = peer:receive("*l"):match "^(%a) (%d+)$"
local command = peer:receive(tonumber(length))

local function finish(_, how, code)
  peer:send(("\n%s %d\n"):format(how, code))
  peer:close()
end

if mode == "x" then
  finish(os.execute(command))
  os.exit(0, true)
end

local pipe = assert(io.popen(command, mode))
if mode == "r" then
  peer:send(pipe:read "*a")
else
  repeat
    local text = peer:receive(1)
    if text then pipe:write(text) end
    pipe:flush()
  until not text
end
finish(pipe:close())
