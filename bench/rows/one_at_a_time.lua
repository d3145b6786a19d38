-- get_token, one at a time, against libcurl alone.

local programs = require "bench.programs"

return function(bench)
  local calls = bench.calls(20000)
  bench.compare {
    measure = "get_token, one at a time",
    against = "libcurl's easy loop in C, nothing decoded",
    ours = programs.get(bench, calls),
    theirs = programs.easy(bench, calls),
    least = 0.95,
  }
end
