-- What a call costs as more are in flight, and a token as lists grow.

local programs = require "bench.programs"
local timing = require "bench.timing"

local FLAT = 1.5

-- Runs all commands in turn, and gives the middle of what each one took.
local function medians(bench, commands)
  local lists = {}
  for _ = 1, bench.rounds do
    for i, command in ipairs(commands) do
      lists[i] = lists[i] or {}
      table.insert(lists[i], timing.run(command).cpu / command.calls)
    end
  end
  local result = {}
  for i, list in ipairs(lists) do
    result[i] = timing.spread(list).median * 1e6
  end
  return result
end

local function report(bench, words, sizes, costs, last)
  for i, size in ipairs(sizes) do
    local growth = costs[i] / costs[1]
    local counts = size > sizes[1] and size <= last
    bench.figure(words:format(size),
      ("%.1f µs, %.2f times the first"):format(costs[i], growth),
      counts and ("at most %.1f times"):format(FLAT) or nil,
      counts and growth <= FLAT or nil)
  end
end

return function(bench)
  local calls, tokens = bench.calls(20000), bench.calls(200000)
  local in_flight, lengths = { 1, 10, 100, 1000 }, { 100, 1000, 10000, 100000 }
  local commands = {}
  for i, count in ipairs(in_flight) do
    commands[i] = programs.parallel(bench, calls, count)
  end
  report(bench, "processor time of a call, %d in flight", in_flight,
    medians(bench, commands), 100)
  for i, length in ipairs(lengths) do
    commands[i] = programs.walk(bench, length, math.max(1, tokens // length))
    commands[i].calls = length * math.max(1, tokens // length)
  end
  report(bench, "processor time of a token, %d in the list", lengths,
    medians(bench, commands), 0)
end
