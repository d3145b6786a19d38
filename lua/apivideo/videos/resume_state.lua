--- What it takes to go on with an upload that broke off, as a plain table that
-- can be saved in whatever way. It holds no token: the next one may be another.

local Contents = require "apivideo.videos.contents"
local core = require "apivideo.core"
local PartSet = require "apivideo.videos.part_set"

local resume_state = {}

local VERSION = 1

-- All that counts, in the order in which it is summed up.
local FIELDS = {
  "version", "video_id", "file_name", "source", "size", "fingerprint",
  "chunk_size", "sent", "reached",
}

local TYPES = {
  version = "number", video_id = "string", file_name = "string",
  source = "string", fingerprint = "string", chunk_size = "number",
  sent = "string", reached = "boolean",
}

-- A file of JSON gives 5.0 for 5 in some versions of Lua.
local function text_of(value)
  if type(value) == "number" then return ("%.0f"):format(value) end
  return tostring(value)
end

-- Tells a table that somebody changed, by hand for example. Not every state
-- sums up what was sent.
local function check_of(it)
  local texts = {}
  for i, field in ipairs(FIELDS) do texts[i] = text_of(it[field]) end
  texts[#texts + 1] = it.contents and text_of(it.contents)
  return core.checksum(table.concat(texts, "\n"))
end

---@class apivideo.UploadState
---@field version integer 1
---@field video_id string
---@field file_name string
---@field source "file"|"data"|"pieces"
---@field size? integer bytes, where it is known
---@field fingerprint string that of another file is another one
---@field chunk_size integer bytes
---@field sent string the parts that have arrived, such as "1-57,59"
--- The video has some of it, or may have: unless it has, what the service finds
--- in it is somebody else's.
---@field reached boolean
---@field contents? string sums up the parts of a file that have arrived
---@field check string sums up the others

--- The state of a transfer; nil while there is no video.
---@param transfer apivideo.Transfer
---@return apivideo.UploadState?
function resume_state.of(transfer)
  local parts = transfer.parts
  if not transfer.video_id then return nil end
  local it = {
    version = VERSION,
    video_id = transfer.video_id,
    file_name = transfer.file_name,
    source = parts.kind,
    size = parts.size,
    fingerprint = parts:fingerprint(),
    chunk_size = parts.chunk_size,
    sent = tostring(parts.sent),
    reached = transfer.reached,
    contents = parts.contents and tostring(parts.contents),
  }
  it.check = check_of(it)
  return it
end

local function problem_with(it)
  if type(it) ~= "table" then return "it is a " .. type(it) end
  if type(it.version) == "number" and it.version > VERSION then
    return "it is from a newer version of apivideo"
  end
  for _, field in ipairs(FIELDS) do
    local wanted = TYPES[field]
    if wanted and type(it[field]) ~= wanted then
      return ("its field %s is %s"):format(field, core.describe(it[field]))
    end
  end
  if it.check ~= check_of(it) then return "it was changed" end
  return nil
end

--- Reads a state that somebody kept.
---@param it any
---@return { sent: apivideo.PartSet, video_id: string, size: integer?,
-- chunk_size: integer, source: string, fingerprint: string,
-- file_name: string, reached: boolean, contents: apivideo.Contents? }? read
---@return string? problem
function resume_state.read(it)
  local problem = problem_with(it)
  if problem then return nil, problem end
  local read = {}
  for _, field in ipairs(FIELDS) do read[field] = it[field] end
  read.size = it.size and math.floor(it.size)
  read.chunk_size = math.floor(it.chunk_size)
  read.sent = PartSet.parse(it.sent)
  if not read.sent then return nil, "it was changed" end
  if type(it.contents) == "string" then
    read.contents = Contents.parse(it.contents, read.sent)
  end
  return read
end

return resume_state
