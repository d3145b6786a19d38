-- Uploads a video: upload.lua FILE. The token is the one in
-- APIVIDEO_UPLOAD_TOKEN, which needs no key; without it, a new one.

local apivideo = require "apivideo"

local client = apivideo.new()
local path = assert(arg[1], "usage: upload.lua FILE")
local token = os.getenv "APIVIDEO_UPLOAD_TOKEN"
  or client.upload_tokens:create_token({ ttl = 3600 }).token

local video = client.videos:upload_with_upload_token(token, path, {
  on_progress = function(p)
    print(("%d of %d bytes"):format(p.uploaded_bytes, p.total_bytes))
  end,
})
print("video " .. video.video_id .. ": " .. video.title)

client:close()

--> <sent> of <size> bytes
--> video <id>: <title>
