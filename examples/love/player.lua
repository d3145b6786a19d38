--- Plays by itself, takes a picture and prints how long the frames took:
--
--   love examples/love --play KEYS PICTURE [VIDEO]
--
-- presses one key after the other, "rnndu" for example. A "p" among them takes
-- the picture there; otherwise it shows the end.

local frames = require "frames"

local PAUSE = 0.25 -- seconds between two keys
local REST = 1.5 -- before the picture

local player = {}

local keys, picture, press
local taken = false
local wait = 0.5 -- seconds until something is due

--- Returns the video that the arguments name, or nil.
function player.load(arguments, keypressed)
  if arguments[1] ~= "--play" then return arguments[1] end
  keys, picture, press = arguments[2], arguments[3], keypressed
  return arguments[4]
end

local function write(image)
  local file = assert(io.open(picture, "wb"))
  file:write(image:encode("png"):getString())
  file:close()
end

local function take()
  taken = true
  love.graphics.captureScreenshot(write)
end

local function print_upload(upload)
  if not upload then return end
  local progress = upload.progress
  print(("upload   %s, %d of %d bytes in %d frames, %s"):format(upload.name,
    progress.uploaded_bytes, progress.total_bytes, upload.frames,
    upload.video.video_id))
end

local function finish(board)
  print("tokens   " .. #board.tokens .. " shown, " .. board.total .. " in all")
  print_upload(board.upload)
  if board.problem then print("problem  " .. board.problem) end
  frames.print()
  if not taken then take() end
  keys = nil
end

function player.update(seconds, board)
  if not keys then return love.event.quit() end -- the picture is taken
  wait = wait - seconds
  if wait > 0 then return end
  if keys == "" then
    if board.busy == 0 then finish(board) end
    return
  end
  local key = keys:sub(1, 1)
  if key == "p" then take() else press(key) end
  keys = keys:sub(2)
  wait = keys == "" and REST or PAUSE
end

return player
