-- What calls in flight and clients take of memory.

local programs = require "bench.programs"
local timing = require "bench.timing"

local LIMIT = 64 -- MiB, of a process with 1,000 calls in flight

return function(bench)
  local function measure(at_once, clients)
    local text = timing.output(programs.memory(bench, at_once, clients))
    return function(name)
      return tonumber(text:match(name .. "%s+([%d.-]+)"))
    end
  end
  local calls, clients = measure(1000, 0), measure(0, 100)
  local all = calls "most" / 1024
  bench.figure("memory of a process with 1,000 calls in flight",
    ("%.1f MiB"):format(all), ("at most %d MiB"):format(LIMIT), all <= LIMIT)
  bench.figure("memory of a call in flight, with its connection and task",
    ("%.1f KiB"):format((calls "most" - calls "before") / 1000))
  bench.figure("memory of a client", ("%.1f KiB"):format(clients "client"))
  bench.figure("memory of a client that has a connection",
    ("%.1f KiB"):format(clients "used"))
end
