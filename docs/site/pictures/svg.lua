--- A picture as SVG, piece by piece. Its colours are in a file of CSS beside
-- this one.

local Svg = {}
Svg.__index = Svg

local FOLDER = arg[0]:match "^(.*/)" or ""
local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }

local FRAME = [[
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" \z
height="%d" role="img">
<title>%s</title>
<style>
%s</style>
<rect class="page" x="0.5" y="0.5" width="%d" height="%d" rx="8"/>
%s
</svg>
]]

local function escaped(text)
  return (text:gsub("[&<>]", ENTITIES))
end

-- ' class="box" x="1" y="2"'; whole numbers.
local function attributes(list)
  local out = {}
  for i = 1, #list, 2 do
    local value = list[i + 1]
    if math.type(value) then value = ("%d"):format(value // 1) end
    out[#out + 1] = (' %s="%s"'):format(list[i], value)
  end
  return table.concat(out)
end

--- Nothing yet.
---@param title string
---@param style string the name of the file of CSS
function Svg.new(title, style)
  local file = assert(io.open(FOLDER .. style))
  local css = file:read "*a"
  file:close()
  return setmetatable({ title = title, css = css, pieces = {} }, Svg)
end

local function add(self, ...)
  self.pieces[#self.pieces + 1] = table.concat({ ... })
end

function Svg:box(class, x, y, width, height)
  add(self, "<rect", attributes { "class", class, "x", x, "y", y,
    "width", width, "height", height, "rx", 8 }, "/>")
end

--- Text that begins at a place; with more attributes.
function Svg:text(class, x, y, words, more)
  local list = { "x", x, "y", y }
  if class then table.move({ "class", class }, 1, 2, #list + 1, list) end
  table.move(more or {}, 1, #(more or {}), #list + 1, list)
  add(self, "<text", attributes(list), ">", escaped(words), "</text>")
end

--- Text around a place.
function Svg:centred(class, x, y, words)
  self:text(class, x, y, words, { "text-anchor", "middle" })
end

--- Down to a place.
function Svg:arrow(x, from, to)
  add(self, ('<path class="way" d="M%d %dV%d"/>'):format(x, from, to - 6))
  add(self, ('<path class="tip" d="M%d %dl-4 -7h8z"/>'):format(x, to))
end

--- Writes it to stdout.
function Svg:write(width, height)
  io.write((FRAME:gsub("\\z\n", ""):format(width, height, width, height,
    escaped(self.title), self.css, width - 1, height - 1,
    table.concat(self.pieces, "\n"))))
end

return Svg
