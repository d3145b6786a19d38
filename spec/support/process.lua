-- What this process has taken from the system, as Linux tells it.

local files = require "spec.support.files"

local process = {}

--- Bytes of memory in use, once everything that can be collected is.
function process.memory()
  collectgarbage()
  collectgarbage()
  return files.read("/proc/self/status"):match "VmRSS:%s*(%d+)" * 1024
end

--- Seconds that this process could have run, but others had the processors.
function process.starved()
  return files.read("/proc/self/schedstat"):match "^%d+ (%d+)" / 1e9
end

-- The files that are open, as `ls -l` shows them. Not through a pipe: of its
-- ends this process may still hold both while the other one looks.
local function open_files()
  local id = files.read("/proc/self/stat"):match "^%d+"
  local path = os.tmpname()
  os.execute(("ls -l /proc/%s/fd >%s"):format(id, path))
  local list = files.read(path)
  os.remove(path)
  return list
end

--- How many descriptors are open.
function process.descriptors()
  return select(2, open_files():gsub(" %-> ", ""))
end

--- How many of them are sockets.
function process.sockets()
  return select(2, open_files():gsub(" %-> socket:", ""))
end

--- Whether a file of that path or part of a path is open.
function process.has_open(path)
  return open_files():find(path, 1, true) ~= nil
end

--- Whether a process of that number is there.
function process.is_alive(id)
  local status = os.execute(("kill -0 %d 2>/dev/null"):format(id))
  return status == true or status == 0
end

return process
