--- The last line of the terminal, while it is not an ordinary one: how far
-- something is, or a question. Other words come after it has been left.

local columns_of = require "apivideo.cli.format.columns"
local terminal = require "apivideo.cli.terminal.terminal"

local status_line = {}

local BACK, CLEAR = "\r", "\27[K"

-- Columns for the "^C" that a terminal shows where the line ends.
local MARGIN = 3

-- What it takes to leave the line that is shown; nil: none is.
local leave

--- The columns that there are for it; nil: there is no terminal, or none that
-- can write over a line.
---@return integer?
function status_line.width()
  if not terminal.takes_codes "stderr" then return nil end
  return terminal.width "stderr" - MARGIN
end

--- Shows a text in place of the one before; only on a terminal.
---@param text string
function status_line.show(text)
  local columns = status_line.width()
  if not columns then return end
  io.stdout:flush()
  io.stderr:write(BACK, columns_of.first(text, columns), CLEAR)
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
