--- What differs between systems, for the command line.

local WINDOWS = package.config:sub(1, 1) == "\\"

local system = {}

--- A file that is empty, and takes whatever is written.
system.NOTHING = WINDOWS and "NUL" or "/dev/null"

--- Gives a file another name, also where a file has that already. On Windows
-- none has it for a moment then: see `finish_replacing`.
---@param from string
---@param to string
---@return boolean? ok
---@return string? problem
function system.replace(from, to)
  if WINDOWS then os.remove(to) end
  return os.rename(from, to)
end

--- Carries out what whoever was killed in `replace` has left.
---@param from string
---@param to string
function system.finish_replacing(from, to)
  if WINDOWS then os.rename(from, to) end -- it fails where there is such a file
end

--- What is behind the last directory of a path, or the drive.
---@param path string
---@return string
function system.last_name(path)
  return path:match(WINDOWS and "[^/\\:]*$" or "[^/]*$")
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
