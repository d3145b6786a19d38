-- Runs a shell's command for a spec on a Lua for Windows, see posix.lua.
--
--   lua5.4 worker.lua PORT
--
-- It connects to PORT on this machine, where it is told a mode, the length of
-- a command and the command. With the mode "r" it sends the command's output;
-- with "w" what it receives is the command's input, which ends with the
-- connection. Either way it then says how the command ended, "exit 0".

local socket = require "socket"

local peer = assert(socket.connect("127.0.0.1", tonumber(arg[1])))
peer:setoption("tcp-nodelay", true)
local mode, length = peer:receive("*l"):match "^(%a) (%d+)$"
local command = peer:receive(tonumber(length))

local pipe = assert(io.popen(command, mode))
if mode == "r" then
  peer:send(pipe:read "*a")
else
  repeat
    local text, _, rest = peer:receive(1)
    if text or rest then pipe:write(text or rest) pipe:flush() end
  until not text
end
local _, how, code = pipe:close()
peer:send(("\n%s %d"):format(how, code))
peer:close()
