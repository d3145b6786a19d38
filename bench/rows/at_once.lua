-- get_token, 32 in flight, against libcurl alone, and against the least that
-- Lua takes.

local programs = require "bench.programs"

return function(bench)
  local calls = bench.calls(40000)
  local ours = programs.parallel(bench, calls, 32)
  bench.compare {
    measure = "get_token, 32 in flight",
    against = "libcurl's multi loop in C, nothing decoded",
    ours = ours, theirs = programs.multi(bench, calls, 32), least = 0.85,
  }
  bench.compare {
    measure = "get_token, 32 in flight",
    against = "bare Lua",
    ours = ours, theirs = programs.bare_many(bench, calls, 32), least = 0.95,
  }
end
