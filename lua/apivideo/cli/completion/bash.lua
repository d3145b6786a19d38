--- The script that completes commands in bash. Files are left to bash itself,
-- which knows quotes, blanks and folders.

local words = require "apivideo.cli.completion.words"

-- Bash parts words at "=", which may also be taken out of COMP_WORDBREAKS.
local HEAD = [=[
# bash completion for apivideo: source <(apivideo completion bash)

_apivideo_files() {
    compopt -o bashdefault -o default 2>/dev/null
}

_apivideo_offer() {
    local IFS=$'\n'
    COMPREPLY=($(compgen -P "$before" -W "${1// /$'\n'}" -- "$current"))
}

_apivideo_commands() {
    case $1 in
]=]

local BODY = [=[
_apivideo() {
    local current=${COMP_WORDS[COMP_CWORD]} before=
    local path= option= plain= word i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == = ]]; then
            option=${COMP_WORDS[i - 1]}
        elif [[ -n $option ]]; then
            option=
        elif [[ -n $plain ]]; then
            :
        elif [[ $word == -- ]]; then
            plain=1
        elif [[ " $(_apivideo_takers "$path") " == *" $word "* ]]; then
            option=$word
        elif [[ " $(_apivideo_commands "$path") " == *" $word "* ]]; then
            path="${path:+$path }$word"
        fi
    done
    if [[ $current == = ]]; then
        option=${COMP_WORDS[COMP_CWORD - 1]} current=
    elif [[ -z $plain && -z $option && $current == --*=* ]]; then
        option=${current%%=*} before=$option= current=${current#*=}
    fi
    if [[ -n $option ]]; then
        _apivideo_value "$path" "$option"
    elif [[ -z $plain && $current == -* ]]; then
        _apivideo_offer "$(_apivideo_options "$path")"
    elif [[ -n $(_apivideo_commands "$path") ]]; then
        _apivideo_offer "$(_apivideo_commands "$path")"
    else
        _apivideo_argument "$path"
    fi
}

complete -F _apivideo apivideo]=]

-- A line of a case: what is done where there is something to be done.
local function case(pieces, pattern, action)
  pieces[#pieces + 1] = ("        '%s') %s ;;\n"):format(pattern, action)
end

local function echo(list)
  return ("echo '%s'"):format(table.concat(list, " "))
end

local function offer(value)
  if value.kind == "file" then return "_apivideo_files" end
  if value.kind == "choice" then
    return ("_apivideo_offer '%s'"):format(table.concat(value.choices, " "))
  end
end

-- A function of the script, with a line for each command for which `line`
-- gives one.
local function add_function(pieces, name, root, line)
  if name then
    pieces[#pieces + 1] = ("%s() {\n    case $1 in\n"):format(name)
  end
  words.each(root, function(command)
    local action = line(command)
    if action then case(pieces, command.path, action) end
  end)
  pieces[#pieces + 1] = "    esac\n}\n\n"
end

local function add_values(pieces, root)
  pieces[#pieces + 1] = "_apivideo_value() {\n    case \"$1 $2\" in\n"
  words.each(root, function(command)
    for _, option in ipairs(command.options) do
      local action = option.value and offer(option.value)
      for _, name in ipairs(action and option.names or {}) do
        case(pieces, command.path .. " " .. name, action)
      end
    end
  end)
  pieces[#pieces + 1] = "    esac\n}\n\n"
end

--- The script.
---@param root apivideo.cli.Command
---@return string
return function(root)
  local pieces = { HEAD }
  add_function(pieces, nil, root, function(command)
    return #command.commands > 0 and echo(words.commands(command))
  end)
  add_function(pieces, "_apivideo_options", root, function(command)
    return echo(words.options(command))
  end)
  add_function(pieces, "_apivideo_takers", root, function(command)
    local takers = words.options(command, true)
    return #takers > 0 and echo(takers)
  end)
  add_function(pieces, "_apivideo_argument", root, function(command)
    return command.argument and offer(command.argument)
  end)
  add_values(pieces, root)
  return table.concat(pieces) .. BODY
end
