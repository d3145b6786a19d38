-- usage: run.lua [--short] [ROW…]; see run.sh

local fairness = require "bench.fairness"
local report = require "bench.report"
local server = require "bench.server"
local timing = require "bench.timing"

local ROWS = {
  "one_at_a_time", "at_once", "peers", "walk", "upload", "start",
  "tasks", "instructions", "memory", "scale", "runtimes",
}

-- A run of a second or so on each side, five times; the short version is for
-- machines that are busy with other things.
local function new_bench(short, service)
  local bench = {
    service = service, short = short,
    rounds = short and 2 or 5,
    results = {}, figures = {},
  }

  -- How many calls a run makes.
  function bench.calls(count)
    return short and math.max(1, count // 5) or count
  end

  -- Compares two commands. `row` has `measure` and `against` in words, `ours`
  -- and `theirs`; `by` is what the ratio is of: "rate", or "time"; and it is to
  -- be at `least` or at `most` something, if anything.
  function bench.compare(row)
    row.by = row.by or "rate"
    local spreads = timing.compare(row.ours, row.theirs, bench.rounds)
    local time = spreads.time
    row.ratio = row.by == "time" and time or {
      median = 1 / time.median, low = 1 / time.high, high = 1 / time.low,
    }
    row.cpu = spreads.cpu.median
    row.ours_time = spreads.ours.median
    row.theirs_time = spreads.theirs.median
    bench.results[#bench.results + 1] = row
    print(report.line(row))
    return row
  end

  -- Notes a figure: what it is, its value with the unit, and whether it is as
  -- it should be, if it should.
  function bench.figure(measure, value, reach, met)
    local figure = {
      measure = measure, value = value, reach = reach, met = met,
    }
    bench.figures[#bench.figures + 1] = figure
    print(report.figure_line(figure))
  end

  return bench
end

local short = arg[1] == "--short"
local names = table.move(arg, short and 2 or 1, #arg, 1, {})
local everything = #names == 0
if everything then names = ROWS end

local sizes = { 100, 1000, 10000, 100000 }
local service <close> = server.start(sizes)
fairness.check(service)
local bench = new_bench(short, service)
for _, name in ipairs(names) do require("bench.rows." .. name)(bench) end
if everything and not short then report.write(bench) end
