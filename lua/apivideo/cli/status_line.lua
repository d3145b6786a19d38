--- One line on the terminal that says how far something is; it is gone when
-- anything else is written. Without a terminal there is none.

local terminal = require "apivideo.cli.terminal"

local status_line = {}

local BACK, CLEAR = "\r", "\27[K"

local shown = false

-- The first characters of a text.
local function cut(text, count)
  local position, left = 1, count
  while left > 0 and position <= #text do
    local _, last = text:find("^[^\128-\191][\128-\191]*", position)
    position, left = (last or position) + 1, left - 1
  end
  return text:sub(1, position - 1)
end

--- Shows a text in place of the one before.
---@param text string
function status_line.show(text)
  local columns = terminal.width "stderr"
  if not columns then return end
  io.stdout:flush()
  io.stderr:write(BACK, cut(text, columns - 1), CLEAR)
  shown = true
end

--- Makes room for other words.
function status_line.clear()
  if not shown then return end
  io.stderr:write(BACK, CLEAR)
  shown = false
end

return status_line
