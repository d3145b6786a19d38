--- What is seen: tokens in orbit, their list, an upload, and how long the
-- frames take.

local bar = require "bar"
local list = require "list"
local graph = require "graph"
local orbits = require "orbits"
local paint = require "paint"

local scene = {}

local WIDTH, HEIGHT = 960, 600
local CENTRE_X, CENTRE_Y = 300, 312

local backdrop -- what never changes, drawn once
local stars = {} -- those that twinkle
local age = 0 -- seconds since the start

-- Left of the list.
local function new_star()
  return {
    x = love.math.random() * 580,
    y = love.math.random() * HEIGHT,
    size = 0.4 + love.math.random() ^ 3 * 1.2,
    phase = love.math.random() * 2 * math.pi,
  }
end

local function draw_star(star, light)
  paint.colour("white", light)
  love.graphics.circle("fill", star.x, star.y, star.size)
end

-- From here on, places are in a picture of WIDTH by HEIGHT.
local function fit()
  local width, height = love.graphics.getDimensions()
  love.graphics.scale(math.min(width / WIDTH, height / HEIGHT))
end

local function draw_backdrop()
  love.graphics.clear(paint.BACKGROUND)
  fit()
  for _ = 1, 120 do draw_star(new_star(), 0.1 + love.math.random() * 0.4) end
  orbits.draw_rings(CENTRE_X, CENTRE_Y)
  paint.text("huge", "white", 1, "Upload tokens", 36, 26)
  paint.text("small", "grey", 1, "api.video, without missing a frame", 38, 68)
end

function scene.load()
  paint.load()
  for i = 1, 24 do stars[i] = new_star() end
  backdrop = love.graphics.newCanvas() -- as large as the window
  backdrop:renderTo(draw_backdrop)
end

function scene.update(seconds, board)
  age = age + seconds
  orbits.update(seconds, board.tokens)
  list.update(seconds, board.tokens)
  bar.update(seconds, board.upload)
end

local function draw_stars()
  for _, star in ipairs(stars) do
    draw_star(star, 0.45 + 0.4 * math.sin(age * 1.5 + star.phase))
  end
end

-- What is going on: a ring that turns while tasks run.
local function draw_activity(busy)
  local x, y = 918, 46
  love.graphics.setLineWidth(3)
  paint.colour("white", 0.12)
  love.graphics.circle("line", x, y, 10)
  if busy == 0 then return end
  paint.colour("orange", 1)
  love.graphics.arc("line", "open", x, y, 10, age * 7, age * 7 + 1.8)
end

local HELP = {
  { "N", "create" }, { "R", "reload" }, { "D", "delete" }, { "U", "upload" },
}

local function draw_help()
  local x = 38
  for _, entry in ipairs(HELP) do
    paint.colour("white", 0.1)
    love.graphics.rectangle("fill", x, 556, 24, 24, 5)
    paint.text("small", "white", 1, entry[1], x + 7, 560)
    paint.text("small", "grey", 1, entry[2], x + 32, 560)
    x = x + 104
  end
end

local function draw_problem(problem)
  if not problem then return end
  paint.colour("red", 0.16)
  love.graphics.rectangle("fill", 36, 508, 520, 34, 6)
  paint.text("small", "red", 1, paint.cut("small", problem, 496), 48, 517)
end

function scene.draw(board, frames)
  paint.replace(backdrop)
  fit()
  draw_stars()
  orbits.draw(age, CENTRE_X, CENTRE_Y)
  draw_activity(board.busy)
  bar.draw(38, 96)
  list.draw(board, 596, 100)
  graph.draw(frames, 596, 470)
  draw_help()
  draw_problem(board.problem)
end

return scene
