-- The videos that exist and the pieces of their files. A video is { id,
-- title, created_at, file_name, form, total, pieces, count, size, complete }:
-- `form` is "whole", "part" or "bytes" once something was uploaded, `pieces`
-- go by part number or first byte, `total` is in parts or bytes.
local byte_ranges = require "service.byte_ranges"
local clock = require "server.clock"
local files = require "server.files"
local parts = require "service.parts"
local random = require "server.random"
local settings = require "server.settings"
local sha256 = require "server.sha256"

local FORMS = { part = parts, bytes = byte_ranges }

local videos = {}

-- In the order of their creation, and by id.
local list, by_id
local kept_files = 0

local function each_piece(video)
  local places = {}
  for place in pairs(video.pieces) do places[#places + 1] = place end
  table.sort(places)
  local i = 0
  return function()
    i = i + 1
    return places[i], video.pieces[places[i]]
  end
end

function videos.reset()
  for _, video in ipairs(list or {}) do
    for _, piece in each_piece(video) do os.remove(piece.path) end
  end
  list, by_id = {}, {}
end

videos.reset()

videos.each_piece = each_piece

function videos.list()
  return list
end

function videos.find(id)
  return by_id[id]
end

-- A video without a file; it does not exist for others yet.
function videos.new(title)
  return {
    id = random.id("vi", 24), title = title, created_at = clock.seconds(),
    pieces = {}, count = 0, size = 0, complete = false,
  }
end

-- Makes a new video exist; an existing one stays as it is.
function videos.add(video)
  if by_id[video.id] then return end
  by_id[video.id] = video
  list[#list + 1] = video
end

local function form_problem(video, range)
  local form = video.form
  if form == nil then return nil end
  if form == "whole" then return "video-source-already-uploaded" end
  if not range then
    return video.complete and "video-source-already-uploaded"
      or "video-content-range-already-initiated"
  end
  if form ~= range.form then
    return "video-content-range-started-with-" .. form
  end
end

-- The name of what is wrong with adding `size` bytes to the video, or nil.
-- `range` is a parsed Content-Range, nil for a whole file.
function videos.problem(video, range, size)
  local problem = form_problem(video, range)
    or (range and FORMS[range.form].problem(video, range, size))
  if problem then return problem end
  if size > settings.current.maximum_part_size
    or video.size + size > settings.current.maximum_file_size then
    return "uploaded-file-too-large"
  end
end

-- Takes over a piece that has no problem: `file` is { path, offset, size,
-- file_name }, and the path may vanish afterwards.
function videos.take(video, range, file)
  kept_files = kept_files + 1
  local path = ngx.config.prefix() .. "videos/" .. kept_files
  files.keep(file.path, path)
  local form = range and FORMS[range.form]
  local place = form and form.place(video, range) or 1
  video.form = range and range.form or "whole"
  video.file_name = video.file_name or file.file_name
  video.pieces[place] = { path = path, offset = file.offset, size = file.size }
  video.count = video.count + 1
  video.size = video.size + file.size
  video.complete = not form or form.is_complete(video)
end

-- -> the SHA-256 of a complete video's file, in hexadecimal.
function videos.digest(video)
  if video.sha256 then return video.sha256 end
  local sum = sha256.new()
  for _, piece in each_piece(video) do
    local file = files.open(piece.path)
    file:each(piece.offset, piece.size, function(pointer, count)
      sum:update(pointer, count)
    end)
    file:close()
  end
  video.sha256 = sum:finish()
  return video.sha256
end

return videos
