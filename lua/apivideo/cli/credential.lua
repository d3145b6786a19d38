--- Keys and upload tokens as people keep them in files and variables: an
-- editor's byte order mark, quotes, NAME= and blanks around one are none of
-- it. What is left in doubt is refused, and never shown.

local failure = require "apivideo.cli.failure"

local credential = {}

-- Blanks that are not ASCII, and marks that nobody sees.
local UNSEEN = {
  "\239\187\191", -- byte order mark
  "\194\160", "\160", -- no-break space, and that of Latin-1
  "\226\128[\128-\143\168\169\175]", -- spaces and marks of all widths
  "\226\129\160", "\227\128\128",
}

local QUOTES = {
  { '"', '"' }, { "'", "'" }, { "`", "`" },
  { "\226\128\156", "\226\128\157" }, { "\226\128\152", "\226\128\153" },
}

local function trimmed(text)
  repeat
    local before = text
    text = text:match "^%s*(.-)%s*$"
    for _, pattern in ipairs(UNSEEN) do
      text = text:gsub("^" .. pattern, ""):gsub(pattern .. "$", "")
    end
  until text == before
  return text
end

local function unquoted(text)
  for _, pair in ipairs(QUOTES) do
    local open, close = pair[1], pair[2]
    if #text >= #open + #close and text:sub(1, #open) == open
        and text:sub(-#close) == close then
      return text:sub(#open + 1, -#close - 1)
    end
  end
  return text
end

-- What stands behind APIVIDEO_API_KEY= and its like, also as shells write it.
local function unnamed(text)
  local line = text:gsub("^export%s+", ""):gsub("^set%s+", "")
    :gsub("^%$env:", "")
  local name = line:match "^([%a_]+)%s*=$"
  -- The end of BASE64 looks like this, but has letters of both cases.
  if name and (name == name:upper() or name == name:lower()) then return "" end
  local value
  name, value = line:match "^([%a_][%w_]*)%s*=%s*([^=%s].*)$"
  local upper = name and name:upper()
  if upper and (upper:find "KEY" or upper:find "TOKEN") then
    return (value:gsub("%s*;$", ""))
  end
  return text
end

-- Some systems write UTF-16: the characters of ASCII with zeros between them.
local function is_utf16(text)
  return text:sub(1, 2) == "\255\254" or text:sub(1, 2) == "\254\255"
end

local function decoded(text)
  return (text:sub(3):gsub("%z", ""))
end

local function cleaned(text)
  repeat
    local before = text
    text = unnamed(unquoted(trimmed(text)))
  until text == before
  return text
end

-- What is in a text that can be in no key, and the words for it.
local WRONG = {
  { "^#!", "the beginning of a script" },
  { "[\r\n]", "a line end" },
  { "%s", "a blank" },
  { "%c", "a control character" },
  { "%z", "a control character" },
  { "[\128-\255]", "a character that is not ASCII" },
  { "[\"'`]", "a quote" },
  { ":", "a colon" },
  { "^[%a_][%w_]*=[^=]", "'=' behind a name" },
}

--- Reads one; misuse raises, with words that name the source.
---@param text string
---@param source string "APIVIDEO_API_KEY"
---@param what string "key", or "upload token"
---@return string
function credential.read(text, source, what)
  local value = cleaned(text)
  if value == "" then
    failure.misuse(("%s holds no %s"):format(source, what))
  end
  for _, case in ipairs(WRONG) do
    if value:find(case[1]) then
      failure.misuse(("%s does not hold the %s alone: there is %s in it")
        :format(source, what, case[2]))
    end
  end
  return value
end

local LONGEST = 65536 -- bytes of a line, or of UTF-16, that are looked at

-- Byte by byte: of a line with a zero in it, some runtimes' own reading gives
-- what is before that alone.
local function next_line(file)
  local bytes = {}
  repeat
    local byte = file:read(1)
    bytes[#bytes + 1] = byte
  until not byte or byte == "\n" or #bytes > LONGEST
  return table.concat(bytes)
end

-- Gives a file's next lines each time, nil at its end. No more is read than is
-- needed: somebody may be typing. nil and why: it cannot be read.
local function reader_of(file)
  local start, problem = file:read(2)
  if problem then return nil, problem end
  start = start or ""
  return function()
    local before = start
    start = ""
    if is_utf16(before) then
      return decoded(before .. (file:read(LONGEST) or ""))
    end
    if before:sub(-1) == "\n" then return before end
    local line = before .. next_line(file)
    return line ~= "" and line or nil
  end
end

-- The first line that says something, or nil; nil and why it cannot be read.
local function first_line(file)
  local read, problem = reader_of(file)
  if not read then return nil, problem end
  for lines in read do
    for line in lines:gmatch "[^\r\n]+" do
      if cleaned(line) ~= "" then return line end
    end
  end
end

--- The same of the first line of a file that says something; the file may be
-- a pipe.
---@param path string
---@param option string that names it
---@param what string
---@return string
function credential.file(path, option, what)
  local file, problem = io.open(path, "rb")
  if not file then failure.misuse(option .. ": " .. problem) end
  local line
  line, problem = first_line(file)
  file:close()
  if problem then
    failure.misuse(("%s: %s: %s"):format(option, path, problem))
  end
  if line then return credential.read(line, option .. ": " .. path, what) end
  return failure.misuse(("%s: %s holds no %s"):format(option, path, what))
end

credential.NO_TOKEN = "an upload token is 1 to 128 of A-Z a-z 0-9 _ -"

--- Whether a text can be an upload token.
---@param text string
function credential.is_token(text)
  return #text <= 128 and text:find "^[%w_-]+$" ~= nil
end

--- The same of a variable; nil: it is not set.
---@param name string
---@param what string
---@return string?
function credential.variable(name, what)
  local text = os.getenv(name)
  if not text or text == "" then return nil end
  return credential.read(text, name, what)
end

return credential
