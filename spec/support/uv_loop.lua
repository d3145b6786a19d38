-- luv's loop as specs run it: functions as coroutines, until nothing is left.

local patience = require "spec.support.patience"
local uv = require "luv"

local LONGEST = patience(20) -- seconds

local loop = {}

-- Suspends the coroutine that is running for some seconds, with luv alone.
function loop.sleep(seconds)
  local thread, timer = coroutine.running(), uv.new_timer()
  timer:start(math.floor(seconds * 1000), 0, function()
    timer:close()
    coroutine.resume(thread)
  end)
  coroutine.yield()
end

-- Calls a function in a while, from the loop and not from a coroutine.
function loop.later(seconds, body)
  local timer = uv.new_timer()
  timer:start(math.floor(seconds * 1000), 0, function()
    timer:close()
    body()
  end)
end

-- Runs the loop until nothing is left in it. → how often it went round.
local function run()
  local rounds, late = 0, false
  local count, guard = uv.new_prepare(), uv.new_timer()
  count:start(function() rounds = rounds + 1 end)
  guard:start(math.floor(LONGEST * 1000), 0, function()
    late = true
    uv.stop()
  end)
  count:unref()
  guard:unref()
  uv.run()
  count:close()
  guard:close()
  uv.run "nowait" -- closes them
  if late then error("the loop has not ended", 3) end
  return rounds
end

-- Runs functions, each as a coroutine, and the loop until it ends. → how often
-- it went round. What fails after its first wait ends the process, as luv has
-- it: who expects that looks at what was gathered instead.
function loop.run(...)
  for _, body in ipairs { ... } do
    local ok, err = coroutine.resume(coroutine.create(body))
    if not ok then error(err, 0) end
  end
  return run()
end

return loop
