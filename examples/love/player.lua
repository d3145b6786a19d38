--- Plays by itself, takes a picture and prints how long the frames took:
--
--   love examples/love --play KEYS PICTURE
--
-- presses one key after the other, "rnnd" for example.

local frames = require "frames"

local PAUSE = 0.25 -- seconds between two keys
local REST = 1.5 -- before the picture

local player = {}

local keys, picture, press
local wait = 0.5 -- seconds until something is due

function player.load(arguments, keypressed)
  if arguments[1] ~= "--play" then return end
  keys, picture, press = arguments[2], arguments[3], keypressed
end

local function write(image)
  local file = assert(io.open(picture, "wb"))
  file:write(image:encode("png"):getString())
  file:close()
  love.event.quit()
end

local function finish(board)
  print("tokens   " .. #board.tokens .. " shown, " .. board.total .. " in all")
  if board.problem then print("problem  " .. board.problem) end
  frames.print()
  love.graphics.captureScreenshot(write)
  keys = nil
end

function player.update(seconds, board)
  if not keys then return end
  wait = wait - seconds
  if wait > 0 then return end
  if keys == "" then
    if board.busy == 0 then finish(board) end
    return
  end
  press(keys:sub(1, 1))
  keys = keys:sub(2)
  wait = keys == "" and REST or PAUSE
end

return player
