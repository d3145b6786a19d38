-- Uploads a video, and goes on where it broke off: upload_resume.lua FILE.
-- After an error, a crash or Ctrl-C, run it once more. Beside the file it
-- keeps FILE.upload, which says what has arrived.

local apivideo = require "apivideo.safe" -- returns errors, raises none
local cjson = require "cjson"

local path = assert(arg[1], "usage: upload_resume.lua FILE")
local state_path, new_path = path .. ".upload", path .. ".upload.new"

-- Whenever this is killed, one whole state is there: the old one or the new.
local function save(state)
  local file = assert(io.open(new_path, "w"))
  assert(file:write(cjson.encode(state)))
  assert(file:close())
  os.remove(state_path) -- Windows replaces no file
  assert(os.rename(new_path, state_path))
end

local left = io.open(state_path) or io.open(new_path) -- by an earlier run
local whole, state = pcall(cjson.decode, left and left:read "*a")
if left then left:close() end
if whole then print("going on with video " .. state.video_id) end

local client = apivideo.new()
local token = os.getenv "APIVIDEO_UPLOAD_TOKEN"
  or assert(client.upload_tokens:create_token { ttl = 3600 }).token
local video, err = client.videos:upload_with_upload_token(token, path, {
  chunk_size = 10 * 2^20, -- at most so much is sent once more
  on_state = save,
  resume = whole and state or nil,
})
if not video then print(err) os.exit(1) end
os.remove(state_path)
os.remove(new_path)
print("video " .. video.video_id .. " is whole")
client:close()

--> video <id> is whole
