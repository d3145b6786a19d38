-- Uploads a video, and goes on where it broke off: upload_resume.lua FILE.
-- After an error, a crash or Ctrl-C, run it once more. Beside the file it
-- keeps FILE.upload, which says what has arrived.

local apivideo = require "apivideo.safe" -- returns errors, raises none
local cjson = require "cjson"

local path = assert(arg[1], "usage: upload_resume.lua FILE")
local state_path = path .. ".upload"

-- Whenever this is killed, one whole state is there.
local function save(state)
  local file = assert(io.open(state_path .. ".new", "w"))
  assert(file:write(cjson.encode(state)))
  assert(file:close())
  assert(os.rename(state_path .. ".new", state_path))
end

local left = io.open(state_path) -- by an earlier run
local state = left and cjson.decode(left:read "*a")
if left then left:close() end
if state then print("going on with video " .. state.video_id) end

local client = apivideo.new()
local token = os.getenv "APIVIDEO_UPLOAD_TOKEN"
  or assert(client.upload_tokens:create_token { ttl = 3600 }).token
local video, err = client.videos:upload_with_upload_token(token, path, {
  chunk_size = 10 * 2^20, -- at most so much is sent once more
  on_state = save,
  resume = state,
})
if not video then
  print(err)
  os.exit(1)
end
os.remove(state_path)
print("video " .. video.video_id .. " is whole")
client:close()

--> video <id> is whole
