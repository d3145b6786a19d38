-- usage: upload.lua BASE_URL FILE PART_SIZE [step]: one file, in parts. With
-- "step" its host pauses for a millisecond between two steps.

local apivideo = require "apivideo"

local steps = arg[4] == "step"
local client = apivideo.new {
  base_url = arg[1], driver = steps and "step" or "block",
}

local function upload()
  return client.videos:upload_with_upload_token("to1tcmSFHeYY5KzyhOqVKMKb",
    arg[2], { chunk_size = tonumber(arg[3]) })
end

if steps then
  local sleep = require "socket".sleep
  local task = client:spawn(upload)
  while task.state == "running" do
    client:step(0)
    sleep(0.001)
  end
  task:await()
else
  upload()
end
client:close()
