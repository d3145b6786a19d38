-- The messages that docs/errors.md lists.

local messages = {}

--- The rows of the page's tables, in their order: each a message and the
-- heading that it is under.
---@return { text: string, heading: string }[]
function messages.read()
  local rows, heading = {}, nil
  for line in io.lines "docs/errors.md" do
    heading = line:match "^##+ (.*)$" or heading
    local text = line:match "^| `([^`]+)` |"
    if text then rows[#rows + 1] = { text = text, heading = heading } end
  end
  return rows
end

--- The pattern of a message: anything may be where angle brackets are.
---@param text string
---@return string
function messages.pattern(text)
  return (text:gsub("%p", "%%%0"):gsub("%%<[^<>]*%%>", ".+"))
end

-- A text of the sources that is no message has fewer.
local TWO_WORDS = "%a%S* %S*%a"
local FORMAT = "%%[%-.%d]*l*[sdfgxu]"

--- The pieces of a text of the sources that a message must have.
---@param text string
---@return string[]
function messages.pieces(text)
  local pieces = {}
  for piece in (text:gsub(FORMAT, "\1") .. "\1"):gmatch "([^\1]*)\1" do
    if piece:find(TWO_WORDS) then pieces[#pieces + 1] = piece end
  end
  return pieces
end

return messages
