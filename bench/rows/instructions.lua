-- Instructions of the process for one call, as callgrind counts them, and those
-- of libcurl alone.

local programs = require "bench.programs"
local timing = require "bench.timing"

local FEW, MANY = 500, 1500

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
  local function count(words, most, program, ...)
    local number = instructions(program, bench, ...)
    bench.figure("instructions of a call, " .. words, ("%.0f"):format(number),
      most and ("at most %d"):format(most), most and number <= most)
  end
  count("one at a time", 98000, programs.get)
  count("one at a time, bare Lua", nil, programs.bare)
  count("one at a time, libcurl alone", nil, programs.easy)
  count("32 in flight", 110000, programs.parallel, 32)
  count("32 in flight, bare Lua", nil, programs.bare_many, 32)
  count("32 in flight, libcurl alone", nil, programs.multi, 32)
end
