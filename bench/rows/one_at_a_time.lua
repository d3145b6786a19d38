-- get_token, one at a time, against libcurl alone; and so the least that Lua
-- takes.

local programs = require "bench.programs"

return function(bench)
  local calls = bench.calls(20000)
  local theirs = programs.easy(bench, calls)
  bench.compare {
    measure = "get_token, one at a time",
    against = "libcurl's easy loop in C, nothing decoded",
    ours = programs.get(bench, calls),
    theirs = theirs,
    least = 0.95,
  }
  bench.compare {
    measure = "bare Lua, one at a time",
    against = "libcurl's easy loop in C, nothing decoded",
    ours = programs.bare(bench, calls),
    theirs = theirs,
  }
end
