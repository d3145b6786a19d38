-- Uploads in ranges of bytes: what a range must be like to be taken.
local settings = require "server.settings"

local byte_ranges = {}

local function number_problem(video, range)
  local maximum = settings.current.maximum_file_size
  if range.total == 0 then return "total-bytes-zero" end
  if range.total > maximum then return "total-bytes-too-high" end
  if range.from > range.to then return "from-byte-too-high" end
  if range.to >= maximum then return "to-byte-too-high-allowed" end
  if range.to >= range.total then return "to-byte-too-high-total" end
  if video.total and range.total ~= video.total then
    return "different-total-bytes"
  end
end

local function size_problem(range, size)
  local length = range.to - range.from + 1
  if length > settings.current.maximum_part_size then
    return "range-too-large"
  end
  if length ~= size then return "range-mismatch" end
  local is_last = range.to + 1 == range.total
  if not is_last and size < settings.current.minimum_part_size then
    return "range-too-small"
  end
end

local function overlap_problem(video, range)
  for from, piece in pairs(video.pieces) do
    if range.from < from + piece.size and from <= range.to then
      return "range-overlap"
    end
  end
end

-- The name of what is wrong with a range of `size` bytes, or nil.
function byte_ranges.problem(video, range, size)
  local problem = number_problem(video, range)
    or size_problem(range, size)
    or overlap_problem(video, range)
  return problem and "video-content-range-by-bytes-" .. problem
end

-- Where the piece goes, and what becomes known of the video through it.
function byte_ranges.place(video, range)
  video.total = range.total
  return range.from
end

function byte_ranges.is_complete(video)
  return video.size == video.total
end

return byte_ranges
