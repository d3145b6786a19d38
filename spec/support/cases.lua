-- Many cases that are run at the same time, before the first is looked at.

local socket = require "socket"

local REST = 0.001 -- seconds between two looks at what is in flight

local cases = {}

-- Runs a list of them, at most `most` at the same time: `begin(case)` starts
-- one, `advance(case)` moves it on and says whether it is over.
function cases.run(list, most, begin, advance)
  local running, started = {}, 0
  repeat
    while started < #list and #running < most do
      started = started + 1
      running[#running + 1] = list[started]
      begin(list[started])
    end
    socket.sleep(REST)
    for i = #running, 1, -1 do
      if advance(running[i]) then table.remove(running, i) end
    end
  until #running == 0 and started == #list
end

-- Busted keeps what a spec refers to, for all the specs to come.
local function forget(case)
  for name in pairs(case) do case[name] = nil end
end

-- Describes a list of them, each a table with its name: `run(list)` runs all,
-- `check(case)` looks at one.
function cases.describe(title, list, run, check)
  local busted = require "busted" -- whoever only runs cases may lack it
  busted.describe(title, function()
    busted.setup(function() run(list) end)
    for _, case in ipairs(list) do
      busted.it(case.name, function()
        check(case)
        forget(case)
      end)
    end
  end)
end

return cases
