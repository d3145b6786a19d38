--- How long the last frames worked, and how much of that was apivideo.

local paint = require "paint"

local WIDTH = 328
local HEIGHT = 70 -- of a frame that takes all of its time

local graph = {}

local function draw_bars(frames, x, bottom)
  local step = WIDTH / frames.KEPT
  local first = math.max(1, #frames.work - frames.KEPT + 1)
  local scale = HEIGHT / frames.FRAME
  for i = first, #frames.work do
    local left = x + (i - first) * step
    local work = math.min(frames.work[i] * scale, HEIGHT + 20)
    local own = math.min(frames.steps[i] * scale, work)
    local missed = frames.work[i] > frames.FRAME
    paint.colour(missed and "red" or "teal", missed and 0.8 or 0.34)
    love.graphics.rectangle("fill", left, bottom - work, step, work)
    if own >= 0.5 then -- pixels
      paint.colour("orange", 1)
      love.graphics.rectangle("fill", left, bottom - own, step, own)
    end
  end
end

local function draw_legend(frames, x, y)
  local step = frames.steps[#frames.work] or 0
  paint.text("tiny", "teal", 1, "frame", x, y)
  paint.text("tiny", "orange", 1, "apivideo", x + 44, y)
  paint.text("tiny", "grey", 1, ("%.2f ms"):format(step * 1000), x + 100, y)
  paint.text("tiny", "grey", 1, frames.missed .. " missed", x + 268, y)
end

function graph.draw(frames, x, y)
  local bottom = y + HEIGHT + 20
  paint.colour("white", 0.04)
  love.graphics.rectangle("fill", x, y, WIDTH, HEIGHT + 20, 6)
  paint.colour("white", 0.22)
  love.graphics.setLineWidth(1)
  love.graphics.line(x, bottom - HEIGHT, x + WIDTH, bottom - HEIGHT)
  draw_bars(frames, x, bottom)
  paint.text("tiny", "grey", 1, "16.7 ms", x + 6, bottom - HEIGHT - 16)
  draw_legend(frames, x, bottom + 6)
end

return graph
