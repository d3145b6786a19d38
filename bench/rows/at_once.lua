-- get_token, 32 in flight, against libcurl alone.

local programs = require "bench.programs"

return function(bench)
  local calls = bench.calls(40000)
  bench.compare {
    measure = "get_token, 32 in flight",
    against = "libcurl's multi loop in C, nothing decoded",
    ours = programs.parallel(bench, calls, 32),
    theirs = programs.multi(bench, calls, 32),
    least = 0.85,
  }
end
