--- What can be uploaded: a path, an open file, a string, or a function that
-- gives pieces.

local check_file_name = require "apivideo.videos.file_name"
local core = require "apivideo.core"
local coroutines = require "apivideo.sched.coroutines"
local FileParts = require "apivideo.videos.file_parts"
local host = require "apivideo.util.host"
local misuse = require "apivideo.util.misuse"
local part_sizes = require "apivideo.videos.part_sizes"
local StreamParts = require "apivideo.videos.stream_parts"

local METHOD = "upload_with_upload_token"

-- What is behind the last directory of a path; on Windows a drive may stand in
-- front of it, as in C:film.mp4.
local LAST_NAME = package.config:sub(1, 1) == "\\" and "[^/\\:]*$" or "[^/\\]*$"

-- The name of what has none; official clients use it, too.
local NAMELESS = "file"

local source = {}

local function wrong(message)
  misuse.raise(METHOD, 2, message)
end

-- What is wrong with a size, or nil.
local function size_problem(size)
  if size == 0 then
    return "it is empty, and the service takes no empty files"
  elseif size > part_sizes.LARGEST_FILE then
    local text = "it has %.0f bytes; the service takes at most %.0f (30 GiB)"
    return text:format(size, part_sizes.LARGEST_FILE)
  end
end

-- → { parts, file_name }; or nil and what is wrong
local function stored(it)
  local problem = size_problem(it.size)
  if problem then return nil, problem end
  local name = it.name
  it.name = nil
  return { parts = FileParts.new(it), file_name = name }
end

-- `label` is what it is called in messages.
local function from_file(given, label, name, options, path)
  local file, problem = core.file(given)
  if not file then return nil, label .. problem end
  local size, modified, inode = file:identity()
  local read
  read, problem = stored {
    kind = "file", source = file, size = size, name = name, path = path,
    chunk_size = options.chunk_size,
    identify = function() return modified .. " " .. inode end,
  }
  if read then return read end
  file:close()
  return nil, label .. problem
end

local function from_path(path, options, token)
  if path == "" then wrong "the path must not be empty" end
  if path:find("\0", 1, true) then wrong "the path must not hold zeros" end
  local shown = path:gsub("%c", "?")
  if shown:find(token, 1, true) then shown = core.describe(path) end
  local read, problem = from_file(path, shown .. ": ", nil, options, path)
  if not read then return nil, problem end
  -- A local path is nobody's business: only what is behind its last slash.
  local name = options.file_name or core.utf8(path):match(LAST_NAME)
  if not core.is_file_name(name) then
    read.parts:close()
    wrong(("the name of the file %s cannot be sent: give a file_name"):format(
      core.describe(name)))
  end
  read.file_name = name
  return read
end

local function from_stream(stream, options)
  pcall(stream.flush, stream) -- what its writer has yet to write
  return from_file(stream, "the open file: ", NAMELESS, options)
end

local function from_table(given, options)
  misuse.check_options(METHOD, 2, given, { "data", "file_name" })
  local data, name = given.data, given.file_name
  if type(data) ~= "string" then
    wrong("data must be a string, got " .. core.describe(data))
  end
  if name ~= nil then check_file_name(METHOD, 2, name) end
  local read, problem = stored {
    kind = "data", source = data, size = #data, name = name or NAMELESS,
    chunk_size = options.chunk_size,
    identify = function() return core.checksum(data) end,
  }
  if not read then return nil, "data: " .. problem end
  return read
end

-- The words of an error, whatever value it is.
local function words_of(err)
  if core.is_error(err) then return err.message end
  return type(err) == "string" and err or core.describe(err)
end

-- Asks the reader for a piece; whatever else it does ends the upload.
local function reader_of(read_piece)
  return function(parts)
    local ok, piece, err = coroutines.protect(read_piece)
    if ok and type(piece) == "string" then return parts:push(piece) end
    parts.ended = true
    if not ok then err = piece end
    if not ok or piece == nil and err ~= nil then
      parts.failure =
        { words = "the reader failed: " .. words_of(err), cause = err }
    elseif piece ~= nil then
      parts.failure = { words = "the reader must give strings, and nil at the"
        .. " end; it gave " .. core.describe(piece) }
    end
  end
end

local function from_reader(read_piece, options)
  return {
    parts = StreamParts.new(options.chunk_size, reader_of(read_piece)),
    file_name = NAMELESS,
  }
end

-- → { parts, file_name }; or nil and why it cannot be read; misuse raises
local function open(given, options, token)
  local kind = host.io and host.io.type(given)
  if type(given) == "string" then return from_path(given, options, token) end
  if kind == "file" then return from_stream(given, options) end
  if kind == "closed file" then wrong "the file is closed" end
  if misuse.is_callable(given) then return from_reader(given, options) end
  if type(given) == "table" then return from_table(given, options) end
  return wrong("the source must be a path, an open file, { data = …,"
    .. " file_name = … } or a function that gives pieces, got "
    .. core.describe(given))
end

-- What is wrong with going on with these parts where others ended, or nil.
local function resume_problem(parts, read)
  if parts.kind ~= read.source then
    local text = "resume: the source was %s when the upload began, and is %s"
      .. " now"
    return text:format(read.source, parts.kind)
  end
  if parts.size and parts.size ~= read.size then
    local text = "resume: it had %.0f bytes when the upload began, and has"
      .. " %.0f now"
    return text:format(read.size, parts.size)
  end
  if parts.is_same and not parts:is_same(read) then
    return "resume: it is not what was uploaded before, or was changed since"
  end
end

--- Opens a source.
---@param given any
---@param options table see `videos.options`
---@param token string not to be shown
---@return { parts: table, file_name: string, video_id: string?,
-- resumed: boolean }? opened
---@return string? problem why it cannot be uploaded
function source.open(given, options, token)
  local opened, problem = open(given, options, token)
  if not opened then return nil, problem end
  opened.file_name = options.file_name or opened.file_name
  opened.video_id = options.video_id
  opened.resumed = false
  local read = options.resume
  if not read then return opened end
  problem = resume_problem(opened.parts, read)
  if problem then
    opened.parts:close()
    return nil, problem
  end
  opened.parts:resume(read)
  opened.file_name, opened.video_id = read.file_name, read.video_id
  opened.resumed = read.reached
  return opened
end

return source
