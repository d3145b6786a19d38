-- Children of this process, on LuaJIT, which needs no library to fork.

local ffi = require "ffi"

pcall(ffi.cdef, [[
  int fork(void);
  int waitpid(int process, int *status, int options);
  void _exit(int status);
]])

local fork = {}

-- Runs `body` in a child, which this process does not wait for.
function fork.start(body)
  local process = ffi.C.fork()
  if process == 0 then
    local ok, result = pcall(body)
    if not ok then io.stderr:write(tostring(result), "\n") end
    ffi.C._exit(ok and result == true and 0 or 1)
  end
  return process
end

-- Waits for a child. → whether its body returned true
function fork.succeeded(process)
  local status = ffi.new "int[1]"
  assert(ffi.C.waitpid(process, status, 0) == process)
  return status[0] == 0
end

-- Runs `body` in a child. → whether it returned true
function fork.child(body)
  return fork.succeeded(fork.start(body))
end

return fork
