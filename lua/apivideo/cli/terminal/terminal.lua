--- The terminal that somebody may sit at: whether there is one, how wide it
-- is, and its colours.

local core = require "apivideo.core"
local system = require "apivideo.cli.system"

local terminal = {}

local DESCRIPTORS = { stdin = 0, stdout = 1, stderr = 2 }
local USUAL_WIDTH = 80

--- The columns of the terminal behind a stream; nil: there is none.
---@param stream "stdin"|"stdout"|"stderr"
---@return integer?
function terminal.width(stream)
  local columns = core.terminal_width(DESCRIPTORS[stream])
  if columns == 0 then return USUAL_WIDTH end
  return columns
end

--- Whether somebody sits at it.
---@param stream "stdin"|"stdout"|"stderr"
function terminal.is(stream)
  return terminal.width(stream) ~= nil
end

local function is_set(name)
  local value = os.getenv(name)
  return value ~= nil and value ~= ""
end

--- Whether it takes codes for colours and places.
---@param stream "stdout"|"stderr"
function terminal.takes_codes(stream)
  local _, codes = core.terminal_width(DESCRIPTORS[stream])
  return codes and os.getenv "TERM" ~= "dumb"
end

-- https://no-color.org
local function has_colours(stream)
  return terminal.takes_codes(stream) and not is_set "NO_COLOR"
end

local CODES = { bold = 1, dim = 2, red = 31, green = 32, yellow = 33 }

--- The text in a colour, where the stream shows any.
---@param stream "stdout"|"stderr"
---@param colour "bold"|"dim"|"red"|"green"|"yellow"
---@param text string
---@return string
function terminal.paint(stream, colour, text)
  if not has_colours(stream) then return text end
  return ("\27[%dm%s\27[0m"):format(CODES[colour], text)
end

--- Whether it shows more than ASCII, by what the environment says.
function terminal.is_utf8()
  if system.is_utf8() then return true end
  for _, name in ipairs { "LC_ALL", "LC_CTYPE", "LANG" } do
    if is_set(name) then
      return os.getenv(name):upper():find "UTF%-?8" ~= nil
    end
  end
  return false
end

return terminal
