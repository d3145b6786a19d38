--- Each token goes round: the longer it lives, the wider and slower.

local paint = require "paint"

local RINGS = { gold = 78, orange = 116, violet = 154, teal = 192, white = 222 }
local FLATTEN = 0.86 -- rings are seen from a little above
local TAIL = 0.55 -- radians that a token leaves behind it, at most
local APPEAR = 0.9 -- seconds
local LEAVE = 0.5

local orbits = {}

local bodies = {} -- by the token's name
local golden = 0 -- spreads them: no two begin at the same angle

local function new_body(token)
  golden = golden + 2.399963
  local colour = paint.of_ttl(token.ttl)
  return {
    colour = colour,
    radius = RINGS[colour] + love.math.random(-9, 9),
    angle = golden,
    age = 0,
    light = 1, -- from 1 to 0 once it is gone
  }
end

function orbits.update(seconds, tokens)
  local there = {}
  for _, token in ipairs(tokens) do
    local name = token.token
    there[name] = true
    bodies[name] = bodies[name] or new_body(token)
  end
  for name, body in pairs(bodies) do
    body.age = body.age + seconds
    body.angle = body.angle + seconds * 52 / body.radius
    if there[name] then
      body.light = 1
    else
      body.light = body.light - seconds / LEAVE
      if body.light <= 0 then bodies[name] = nil end
    end
  end
end

local function place(body, angle, reach)
  local radius = body.radius * reach
  return math.cos(angle) * radius, math.sin(angle) * radius * FLATTEN
end

local function draw_tail(body, reach)
  local pieces = 10
  local x, y = place(body, body.angle, reach)
  love.graphics.setLineWidth(2)
  for i = 1, pieces do
    local angle = body.angle - TAIL * reach * i / pieces
    local next_x, next_y = place(body, angle, reach)
    paint.colour(body.colour, 0.5 * body.light * (1 - i / pieces))
    love.graphics.line(x, y, next_x, next_y)
    x, y = next_x, next_y
  end
end

local function draw_body(body)
  local grown = paint.ease(body.age / APPEAR)
  local reach = 0.3 + 0.7 * grown
  local x, y = place(body, body.angle, reach)
  draw_tail(body, reach)
  paint.glow(body.colour, 0.55 * body.light, x, y, 15)
  paint.colour(body.colour, body.light)
  love.graphics.circle("fill", x, y, 3.6)
  paint.colour("white", 0.8 * body.light)
  love.graphics.circle("fill", x, y, 1.6)
  if grown < 1 then -- a ripple where it appears
    paint.colour(body.colour, 0.7 * (1 - grown))
    love.graphics.setLineWidth(1.5)
    love.graphics.circle("line", x, y, 4 + 26 * grown)
  end
end

-- A star with a triangle in it: play.
local function draw_middle(age)
  local pulse = 1 + 0.06 * math.sin(age * 2.4)
  paint.glow("orange", 0.32, 0, 0, 130 * pulse)
  paint.glow("orange", 0.6, 0, 0, 62 * pulse)
  paint.colour("orange", 1)
  love.graphics.circle("fill", 0, 0, 27 * pulse, 64)
  paint.colour("white", 1)
  love.graphics.polygon("fill", -7, -11, -7, 11, 12, 0)
end

function orbits.draw_rings(x, y)
  love.graphics.setLineWidth(1)
  for colour, radius in pairs(RINGS) do
    paint.colour(colour, 0.14)
    love.graphics.ellipse("line", x, y, radius, radius * FLATTEN, 96)
  end
end

function orbits.draw(age, x, y)
  love.graphics.push()
  love.graphics.translate(x, y)
  draw_middle(age)
  for _, body in pairs(bodies) do draw_body(body) end
  love.graphics.pop()
end

return orbits
