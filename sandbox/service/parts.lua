-- Uploads in numbered parts: what a part must be like to be taken.
local settings = require "server.settings"

local parts = {}

local function number_problem(video, range)
  local maximum = settings.current.maximum_parts
  local total = range.total or video.total
  if range.part == 0 then return "part-zero" end
  if range.total == 0 then return "total-parts-zero" end
  if total and total > maximum then return "total-parts-too-high" end
  if range.part > maximum then return "part-too-high-allowed" end
  if range.total and video.total and range.total ~= video.total then
    return "different-total-parts"
  end
  if total and range.part > total then return "part-too-high-total" end
end

local function earlier_parts_problem(video, range)
  for number in pairs(video.pieces) do
    if range.total and number > range.total then
      return "total-parts-too-low"
    end
  end
  if video.pieces[range.part] then return "part-already-sent" end
end

local function size_problem(video, range, size)
  local is_last = range.part == (range.total or video.total)
  if not is_last and size < settings.current.minimum_part_size then
    return "uploaded-file-too-small"
  end
end

-- The name of what is wrong with a part of `size` bytes, or nil.
function parts.problem(video, range, size)
  local problem = number_problem(video, range)
    or earlier_parts_problem(video, range)
    or size_problem(video, range, size)
  return problem and "video-content-range-by-part-" .. problem
end

-- Where the piece goes, and what becomes known of the video through it.
function parts.place(video, range)
  video.total = range.total or video.total
  return range.part
end

function parts.is_complete(video)
  return video.total ~= nil and video.count == video.total
end

return parts
