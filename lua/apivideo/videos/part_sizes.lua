--- How a file is cut into parts. The numbers are the service's:
-- https://docs.api.video/vod/upload-a-video-regular-upload and
-- https://docs.api.video/vod/progressive-upload

local MIB = 1024 * 1024

local plan = {
  SMALLEST_PART = 5 * MIB, -- except for the last one
  LARGEST_PART = 128 * MIB,
  USUAL_PART = 50 * MIB,
  MOST_PARTS = 10000,
  LARGEST_FILE = 30 * 1024 * MIB,
}

--- The size of the parts: what was wanted, or, where that would make too many,
-- more, in whole MiB.
---@param size integer bytes of the file
---@param wanted integer bytes
---@return integer
function plan.chunk_size(size, wanted)
  local least = math.ceil(size / plan.MOST_PARTS)
  if least <= wanted then return wanted end
  return math.ceil(least / MIB) * MIB
end

--- How many parts there are. One is the whole file, and has no number.
---@return integer
function plan.count(size, chunk_size)
  return math.ceil(size / chunk_size)
end

--- Where a part is in its file.
---@param number integer from 1
---@param size integer bytes of the file
---@param chunk_size integer bytes
---@return integer offset
---@return integer size
function plan.range(number, size, chunk_size)
  local offset = (number - 1) * chunk_size
  return offset, math.min(chunk_size, size - offset)
end

return plan
