-- get_token, one at a time, against libcurl alone, and against the least that
-- Lua takes.

local programs = require "bench.programs"

return function(bench)
  local calls = bench.calls(20000)
  local ours = programs.get(bench, calls)
  bench.compare {
    measure = "get_token, one at a time",
    against = "libcurl's easy loop in C, nothing decoded",
    ours = ours, theirs = programs.easy(bench, calls), least = 0.9,
  }
  bench.compare {
    measure = "get_token, one at a time",
    against = "bare Lua",
    ours = ours, theirs = programs.bare(bench, calls), least = 1,
  }
end
