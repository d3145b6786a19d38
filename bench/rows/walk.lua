-- A walk over 10,000 tokens against plain loops over the same pages: one that
-- gives each token once, one that gives what comes, and one that does as much.

local programs = require "bench.programs"

return function(bench)
  local walks = bench.calls(20)
  local ours = programs.walk(bench, 10000, walks)
  bench.compare {
    measure = "a walk over 10,000 tokens",
    against = "bare Lua that gives each token once",
    ours = ours, theirs = programs.once(bench, 10000, walks), least = 0.95,
  }
  bench.compare {
    measure = "a walk over 10,000 tokens",
    against = "bare Lua over the same pages",
    ours = ours, theirs = programs.fetched(bench, 10000, walks),
  }
  bench.compare {
    measure = "a walk over 10,000 tokens",
    against = "Lua that does as much",
    ours = ours, theirs = programs.converted(bench, 10000, walks),
  }
end
