--- Upload tokens in orbit: what you do with them takes as long as it takes,
-- and no frame waits for it. README.md says how to start this.

local board = require "board"
local frames = require "frames"
local player = require "player"
local scene = require "scene"

local KEYS = {
  n = board.create,
  r = board.reload,
  d = board.delete_newest,
  escape = function() love.event.quit() end,
}

function love.load(arguments)
  scene.load()
  player.load(arguments, love.keypressed)
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

function love.quit()
  board.close()
end
