--- Prints what completes commands and options in a shell.

local arguments = require "apivideo.cli.arguments"
local output = require "apivideo.cli.format.output"
local words = require "apivideo.cli.completion.words"

--- Prints it.
---@param options { shell: "bash"|"zsh"|"fish" }
return function(options)
  local write = require("apivideo.cli.completion." .. options.shell)
  output.line(write(words.of(arguments.parser())))
  output.finish()
end
