--- What the game does with upload tokens while its frames go on. The program
-- calls the functions that this gives.

local apivideo = require "apivideo"

local TASKS = 32 -- each has one call in flight, from the first frame on

local client = apivideo.new { driver = "step", max_connections = TASKS }
local tokens = client.upload_tokens

local running = true
local calls = 0

-- Reads like a script that waits; it is its task that does.
local function lead_a_life()
  while running do
    local token = tokens:create_token { ttl = 600 }
    tokens:list { page_size = 10 }
    tokens:delete_token(token.token)
    calls = calls + 3
  end
end

local game = {}

function game.start()
  for _ = 1, TASKS do client:spawn(lead_a_life) end
end

--- Once a frame. Gives how many calls are in flight.
function game.step()
  return client:step(0)
end

--- The tasks end as soon as each has deleted its token.
function game.stop()
  running = false
end

--- How many calls succeeded.
function game.calls()
  return calls
end

return game
