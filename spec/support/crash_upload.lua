-- Uploads a file, and keeps what it takes to go on; begins with what is kept.
-- It is there to be killed. Prints the video's id.
--
--   lua crash_upload.lua WAY PATH STATE TOKEN
--
-- WAY is one of "file", "parallel" and "pieces", PATH the file, STATE the file
-- for the state.

local apivideo = require "apivideo"
local cjson = require "cjson"

local way, path, kept, token = arg[1], arg[2], arg[3], arg[4]

local function read_state()
  local file = io.open(kept, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return cjson.decode(text)
end

-- Whoever is killed meanwhile leaves the one before.
local function save_state(state)
  local file = assert(io.open(kept .. ".new", "wb"))
  assert(file:write(cjson.encode(state)))
  assert(file:close())
  assert(os.rename(kept .. ".new", kept))
end

local function reader()
  local file = assert(io.open(path, "rb"))
  return function() return file:read(1000000) end
end

local client = apivideo.new()
local video = client.videos:upload_with_upload_token(token, way == "pieces" and reader() or path, {
  chunk_size = 5 * 1024 * 1024, parallel = way == "parallel" and 3 or 1,
  resume = read_state(), on_state = save_state,
})
print(video.video_id)
