-- What was measured: lines, bench/results.md and its plot.

local report = {}

local function is_met(row)
  if row.least then return row.ratio.median >= row.least end
  if row.most then return row.ratio.median <= row.most end
  return nil
end

local function goal_of(row)
  if row.least then return ("at least %.2f"):format(row.least) end
  if row.most then return ("at most %.2f"):format(row.most) end
  return nil
end

local function verdict(reach, met)
  if not reach then return "" end
  return reach .. (met and ": yes" or ": no")
end

-- With digits enough, whatever the size.
local function number(value)
  if value >= 100 then return ("%.0f"):format(value) end
  return ("%.2f"):format(value)
end

local function duration(seconds)
  if seconds < 1e-3 then return ("%.1f µs"):format(seconds * 1e6) end
  return ("%.2f ms"):format(seconds * 1e3)
end

local function ratio_of(row)
  return ("%s (%s to %s)"):format(number(row.ratio.median),
    number(row.ratio.low), number(row.ratio.high))
end

function report.line(row)
  return ("%s | %s: %s of its %s, processor time %s; %s, theirs %s  %s"):format(
    row.measure, row.against, ratio_of(row), row.by, number(row.cpu),
    duration(row.ours_time), duration(row.theirs_time),
    verdict(goal_of(row), is_met(row)))
end

function report.figure_line(figure)
  return ("%s: %s  %s"):format(figure.measure, figure.value,
    verdict(figure.reach, figure.met))
end

-- --- the files ---------------------------------------------------------------

local function table_line(...)
  return "| " .. table.concat({ ... }, " | ") .. " |"
end

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return (text:gsub("%s+$", ""))
end

local function machine()
  local model = output_of [[
    sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1]]
  return ("%s cores, %s, Linux %s; %s; %s; %s"):format(
    output_of "nproc", model, output_of "uname -r | cut -d . -f 1-2",
    output_of "curl --version | awk '{ print \"libcurl\", $2; exit }'",
    output_of "lua5.4 -v | awk '{ print $1, $2 }'",
    output_of "luajit -v | awk '{ print $1, $2 }'")
end

local function lines_of(bench)
  local lines = {
    "# Results", "",
    "Written by `./run bench`; [performance.md](../docs/performance.md) says"
      .. " what is measured, and how.", "",
    machine() .. ".", "",
    table_line("measure", "against", "ratio: median (range)", "of", "to reach",
      "processor time, ratio", "a call, ours", "a call, theirs"),
    table_line("---", "---", "---", "---", "---", "---", "---", "---"),
  }
  for _, row in ipairs(bench.results) do
    lines[#lines + 1] = table_line(row.measure, row.against, ratio_of(row),
      row.by, verdict(goal_of(row), is_met(row)), number(row.cpu),
      duration(row.ours_time), duration(row.theirs_time))
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = table_line("measure", "figure", "to reach")
  lines[#lines + 1] = table_line("---", "---", "---")
  for _, figure in ipairs(bench.figures) do
    lines[#lines + 1] = table_line(figure.measure, figure.value,
      verdict(figure.reach, figure.met))
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "![ratios](results.svg)"
  return lines
end

local function write(path, lines)
  local file = assert(io.open(path, "w"))
  file:write(table.concat(lines, "\n"), "\n")
  file:close()
end

-- A row of the plot: its place from above, the ratio of the rates with its
-- range, what it is to reach (0: nothing), and the words. Of a time it is the
-- inverse: further right is faster everywhere.
local function plot_line(row, place)
  local ratio, goal = row.ratio, row.least or row.most or 0
  local median, low, high = ratio.median, ratio.low, ratio.high
  if row.by == "time" then
    median, low, high = 1 / median, 1 / high, 1 / low
    if goal > 0 then goal = 1 / goal end
  end
  return ('%d %g %g %g %g "%s\\n%s"'):format(
    place, median, low, high, goal, row.measure, "against " .. row.against)
end

local function plot_lines(bench)
  local lines = {}
  for i, row in ipairs(bench.results) do lines[i] = plot_line(row, i) end
  return lines
end

function report.write(bench)
  write("bench/results.md", lines_of(bench))
  local data = os.tmpname()
  write(data, plot_lines(bench))
  local done = os.execute(("gnuplot -e \"data = '%s'\" bench/plot.gp"):format(
    data))
  os.remove(data)
  assert(done, "gnuplot failed")
end

return report
