--- The newest tokens, a row each.

local paint = require "paint"

local ROWS = 11
local HEIGHT = 31
local WIDTH = 328
local APPEAR = 0.45 -- seconds

local list = {}

local rows = {} -- how a token's row is seen, by the token's name

-- They appear one after the other, and slide to their places.
function list.update(seconds, tokens)
  local kept = {}
  for i = 1, math.min(#tokens, ROWS) do
    local name = tokens[i].token
    local row = rows[name] or { age = -0.04 * i, place = i }
    row.age = row.age + seconds
    row.place = row.place + (i - row.place) * math.min(1, seconds * 12)
    kept[name] = row
  end
  rows = kept
end

-- Nobody should see a whole token, not even who looks over a shoulder.
local function short(token)
  return token:sub(1, 4) .. "…" .. token:sub(-3)
end

local function duration(ttl)
  if ttl == 0 then return "for ever" end
  if ttl < 3600 then return ("%d min"):format(ttl / 60) end
  return ("%d h"):format(ttl / 3600)
end

local function draw_panel(token, row)
  paint.colour("white", 0.055 * row.light)
  love.graphics.rectangle("fill", row.x, row.y, WIDTH, HEIGHT - 5, 6)
  paint.colour(paint.of_ttl(token.ttl), row.light)
  love.graphics.circle("fill", row.x + 15, row.y + 13, 4)
end

local function write_name(token, row)
  local name = short(token.token)
  paint.text("normal", "white", row.light, name, row.x + 30, row.y + 4)
end

local function write_times(token, row)
  local x, y, light = row.x, row.y + 5, row.light
  paint.text("small", "grey", light, duration(token.ttl), x + 156, y)
  local clock = token.created_at:match "T(%d+:%d+:%d+)"
  paint.text("small", "grey", light, clock, x + 258, y)
end

local function place(token, row, x, y)
  local grown = paint.ease(math.max(0, row.age) / APPEAR)
  row.light = token.leaving and grown * 0.3 or grown
  row.x = x + 24 * (1 - grown)
  row.y = y + (row.place - 1) * HEIGHT
end

function list.draw(board, x, y)
  local more = board.total > ROWS and ", the newest here" or ""
  local text = ("%d active%s"):format(board.total, more)
  paint.text("small", "grey", 1, text, x, y - 24)
  local function each(action)
    for i = 1, math.min(#board.tokens, ROWS) do
      local token = board.tokens[i]
      local row = rows[token.token]
      if row then action(token, row, x, y) end
    end
  end
  each(place)
  -- One kind of thing after the other: they go to the screen together then.
  each(draw_panel)
  each(write_name)
  each(write_times)
end

return list
