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

--- Seconds that this process could have run, but others had the processors.
function process.starved()
  return read("/proc/self/schedstat"):match "^%d+ (%d+)" / 1e9
end

--- How many descriptors are open. Not through a pipe: of its ends this process
-- may still hold both while the other one counts.
function process.descriptors()
  local id = read("/proc/self/stat"):match "^%d+"
  local path = os.tmpname()
  os.execute(("ls /proc/%s/fd | wc -l >%s"):format(id, path))
  local count = tonumber(read(path))
  os.remove(path)
  return count
end

return process
