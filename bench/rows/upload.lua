-- A large file in parts of 128 MiB, and what the process takes of memory.

local programs = require "bench.programs"
local timing = require "bench.timing"

local MIB = 2 ^ 20
local PART = 128 * MIB
local LEAST_RATE, MOST_MEMORY = 300, 24 -- MiB a second, MiB

return function(bench)
  local parts = bench.short and 2 or 8
  local size = parts * PART
  local film = bench.service:write_film(size, PART)
  local ours = programs.upload(bench, film.path, PART)
  bench.compare {
    measure = ("upload of %d MiB"):format(size / MIB),
    against = "the curl command, with a file for each part",
    ours = ours, theirs = programs.upload_curl(bench, film.parts),
    least = 0.9,
  }
  local memory = timing.run(ours).memory / 1024
  bench.figure("memory of the process that uploads it",
    ("%.1f MiB"):format(memory), ("at most %d MiB"):format(MOST_MEMORY),
    memory <= MOST_MEMORY)
  local stepped = timing.run(programs.upload(bench, film.path, PART, "step"))
  local rate = size / MIB / stepped.wall
  bench.figure("upload with pauses of 1 ms between steps",
    ("%.0f MiB/s"):format(rate), ("at least %d MiB/s"):format(LEAST_RATE),
    rate >= LEAST_RATE)
  film.remove()
end
