-- Instructions of the process for one call, as callgrind counts them, and which
-- share of them libcurl alone would not have taken.

local programs = require "bench.programs"
local timing = require "bench.timing"

local FEW, MANY = 500, 1500
local LIMIT = 10 -- per cent

local VALGRIND = "exec valgrind --tool=callgrind"
  .. " --callgrind-out-file=/dev/null 2>&1"

local function total(command)
  local text = timing.output(command, VALGRIND)
  return tonumber(text:match "Collected : (%d+)")
end

-- What starting and ending take is in both, and not in the difference.
local function instructions(program, bench, ...)
  local few = total(program(bench, FEW, ...))
  return (total(program(bench, MANY, ...)) - few) / (MANY - FEW)
end

return function(bench)
  local function compare(words, ours, theirs, ...)
    local mine = instructions(ours, bench, ...)
    local raw = instructions(theirs, bench, ...)
    local share = (mine - raw) / mine * 100
    bench.figure("instructions of a call, " .. words,
      ("%.0f; libcurl alone %.0f; our share %.0f %%"):format(mine, raw, share),
      ("our share at most %d %%"):format(LIMIT), share <= LIMIT)
  end
  compare("one at a time", programs.get, programs.easy)
  compare("one at a time, bare Lua", programs.bare, programs.easy)
  compare("32 in flight", programs.parallel, programs.multi, 32)
end
