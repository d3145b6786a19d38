-- A walk over 10,000 tokens against plain loops over the same pages.

local programs = require "bench.programs"

return function(bench)
  local walks = bench.calls(20)
  local ours = programs.walk(bench, 10000, walks)
  bench.compare {
    measure = "a walk over 10,000 tokens",
    against = "the same pages by libcurl and lua-cjson, in a plain loop",
    ours = ours,
    theirs = programs.fetched(bench, 10000, walks),
    least = 0.9,
  }
  bench.compare {
    measure = "a walk over 10,000 tokens",
    against = "such a loop that also renames, makes integers and gives each"
      .. " token once, in Lua",
    ours = ours,
    theirs = programs.converted(bench, 10000, walks),
  }
end
