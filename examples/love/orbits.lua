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

local function place(body, angle)
  local radius = body.radius * body.reach
  return math.cos(angle) * radius, math.sin(angle) * radius * FLATTEN
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
    body.grown = paint.ease(body.age / APPEAR)
    body.reach = 0.3 + 0.7 * body.grown
    body.x, body.y = place(body, body.angle)
    if there[name] then
      body.light = 1
    else
      body.light = body.light - seconds / LEAVE
      if body.light <= 0 then bodies[name] = nil end
    end
  end
end

local function draw_tail(body)
  local pieces = 10
  local x, y = body.x, body.y
  for i = 1, pieces do
    local angle = body.angle - TAIL * body.reach * i / pieces
    local next_x, next_y = place(body, angle)
    paint.colour(body.colour, 0.5 * body.light * (1 - i / pieces))
    love.graphics.line(x, y, next_x, next_y)
    x, y = next_x, next_y
  end
end

-- A ripple where it appears.
local function draw_ripple(body)
  if body.grown >= 1 then return end
  paint.colour(body.colour, 0.7 * (1 - body.grown))
  love.graphics.circle("line", body.x, body.y, 4 + 26 * body.grown)
end

local function draw_glow(body)
  paint.glow(body.colour, 0.55 * body.light, body.x, body.y, 15)
end

local function draw_core(body)
  paint.colour(body.colour, body.light)
  love.graphics.circle("fill", body.x, body.y, 3.6)
  paint.colour("white", 0.8 * body.light)
  love.graphics.circle("fill", body.x, body.y, 1.6)
end

-- One kind of thing after the other: they go to the screen together then.
local function draw_bodies()
  love.graphics.setLineWidth(2)
  for _, body in pairs(bodies) do draw_tail(body) end
  for _, body in pairs(bodies) do draw_ripple(body) end
  love.graphics.setBlendMode("add")
  for _, body in pairs(bodies) do draw_glow(body) end
  love.graphics.setBlendMode("alpha")
  for _, body in pairs(bodies) do draw_core(body) end
end

-- A star with a triangle in it: play.
local function draw_middle(age)
  local pulse = 1 + 0.06 * math.sin(age * 2.4)
  love.graphics.setBlendMode("add")
  paint.glow("orange", 0.32, 0, 0, 130 * pulse)
  paint.glow("orange", 0.6, 0, 0, 62 * pulse)
  love.graphics.setBlendMode("alpha")
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
  draw_bodies()
  love.graphics.pop()
end

return orbits
