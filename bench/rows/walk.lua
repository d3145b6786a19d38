-- A walk over 10,000 tokens against a plain loop over the same pages.

local programs = require "bench.programs"

return function(bench)
  local walks = bench.calls(20)
  bench.compare {
    measure = "a walk over 10,000 tokens",
    against = "the same pages by libcurl and lua-cjson, in a plain loop",
    ours = programs.walk(bench, 10000, walks),
    theirs = programs.fetched(bench, 10000, walks),
    least = 0.9,
  }
end
