-- usage: tmux capture-pane -p -e | screen.lua COLUMNS TITLE >FILE.svg
--
-- Draws what a terminal shows: text, with the codes for colours that the
-- command line uses.

local Svg = dofile((arg[0]:match "^(.*/)" or "") .. "svg.lua")

local columns = assert(math.tointeger(tonumber(arg[1])))
local svg = Svg.new(assert(arg[2]), "screen.css")

local CELL, LINE, PAD = 8, 19, 16 -- pixels
local ABOVE_BASE = 5 -- of a line's lower edge

local CLASSES = {
  [1] = "bold", [2] = "dim", [31] = "red", [32] = "green", [33] = "yellow",
}

-- A line in pieces of one colour each.
local function pieces(line)
  local list, class, at = {}, nil, 1
  local function take(text)
    if text ~= "" then list[#list + 1] = { class = class, text = text } end
  end
  for from, codes, to in line:gmatch "()\27%[([%d;]*)m()" do
    take(line:sub(at, from - 1))
    at, class = to, nil
    for code in codes:gmatch "%d+" do
      class = CLASSES[tonumber(code)] or class
    end
  end
  take(line:sub(at))
  return list
end

local function draw(line, number)
  local column = 0
  for _, piece in ipairs(pieces(line)) do
    local blanks, text = piece.text:match "^( *)(.-) *$"
    if text ~= "" then
      -- Whatever font there is, each character is in its column.
      svg:text(piece.class, PAD + (column + #blanks) * CELL,
        PAD + number * LINE - ABOVE_BASE, text, {
          "textLength", utf8.len(text) * CELL,
          "lengthAdjust", "spacingAndGlyphs",
        })
    end
    column = column + utf8.len(piece.text)
  end
end

local lines, last = {}, 0
for line in io.lines() do
  lines[#lines + 1] = line
  if line:find "%S" then last = #lines end
end
for i = 1, last do draw(lines[i], i) end
svg:write(2 * PAD + columns * CELL, 2 * PAD + last * LINE)
