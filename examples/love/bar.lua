--- How far an upload is.

local paint = require "paint"

local WIDTH = 214
local HEIGHT = 5
local MIB = 2^20

local bar = {}

local shown -- the upload
local part = 0 -- of the bar that is filled

-- Between two reports it glides.
function bar.update(seconds, upload)
  if upload ~= shown then shown, part = upload, 0 end
  local progress = upload and upload.progress
  if not progress then return end
  local goal = progress.uploaded_bytes / progress.total_bytes
  part = part + (goal - part) * math.min(1, seconds * 10)
end

local function words(upload)
  local progress = upload.progress
  if upload.video then return upload.video.video_id end
  if not progress then return "beginning" end
  return ("%.0f of %.0f MiB, %.0f MiB/s"):format(progress.uploaded_bytes / MIB,
    progress.total_bytes / MIB, progress.bytes_per_second / MIB)
end

function bar.draw(x, y)
  if not shown then return end
  local colour = shown.video and "teal" or "orange"
  paint.text("small", "white", 1, paint.cut("small", shown.name, WIDTH), x, y)
  paint.colour("white", 0.12)
  love.graphics.rectangle("fill", x, y + 21, WIDTH, HEIGHT, 2)
  paint.colour(colour, 1)
  love.graphics.rectangle("fill", x, y + 21, WIDTH * part, HEIGHT, 2)
  paint.text("tiny", "grey", 1, words(shown), x, y + 31)
end

return bar
