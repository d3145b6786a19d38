-- A task for each of 20,000 calls, all at once, against `parallel`, which needs
-- a task for each call in flight.

local programs = require "bench.programs"

return function(bench)
  local calls = bench.calls(20000)
  bench.compare {
    measure = "20,000 tasks, 32 calls in flight",
    against = "parallel over as many calls",
    ours = programs.tasks(bench, calls, 32),
    theirs = programs.parallel(bench, calls, 32), by = "time", most = 1.5,
  }
end
