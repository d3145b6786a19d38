--- What differs between systems, for the command line.

local WINDOWS = package.config:sub(1, 1) == "\\"

local system = {}

--- A file that is empty, and takes whatever is written.
system.NOTHING = WINDOWS and "NUL" or "/dev/null"

--- Gives a file another name, also where a file has that already. Windows has
-- no name for a moment then: whoever is killed leaves the file under the old
-- one.
---@param from string
---@param to string
---@return boolean? ok
---@return string? problem
function system.replace(from, to)
  if WINDOWS then os.remove(to) end
  return os.rename(from, to)
end

-- Read by a shell, which Ctrl-C ends: some versions of Lua go on reading.
local READ = 'IFS= read -r line && printf "%s\\n" "$line"'

--- A line that somebody types; nil: there is none, or it was Ctrl-C.
---@return string?
function system.read_line()
  if WINDOWS then return io.read "*l" end -- Ctrl-C ends it there
  local pipe = assert(io.popen(READ))
  local line = pipe:read "*l"
  pipe:close()
  return line
end

--- Whether the terminal shows more than ASCII; nil: the environment says.
---@return boolean?
function system.is_utf8()
  return WINDOWS or nil -- the core sees to it
end

return system
