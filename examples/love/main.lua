--- Upload tokens in orbit, and an upload: it all takes as long as it takes, and
-- no frame waits for it. README.md says how to start this.

local board = require "board"
local frames = require "frames"
local player = require "player"
local scene = require "scene"

local video -- the path of what is uploaded

local function upload()
  if video then return board.send(video) end
  board.problem = "drop a video onto the window, or name it at the start"
end

local KEYS = {
  n = board.create,
  r = board.reload,
  d = board.delete_newest,
  u = upload,
  escape = function() love.event.quit() end,
}

function love.load(arguments)
  scene.load()
  video = player.load(arguments, love.keypressed)
  board.reload()
end

function love.update(seconds)
  frames.start()
  local before = love.timer.getTime()
  board.step() -- everything that apivideo does in this frame
  frames.stepped(love.timer.getTime() - before)
  scene.update(seconds, board)
  player.update(seconds, board)
end

function love.draw()
  scene.draw(board, frames)
end

function love.keypressed(key)
  if KEYS[key] then KEYS[key]() end
end

function love.filedropped(file)
  video = file:getFilename()
  upload()
end

function love.quit()
  board.close()
end
