-- From the start of a process to the first token, and to its end; and so the
-- least that Lua takes.

local programs = require "bench.programs"

return function(bench)
  local times = bench.calls(50)
  local ours = programs.get(bench, 1)
  ours.times, ours.calls = times, times
  local theirs = programs.curl_command(bench)
  theirs.times, theirs.calls = times, times
  bench.compare {
    measure = "a process that gets one token",
    against = "the curl command",
    ours = ours, theirs = theirs, by = "time", most = 1.45,
  }
  local bare = programs.bare(bench, 1)
  bare.times, bare.calls = times, times
  bench.compare {
    measure = "bare Lua that gets one token",
    against = "the curl command",
    ours = bare, theirs = theirs, by = "time",
  }
end
