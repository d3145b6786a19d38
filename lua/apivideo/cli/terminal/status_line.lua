--- The last line of the terminal, while it is not an ordinary one: how far
-- something is, or a question. Other words come after it has been left.

local terminal = require "apivideo.cli.terminal.terminal"

local status_line = {}

local BACK, CLEAR = "\r", "\27[K"

-- Columns for the "^C" that a terminal shows where the line ends.
local MARGIN = 3

-- What it takes to leave the line that is shown; nil: none is.
local leave

-- The first characters of a text.
local function cut(text, count)
  local position, left = 1, count
  while left > 0 and position <= #text do
    local _, last = text:find("^[^\128-\191][\128-\191]*", position)
    position, left = (last or position) + 1, left - 1
  end
  return text:sub(1, position - 1)
end

--- The columns that there are for it; nil: there is no terminal.
---@return integer?
function status_line.width()
  local columns = terminal.width "stderr"
  return columns and columns - MARGIN
end

--- Shows a text in place of the one before; only on a terminal.
---@param text string
function status_line.show(text)
  local columns = status_line.width()
  if not columns then return end
  io.stdout:flush()
  io.stderr:write(BACK, cut(text, columns), CLEAR)
  leave = BACK .. CLEAR
end

--- Shows a question, which stays.
---@param text string
function status_line.ask(text)
  status_line.leave()
  io.stdout:flush()
  io.stderr:write(text)
  leave = "\n"
end

--- The question was answered, with a whole line.
function status_line.answered()
  leave = nil
end

--- Makes room for other words.
function status_line.leave()
  if leave then io.stderr:write(leave) end
  leave = nil
end

return status_line
