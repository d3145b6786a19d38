--- Sixty frames a second, and how long each of them worked.

local FRAME = 1 / 60
local KEPT = 240 -- four seconds

local frames = {
  FRAME = FRAME,
  KEPT = KEPT,
  count = 0,
  missed = 0, -- took longer than there is
  missed_by_step = 0, -- would not have without apivideo
  work = {}, -- seconds of every frame so far
  steps = {}, -- of them, apivideo's
}

local began -- when the frame that runs began to work
local due -- when the next one is to

local function finish(work)
  local step = frames.steps[frames.count]
  frames.work[frames.count] = work
  if work <= FRAME then return end
  frames.missed = frames.missed + 1
  if work - step <= FRAME then
    frames.missed_by_step = frames.missed_by_step + 1
  end
end

--- Ends the frame before, with its drawing, and sleeps until this one's turn.
function frames.start()
  local now = love.timer.getTime()
  if began then
    finish(now - began)
    due = math.max(due + FRAME, now - FRAME)
    if due > now then love.timer.sleep(due - now) end
  else
    due = now
  end
  began = love.timer.getTime()
  frames.count = frames.count + 1
end

function frames.stepped(seconds)
  frames.steps[frames.count] = seconds
end

-- "p50 0.10 ms, p99 0.52 ms, max 0.98 ms"
local function describe(list)
  local sorted = {}
  for i, seconds in ipairs(list) do sorted[i] = seconds * 1000 end
  table.sort(sorted)
  local function share(part)
    return sorted[math.floor(part * (#sorted - 1)) + 1] or 0
  end
  return ("p50 %.2f ms, p99 %.2f ms, max %.2f ms"):format(
    share(0.5), share(0.99), share(1))
end

function frames.print()
  print(("frames   %d, %d missed, %d because of apivideo"):format(
    #frames.work, frames.missed, frames.missed_by_step))
  print("step(0)  " .. describe(frames.steps))
  print("frame    " .. describe(frames.work))
end

return frames
