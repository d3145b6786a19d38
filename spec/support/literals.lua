-- The texts in sources: string literals without comments, those that the
-- language joins as one.

local literals = {}

local ESCAPES = { n = "\n", t = "\t", r = "\r", ["0"] = "\0" }

local function unescape(text)
  return (text:gsub("\\(.)", function(c) return ESCAPES[c] or c end))
end

-- A language: what a comment begins with, and what joins two texts.
local C = { comment = "^/%*.-%*/()", join = "^%s*()" }
local LUA = { comment = "^%-%-[^\n]*()", join = "^%s*%.%.%s*()" }

-- The text that begins at a quote, and the place behind it.
local function read_text(source, place)
  local quote, from = source:sub(place, place), place + 1
  place = from
  while source:sub(place, place) ~= quote do
    place = place + (source:sub(place, place) == "\\" and 2 or 1)
    assert(place <= #source, "a text does not end")
  end
  return unescape(source:sub(from, place - 1)), place + 1
end

local function is_text(source, place, language)
  local c = source:sub(place, place)
  return c == '"' or c == "'" and language == LUA
end

-- Reads on while texts are joined.
local function read_joined(source, place, language)
  local text, after = read_text(source, place)
  while true do
    local following = source:match(language.join, after)
    if not following or not is_text(source, following, language) then
      return text, after
    end
    local more
    more, after = read_text(source, following)
    text = text .. more
  end
end

--- All texts of a file, in their order.
---@param path string
---@return string[]
function literals.read(path)
  local file = assert(io.open(path, "rb"))
  local source = file:read "*a":gsub("#include[^\n]*", "")
  file:close()
  local language = path:find "%.lua$" and LUA or C
  local texts, place = {}, 1
  while place <= #source do
    local behind = source:match(language.comment, place)
    if behind then
      place = behind
    elseif is_text(source, place, language) then
      texts[#texts + 1], place = read_joined(source, place, language)
    elseif language == C and source:find("^'\\?.'", place) then
      place = place + #source:match("^'\\?.'", place)
    else
      place = place + 1
    end
  end
  return texts
end

return literals
