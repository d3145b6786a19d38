-- get_token against other ways to make the call.

local programs = require "bench.programs"

return function(bench)
  local calls = bench.calls(20000)
  local ours = programs.get(bench, calls)
  local function compare(against, theirs, least)
    bench.compare {
      measure = "get_token, one at a time", against = against,
      ours = ours, theirs = theirs, least = least,
    }
  end
  compare("the official Node client", programs.node(bench, calls // 10, 1), 5)
  compare("luasocket", programs.socket(bench, calls // 4))
  compare("a curl command for each", programs.curl(bench, calls // 100, 1))

  calls = bench.calls(40000)
  ours = programs.parallel(bench, calls, 32)
  local function compare_at_once(against, theirs, least)
    bench.compare {
      measure = "get_token, 32 in flight", against = against,
      ours = ours, theirs = theirs, least = least,
    }
  end
  compare_at_once("the official Node client",
    programs.node(bench, calls // 20, 32), 12)
  compare_at_once("a curl command for each",
    programs.curl(bench, calls // 200, 32))
end
