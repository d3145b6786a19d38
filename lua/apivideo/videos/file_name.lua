--- The name that a file is uploaded under, which is its video's title.

local core = require "apivideo.core"
local misuse = require "apivideo.util.misuse"

--- Gives the name back; misuse raises.
---@param method string
---@param argument integer
---@param name any
---@return string
return function(method, argument, name)
  if type(name) ~= "string" or not core.is_file_name(name) then
    misuse.raise(method, argument, "file_name must be 1 to 255 bytes of UTF-8"
      .. " without control characters, / and \\, got " .. core.describe(name))
  end
  return name
end
