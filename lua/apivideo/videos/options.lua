--- The options of an upload.

local check_file_name = require "apivideo.videos.file_name"
local call_options = require "apivideo.util.call_options"
local core = require "apivideo.core"
local misuse = require "apivideo.util.misuse"
local part_sizes = require "apivideo.videos.part_sizes"
local resume_state = require "apivideo.videos.resume_state"

local NAMES = {
  "file_name", "video_id", "chunk_size", "parallel", "on_progress",
  "on_state", "resume",
}
for _, name in ipairs(core.CALL_OPTIONS) do NAMES[#NAMES + 1] = name end

local MOST_PARALLEL = 64

local function integer(it, given, name, least, most)
  local value = given[name]
  if value == nil then return it.usual[name] end
  if type(value) ~= "number" or value % 1 ~= 0 or value < least
      or value > most then
    misuse.raise(it.method, it.argument,
      ("%s must be an integer from %d to %d, got %s"):format(
        name, least, most, core.describe(value)))
  end
  return math.floor(value) -- 50 * 2^20 is none yet, where Lua has integers
end

local function callback(it, given, name)
  local value = given[name]
  if value == nil or misuse.is_callable(value) then return value end
  misuse.raise(it.method, it.argument, ("%s must be a function, got %s"):format(
    name, core.describe(value)))
end

local function file_name(it, given)
  local value = given.file_name
  if value == nil then return nil end
  return check_file_name(it.method, it.argument, value)
end

local function video_id(it, given)
  local value = given.video_id
  if value == nil then return nil end
  if type(value) ~= "string" or #value > 128
      or not value:find "^[A-Za-z0-9_-]+$" then
    misuse.raise(it.method, it.argument, "video_id must be 1 to 128 of"
      .. " A-Z a-z 0-9 _ -, got " .. core.describe(value))
  end
  return value
end

-- What a state says cannot be said otherwise.
local function resume(it, given)
  if given.resume == nil then return nil end
  local read, problem = resume_state.read(given.resume)
  if not read then
    misuse.raise(it.method, it.argument,
      "resume is not what an upload gave: " .. problem)
  end
  for _, name in ipairs { "file_name", "video_id", "chunk_size" } do
    if given[name] ~= nil and given[name] ~= read[name] then
      misuse.raise(it.method, it.argument,
        ("resume has another %s: leave it out"):format(name))
    end
  end
  return read
end

--- Reads the options; misuse raises.
---@param it { method: string, argument: integer, usual: table }
---@param given table?
---@return table
return function(it, given)
  misuse.check_options(it.method, it.argument, given, NAMES)
  given = given or {}
  local read = {
    file_name = file_name(it, given),
    video_id = video_id(it, given),
    chunk_size = integer(it, given, "chunk_size", part_sizes.SMALLEST_PART,
      part_sizes.LARGEST_PART),
    parallel = integer(it, given, "parallel", 1, MOST_PARALLEL),
    on_progress = callback(it, given, "on_progress"),
    on_state = callback(it, given, "on_state"),
    resume = resume(it, given),
    call = call_options.copy(given),
  }
  return read
end
