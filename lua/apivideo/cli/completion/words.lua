--- What can be typed where: the commands with their options and arguments, as
-- plain tables for those who write a shell's script of it. argparse's own
-- scripts offer files wherever anything can be typed.

---@class apivideo.cli.Value
---@field kind "choice"|"file"|"other"
---@field choices string[] of a choice
---@field name string what it is called

---@class apivideo.cli.Option
---@field names string[]
---@field description string
---@field value apivideo.cli.Value? nil: a flag

---@class apivideo.cli.Command
---@field path string "", "token", "token list"
---@field name string
---@field description string
---@field commands apivideo.cli.Command[]
---@field options apivideo.cli.Option[]
---@field argument apivideo.cli.Value? the last: there is one kind at most
---@field many boolean there can be several of it

local words = {}

-- On one line, without the full stop.
local function line_of(description)
  return ((description or ""):gsub("%s+", " "):gsub("%.$", ""))
end

local function value_of(element)
  local name = element._argname or element._name
  if type(name) == "table" then name = name[1] end
  local kind = element._choices and "choice"
    or name == "FILE" and "file" or "other"
  return { kind = kind, choices = element._choices or {}, name = name }
end

local function option_of(element)
  return {
    names = element._aliases,
    description = line_of(element._description),
    value = element._maxargs > 0 and value_of(element) or nil,
  }
end

-- What stands before a command may stand before one of its own, too.
local function add_inherited(it, above)
  for _, option in ipairs(#it.commands > 0 and above or {}) do
    if option.names[1] ~= "-h" and option.names[1] ~= "--version" then
      it.options[#it.options + 1] = option
    end
  end
end

--- The command that a parser is of, and those below it.
---@param parser table of argparse
---@param path string? ""
---@param above apivideo.cli.Option[]? of the command above it
---@return apivideo.cli.Command
function words.of(parser, path, above)
  local it = {
    path = path or "", name = parser._name,
    description = line_of(parser._description), commands = {}, options = {},
  }
  for i, element in ipairs(parser._options) do
    it.options[i] = option_of(element)
  end
  for i, command in ipairs(parser._commands) do
    local below = it.path == "" and command._name
      or it.path .. " " .. command._name
    it.commands[i] = words.of(command, below, it.options)
  end
  add_inherited(it, above)
  local argument = parser._arguments[1]
  it.argument = argument and value_of(argument)
  it.many = argument ~= nil and argument._maxargs > 1
  return it
end

--- Calls `visit` with a command, and then with each below it.
---@param command apivideo.cli.Command
---@param visit fun(command: apivideo.cli.Command)
function words.each(command, visit)
  visit(command)
  for _, below in ipairs(command.commands) do words.each(below, visit) end
end

--- The names of the commands below one.
---@param command apivideo.cli.Command
---@return string[]
function words.commands(command)
  local names = {}
  for i, below in ipairs(command.commands) do names[i] = below.name end
  return names
end

--- The names of its options; those that take a value, if that is said.
---@param command apivideo.cli.Command
---@param with_value boolean?
---@return string[]
function words.options(command, with_value)
  local names = {}
  for _, option in ipairs(command.options) do
    if option.value or not with_value then
      for _, name in ipairs(option.names) do names[#names + 1] = name end
    end
  end
  return names
end

return words
