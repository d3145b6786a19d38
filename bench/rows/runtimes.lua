-- LuaJIT against Lua 5.4.

local programs = require "bench.programs"

return function(bench)
  local function compare(measure, program, ...)
    local ours, theirs = program(bench, ...), program(bench, ...)
    ours[1] = "luajit"
    bench.compare {
      measure = measure .. ", under LuaJIT", against = "Lua 5.4",
      ours = ours, theirs = theirs,
    }
  end
  compare("get_token, one at a time", programs.get, bench.calls(20000))
  compare("get_token, 32 in flight", programs.parallel, bench.calls(40000), 32)
  compare("a walk over 10,000 tokens", programs.walk, 10000, bench.calls(20))
end
