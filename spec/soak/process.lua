-- What this process has taken from the system, as Linux tells it.

local process = {}

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

--- Bytes of memory in use, once everything that can be collected is.
function process.memory()
  collectgarbage()
  collectgarbage()
  return read("/proc/self/status"):match "VmRSS:%s*(%d+)" * 1024
end

--- How many descriptors are open.
function process.descriptors()
  local id = read("/proc/self/stat"):match "^%d+"
  local pipe = assert(io.popen("ls /proc/" .. id .. "/fd | wc -l"))
  local count = tonumber(pipe:read "*a")
  pipe:close()
  return count - 1 -- without that pipe
end

return process
