--- Colours, fonts and light.

local paint = { BACKGROUND = { 0.043, 0.051, 0.102 } }

local COLOURS = {
  white = { 0.95, 0.96, 1 },
  grey = { 0.56, 0.6, 0.72 },
  orange = { 1, 0.42, 0.24 },
  red = { 1, 0.42, 0.45 },
  teal = { 0.3, 0.87, 0.78 },
  violet = { 0.62, 0.5, 1 },
  gold = { 1, 0.78, 0.36 },
}

local SIZES = { huge = 30, normal = 15, small = 13, tiny = 11 }

local fonts = {}
local glow

function paint.load()
  for name, size in pairs(SIZES) do
    fonts[name] = love.graphics.newFont(size)
  end
  local image = love.image.newImageData(64, 64)
  image:mapPixel(function(x, y)
    local distance = math.sqrt((x - 31.5) ^ 2 + (y - 31.5) ^ 2) / 32
    return 1, 1, 1, math.max(0, 1 - distance) ^ 2.2
  end)
  glow = love.graphics.newImage(image)
end

function paint.colour(name, light)
  local colour = COLOURS[name]
  love.graphics.setColor(colour[1], colour[2], colour[3], light)
end

function paint.text(font, name, light, text, x, y)
  paint.colour(name, light)
  love.graphics.setFont(fonts[font])
  love.graphics.print(text, x, y)
end

--- The text as it fits into `width`.
function paint.cut(font, text, width)
  text = text:gsub("%c", " ")
  if fonts[font]:getWidth(text) <= width then return text end
  while #text > 0 and fonts[font]:getWidth(text .. "…") > width do
    text = text:gsub("[^\128-\191][\128-\191]*$", "") -- a whole character
  end
  return text .. "…"
end

--- A disc that fades out; the blend mode is the caller's.
function paint.glow(name, light, x, y, radius)
  paint.colour(name, light)
  love.graphics.draw(glow, x, y, 0, radius / 32, radius / 32, 32, 32)
end

--- Puts a picture over everything.
function paint.replace(canvas)
  love.graphics.setColor(1, 1, 1)
  love.graphics.setBlendMode("replace", "premultiplied")
  love.graphics.draw(canvas)
  love.graphics.setBlendMode("alpha")
end

--- From 0 to 1, fast first.
function paint.ease(part)
  return 1 - (1 - math.min(part, 1)) ^ 3
end

--- The colour of a token that is valid for so many seconds.
function paint.of_ttl(ttl)
  if ttl == 0 then return "white" end
  if ttl < 3600 then return "gold" end
  if ttl < 6 * 3600 then return "orange" end
  if ttl < 86400 then return "violet" end
  return "teal"
end

return paint
