-- get_token, 32 in flight, against libcurl alone; and so the least that Lua
-- takes.

local programs = require "bench.programs"

return function(bench)
  local calls = bench.calls(40000)
  local theirs = programs.multi(bench, calls, 32)
  bench.compare {
    measure = "get_token, 32 in flight",
    against = "libcurl's multi loop in C, nothing decoded",
    ours = programs.parallel(bench, calls, 32),
    theirs = theirs,
    least = 0.85,
  }
  bench.compare {
    measure = "bare Lua, 32 in flight",
    against = "libcurl's multi loop in C, nothing decoded",
    ours = programs.bare_many(bench, calls, 32),
    theirs = theirs,
  }
end
