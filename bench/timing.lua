-- Whole processes: what they take, alone and against each other.

local timing = {}

local BUILD = os.getenv "APIVIDEO_BUILD"

--- A program in C, built from bench/programs.
function timing.program(name)
  return BUILD .. "/bench/" .. name
end

local function quote(word)
  return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

-- What a runtime needs to find the module as it was built for it.
local function environment(command)
  local runtime = command[1]:match "^lua.*"
  if not runtime then return "" end
  return ("LUA_CPATH=%s "):format(quote(
    ("%s/%s/?.so;%s/bench/%s/?.so;;"):format(BUILD, runtime, BUILD, runtime)))
end

local function line_of(command, before)
  local words = {}
  for i, word in ipairs(command) do words[i] = quote(word) end
  return environment(command) .. before .. " " .. table.concat(words, " ")
end

--- Runs a command, a list of words, and gives all that it prints. `before` is
-- what it is to be run by.
function timing.output(command, before)
  local line = line_of(command, before or "exec")
  local pipe = assert(io.popen(line))
  local text = pipe:read "*a"
  assert(pipe:close(), "failed: " .. line)
  return text
end

--- What a command takes, if it is run `command.times` times (1): seconds `wall`
-- and `cpu`, `memory` in KiB.
function timing.run(command)
  local text = timing.output(command,
    quote(timing.program "timed") .. " " .. (command.times or 1))
  local wall, user, system, memory =
    text:match "timed ([%d.]+) ([%d.]+) ([%d.]+) (%d+)\n$"
  return {
    wall = tonumber(wall),
    cpu = tonumber(user) + tonumber(system),
    memory = tonumber(memory),
  }
end

--- The middle of a list, and its ends.
function timing.spread(list)
  local sorted = { table.unpack(list) }
  table.sort(sorted)
  local half = #sorted // 2
  local middle = #sorted % 2 == 1 and sorted[half + 1]
    or (sorted[half] + sorted[half + 1]) / 2
  return { median = middle, low = sorted[1], high = sorted[#sorted] }
end

--- Runs two commands in turn, so many times. Each says in `calls` how many it
-- makes; what is compared is the time for one. Gives spreads: of the time for
-- a call of each, `ours` and `theirs`, and of ours by theirs, `time` on the
-- clock and `cpu`.
function timing.compare(ours, theirs, rounds)
  local lists = { ours = {}, theirs = {}, time = {}, cpu = {} }
  for i = 1, rounds do
    local a, b = timing.run(ours), timing.run(theirs)
    lists.ours[i] = a.wall / ours.calls
    lists.theirs[i] = b.wall / theirs.calls
    lists.time[i] = lists.ours[i] / lists.theirs[i]
    lists.cpu[i] = a.cpu / ours.calls / (b.cpu / theirs.calls)
  end
  local spreads = {}
  for name, list in pairs(lists) do spreads[name] = timing.spread(list) end
  return spreads
end

return timing
