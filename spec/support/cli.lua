-- The command line as a process of the interpreter that runs the specs; in a
-- pipe. What it promises holds for Lua 5.4 and LuaJIT.

local cjson = require("cjson").new()
local files = require "spec.support.files"
local place = require "spec.support.place"
local service = require "spec.support.service"
local shell = require "spec.support.shell"

local runtime = os.getenv "APIVIDEO_RUNTIME"

local cli = {
  -- What collects all the time here does nothing to another process.
  tested = (runtime == "lua5.4" or runtime == "luajit") and not os.getenv "APIVIDEO_GC",
  -- Ctrl-C is the interpreters' matter: one that is made for tests has none.
  interruptible = not service.interpreter():find "host$",
}

local here -- goes with the process

local function folder()
  here = here or place.new()
  return here
end

-- The words of a shell that run it; relative names are in the folder.
function cli.command(arguments)
  local interpreter = service.interpreter()
  if interpreter:find "/" and not interpreter:find "^/" then
    interpreter = shell.root .. "/" .. interpreter
  end
  return ("%s %s/bin/apivideo %s"):format(shell.quote(interpreter), shell.quote(shell.root), arguments)
end

-- A file for it. → its name
function cli.file(name, data)
  return folder():write(name, data)
end

function cli.path(name)
  return folder():file(name)
end

-- The bytes of a file; nil: there is none.
function cli.read(name)
  return (files.read(folder():file(name)))
end

function cli.remove(name)
  os.remove(folder():file(name))
end

-- What scripts wait for: that a file has something in it, and that so many of
-- the sandbox's faults are left.
local WAITS = [[
wait_for_file() { until [ -s "$1" ]; do sleep 0.01; done; }
wait_for_faults() {
  until [ "$(curl -s "$APIVIDEO_BASE_URL/sandbox/faults")" = "{\"waiting\":$1}" ]; do sleep 0.01; done
}
]]

-- Runs a shell script in which `apivideo` is the command line, with `WAITS`.
-- → what it writes to stdout and to stderr, and its exit status
function cli.shell(script)
  local errors = cli.path "stderr"
  local text = ("cd %s; apivideo() { %s; }\n%s{ %s\n} 2>%s </dev/null; echo status=$?"):format(
    shell.quote(folder().path), cli.command '"$@"', WAITS, script, shell.quote(errors))
  local output = assert(io.popen(text))
  local written, status = output:read("*a"):match "^(.-)status=(%d+)\n$"
  output:close()
  return written, cli.read "stderr", tonumber(status)
end

-- Runs it with these arguments.
function cli.run(arguments)
  return cli.shell("apivideo " .. arguments)
end

-- Runs it with these arguments until the last fault of the sandbox's list has
-- a request, and presses Ctrl-C then. → as `cli.shell`
function cli.interrupt(arguments)
  return cli.shell(cli.command(arguments) .. [[ &
wait_for_faults 0
kill -INT $!
wait $!]])
end

-- Runs it with these arguments and --json. → the document, stderr, status
function cli.json(arguments)
  local written, errors, status = cli.run(arguments .. " --json")
  assert(select(2, written:gsub("\n", "")) == 1, "not one line: " .. written)
  return cjson.decode(written), errors, status
end

return cli
