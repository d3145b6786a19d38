-- A terminal of 100 columns in which a shell script runs: what is on it, and
-- keys to press. tmux is that terminal.

local cli = require "spec.support.cli"
local patience = require "spec.support.patience"
local place = require "spec.support.place"
local shell = require "spec.support.shell"

local screen = {}
local Screen = {}
Screen.__index = Screen

local count = 0

function Screen:tmux(arguments)
  return shell.output(("LC_ALL=C.UTF-8 tmux -u -S '%s' -f /dev/null %s 2>&1"):format(self.socket, arguments))
end

-- Runs a script in which `apivideo` is the command line. "status=…" is on the
-- screen at its end, which is gone half a minute later at the latest.
function screen.open(script)
  count = count + 1
  local self = setmetatable({ socket = cli.path("tmux" .. count) }, Screen)
  local path = cli.file("script" .. count, ([[
cd '%s'
trap : INT # Ctrl-C ends what runs in it, not the script
apivideo() { %s; }
%s
echo "status=$?"
sleep 30
]]):format(cli.path "", cli.command '"$@"', script))
  self:tmux(("new-session -d -x 100 -y 30 'exec sh %s'"):format(path))
  return self
end

-- What is on it; `raw`: with the codes for colours.
function Screen:text(raw)
  return self:tmux("capture-pane -p -J" .. (raw and " -e" or ""))
end

-- Waits until this pattern is on it, and returns what is.
function Screen:wait(pattern, raw)
  local text
  local seen = place.wait(function()
    text = self:text(raw)
    return text:find(pattern) and text
  end, patience(10))
  if not seen then error(("no '%s' on the screen:\n%s"):format(pattern, text), 2) end
  return seen
end

-- Presses keys, named as tmux does: "y", "Enter", "C-c".
function Screen:press(keys)
  self:tmux("send-keys " .. keys)
end

function Screen:close()
  self:tmux "kill-server"
end

return screen
