--- What is uploaded: a file, or what comes through a pipe.

local core = require "apivideo.core"
local failure = require "apivideo.cli.failure"
local part_sizes = require "apivideo.videos.part_sizes"
local system = require "apivideo.cli.system"

local STDIN = 0
local PIECE = 65536 -- bytes

-- Seconds in which nothing comes before others get their turn.
local TURN = 0.01

---@class apivideo.cli.Source
---@field path string as it was given
---@field size? integer bytes; nil: a pipe
---@field name? string the video's title; nil: the library's
---@field chunk_size? integer bytes, unless the user says others
---@field give string|fun(): string? what the library gets
---@field first? fun(): string? the error of a pipe from which nothing comes
local source = {}

-- --- pipes ------------------------------------------------------------------

-- The next piece, however long it takes to come; nil: the end.
local function next_piece(fd)
  while true do
    local piece, problem = core.read(fd, PIECE, TURN)
    if problem then error(problem, 0) end
    if piece ~= "" then return piece end
    coroutine.yield()
  end
end

-- The first piece is asked for before there is a token.
local function reader_of(fd)
  local first
  local function ask_for_first()
    local ok, piece = pcall(next_piece, fd)
    if failure.is_interrupt(piece) then error(piece, 0) end
    if not ok then return piece end
    first = piece
    return piece == nil and "nothing came through it" or nil
  end
  local function read()
    local piece = first or next_piece(fd)
    first = nil
    return piece
  end
  return read, ask_for_first
end

-- The name of a descriptor says nothing, and is another file's the next time.
local function is_descriptor(path)
  return path == "-" or path == "/dev/stdin" or path:find "^/dev/fd/" ~= nil
    or path:find "^/proc/[^/]+/fd/" ~= nil
end

--- Whether it is sent as its bytes come; there is no going on with it.
---@param path string
function source.is_pipe(path)
  return is_descriptor(path) or core.is_pipe(path)
end

local function pipe(path, fd)
  local read, first = reader_of(fd)
  return {
    path = path, give = read, first = first,
    chunk_size = part_sizes.SMALLEST_PART,
    name = not is_descriptor(path) and source.name_of(path) or nil,
  }
end

local function stdin()
  if core.terminal_width(STDIN) then
    failure.misuse "-: stdin is a terminal: give it a pipe or a file"
  end
  return pipe("-", STDIN)
end

-- --- files ------------------------------------------------------------------

--- The title that a file's name becomes. A backslash in it, which the service
-- takes for the end of a directory's name, is none.
---@param path string
---@return string
function source.name_of(path)
  return (system.last_name(core.utf8(path)):gsub("\\", "_"))
end

-- The bytes of a file; nil and why it cannot be sent.
local function size_of(path)
  local file, problem = core.file(path)
  if not file then return nil, problem end
  local bytes = file:identity()
  file:close()
  if bytes == 0 then
    return nil, "it is empty, and the service takes no empty files"
  elseif bytes > part_sizes.LARGEST_FILE then
    local text = "it has %.0f bytes; the service takes at most %.0f (30 GiB)"
    return nil, text:format(bytes, part_sizes.LARGEST_FILE)
  end
  return bytes
end

local function open(path)
  if path == "-" then return stdin() end
  if source.is_pipe(path) then
    local fd, problem = core.open_pipe(path)
    return fd and pipe(path, fd), problem
  end
  local size, problem = size_of(path)
  if not size then return nil, problem end
  return { path = path, give = path, size = size, name = source.name_of(path) }
end

local NO_NAME = "its name cannot be sent, it is not UTF-8 or has control"
  .. " characters: rename it, or give --file-name"

--- Opens one; nothing is sent.
---@param path string
---@param name string? the video's title
---@return apivideo.cli.Source? source
---@return table? failure why it cannot be sent
function source.open(path, name)
  local it, problem = open(path)
  if it then
    it.name = name or it.name
    if it.name and not core.is_file_name(it.name) then problem = NO_NAME end
  end
  if not problem then return it end
  return nil, failure.new("file", path .. ": " .. problem)
end

return source
