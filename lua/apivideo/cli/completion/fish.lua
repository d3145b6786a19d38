--- The script that completes commands in fish.

local words = require "apivideo.cli.completion.words"

local HEAD = [[
# fish completion for apivideo: ~/.config/fish/completions/apivideo.fish

]]

-- Prints which command the words before the cursor are of.
local PATH = [[
function __apivideo_path
    set -l path ''
    set -l value no
    for word in (commandline -opc)[2..-1]
        if test $value = yes
            set value no
        else if test "$word" = --
            break
        else if contains -- "$word" (__apivideo_takers)
            set value yes
        else if contains -- (string trim "$path $word") $__apivideo_paths
            set path (string trim "$path $word")
        end
    end
    echo $path
end

function __apivideo_at
    test (__apivideo_path) = "$argv[1]"
end

complete -c apivideo -f
]]

local function quoted(text)
  return "'" .. text:gsub("[\\']", "\\%0") .. "'"
end

local function add(pieces, path, rest)
  pieces[#pieces + 1] = ("complete -c apivideo -n %s %s\n"):format(
    quoted("__apivideo_at " .. quoted(path):gsub("'", '"')), rest)
end

local function value_of(value)
  if not value then return "" end
  if value.kind == "file" then return " -r -F" end
  if value.kind == "other" then return " -x" end
  return " -x -a " .. quoted(table.concat(value.choices, " "))
end

local function add_option(pieces, path, option)
  local names = {}
  for i, name in ipairs(option.names) do
    local long = name:match "^%-%-(.*)"
    names[i] = long and "-l " .. long or "-s " .. name:sub(2)
  end
  add(pieces, path, ("%s%s -d %s"):format(table.concat(names, " "),
    value_of(option.value), quoted(option.description)))
end

local function add_command(pieces, command)
  for _, below in ipairs(command.commands) do
    add(pieces, command.path, ("-a %s -d %s"):format(
      below.name, quoted(below.description)))
  end
  local argument = command.argument
  if argument and argument.kind == "file" then
    add(pieces, command.path, "-F")
  elseif argument and argument.kind == "choice" then
    add(pieces, command.path,
      "-a " .. quoted(table.concat(argument.choices, " ")))
  end
  for _, option in ipairs(command.options) do
    add_option(pieces, command.path, option)
  end
end

--- The script.
---@param root apivideo.cli.Command
---@return string
return function(root)
  local paths, takers, seen, pieces = {}, {}, {}, {}
  words.each(root, function(command)
    if command.path ~= "" then paths[#paths + 1] = quoted(command.path) end
    for _, name in ipairs(words.options(command, true)) do
      if not seen[name] then takers[#takers + 1] = name end
      seen[name] = true
    end
    add_command(pieces, command)
  end)
  return HEAD
    .. ("set -g __apivideo_paths %s\n\n"):format(table.concat(paths, " "))
    .. ("function __apivideo_takers\n    printf '%%s\\n' %s\nend\n\n")
      :format(table.concat(takers, " "))
    .. PATH .. table.concat(pieces):gsub("\n$", "")
end
