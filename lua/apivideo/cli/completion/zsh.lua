--- The script that completes commands in zsh, by its own _arguments.

local words = require "apivideo.cli.completion.words"

local HEAD = [[
#compdef apivideo
# zsh completion for apivideo: a file _apivideo in a directory of $fpath, or
# source <(apivideo completion zsh)

]]

local TAIL = [=[
if [[ $funcstack[1] == _apivideo ]]; then
  _apivideo "$@"
else
  compdef _apivideo apivideo
fi]=]

local function function_of(path)
  return "_apivideo" .. (path == "" and "" or "_" .. path:gsub(" ", "_"))
end

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- What stands between brackets or colons of a specification.
local function plain(text)
  return (text:gsub("[%[%]:\\]", "\\%0"))
end

local function action_of(value)
  local action = " " -- nothing is known of it but its name
  if value.kind == "file" then action = "_files" end
  if value.kind == "choice" then
    action = "(" .. table.concat(value.choices, " ") .. ")"
  end
  return (":%s:%s"):format(value.name, action)
end

local function option_line(option)
  local names, rest = option.names, "[" .. plain(option.description) .. "]"
  if option.value then rest = rest .. action_of(option.value) end
  if #names == 1 then
    return quoted(names[1] .. (option.value and "=" or "") .. rest)
  end
  return ("'(%s)'{%s}%s"):format(table.concat(names, " "),
    table.concat(names, ","), quoted(rest))
end

local function argument_line(command)
  return quoted((command.many and "*" or "1") .. action_of(command.argument))
end

-- One of the commands below.
local function choose(command)
  local lines = {}
  for i, below in ipairs(command.commands) do
    lines[i] = ("        %s\n"):format(
      quoted(below.name .. ":" .. plain(below.description)))
  end
  local cases = {}
  for i, below in ipairs(command.commands) do
    cases[i] = ("        %s) %s ;;\n"):format(
      below.name, function_of(below.path))
  end
  return ([[
  case $state in
    command)
      local -a commands
      commands=(
%s      )
      _describe -t commands command commands ;;
    words)
      case $line[1] in
%s      esac ;;
  esac
]]):format(table.concat(lines), table.concat(cases))
end

-- What comes behind a command is its own, options among it.
local BEFORE = "-A '-*' "

local function write(pieces, command)
  local below = #command.commands > 0
  local lines = {}
  for i, option in ipairs(command.options) do
    lines[i] = option_line(option)
  end
  if command.argument then lines[#lines + 1] = argument_line(command) end
  if below then
    lines[#lines + 1] = "'1:command:->command'"
    lines[#lines + 1] = "'*::words:->words'"
  end
  pieces[#pieces + 1] = ([[
%s() {
  local curcontext=$curcontext state state_descr line
  typeset -A opt_args
  _arguments -C -S %s\
    %s
%s}

]]):format(function_of(command.path), below and BEFORE or "",
    table.concat(lines, " \\\n    "),
    below and choose(command) or "")
end

--- The script.
---@param root apivideo.cli.Command
---@return string
return function(root)
  local pieces = { HEAD }
  words.each(root, function(command) write(pieces, command) end)
  return table.concat(pieces) .. TAIL
end
