-- Commands for the shell, and what they write.

local shell = {}

function shell.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- What a command writes to standard output.
function shell.output(command)
  local pipe = assert(io.popen(command))
  local output = pipe:read "*a"
  pipe:close()
  return output
end

function shell.lines(command)
  local lines = {}
  for line in shell.output(command):gmatch "([^\n]*)\n" do
    lines[#lines + 1] = line
  end
  return lines
end

-- → all that a command writes, and its status
function shell.run(command)
  local output, status = shell.output("(" .. command .. "\n) 2>&1; echo status=$?")
    :match "^(.-)status=(%d+)\n$"
  return output, tonumber(status)
end

-- All that a command writes, which must succeed.
function shell.must(command)
  local output, status = shell.run(command)
  if status ~= 0 then
    error(("status %d of %s\n%s"):format(status, command, output), 2)
  end
  return output
end

-- The directory of this checkout.
shell.root = shell.lines "pwd -P"[1]

return shell
