--- Names of files as a terminal may be shown them: it obeys some characters.

local utf8_of = require "apivideo.cli.format.utf8"

-- Controls of Unicode's, and those that turn the direction of writing.
local OBEYED = {
  "\194[\128-\159]", "\226\128[\168-\174]", "\226\129[\166-\169]",
}

--- The text, with a question mark for each of them.
---@param text string
---@return string
return function(text)
  local result = utf8_of(text):gsub("%c", "?")
  for _, pattern in ipairs(OBEYED) do result = result:gsub(pattern, "?") end
  return result
end
