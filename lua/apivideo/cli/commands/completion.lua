--- What completes commands and options in a shell.

local arguments = require "apivideo.cli.arguments"
local output = require "apivideo.cli.format.output"

--- Prints it.
---@param options { shell: "bash"|"zsh"|"fish" }
return function(options)
  local parser = arguments.parser()
  local make = parser["get_" .. options.shell .. "_complete"]
  output.line((make(parser):gsub("\n$", "")))
  output.finish()
end
