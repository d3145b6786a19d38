-- Uploads in processes that are killed at some moment, and go on in new ones
-- from what they had kept: each becomes one video with all its bytes. As a
-- script, under the sandbox:
--
--   lua crashes.lua [CRASHES]     100 if none; ends with 1 unless all is well

local random = require "spec.support.random"
local sandbox = require "spec.support.sandbox_http"
local service = require "spec.support.service"
local socket = require "socket"
local uploads = require "spec.support.uploads"

local CHILD = "spec/support/crash_upload.lua"
local WAYS = { "file", "parallel", "pieces" }
local SEED = 20
local LATEST = 110 -- hundredths of the time that an upload takes

-- The service takes some time, before and after it has a part.
local DELAY = 0.01
local BEFORE, AFTER = { delay = DELAY }, { delay = DELAY, after = true }

local STATE = "crash-state"

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- Starts an upload. → the pipe that its words come from, its process
local function start(it)
  local pipe = assert(io.popen(("echo $$; exec '%s' %s %s '%s' '%s' %s"):format(
    service.interpreter(), CHILD, it.way, it.path, it.state, it.token)))
  return pipe, assert(pipe:read "*l")
end

-- → the id of the video, or nil
local function finish(pipe)
  local id = pipe:read "*l"
  pipe:close()
  return id
end

-- Kills an upload after so many seconds. → whether it was on its way
local function crash(it, seconds)
  local pipe, process = start(it)
  socket.sleep(seconds) -- the moment, not a wait
  os.execute("kill -9 " .. process)
  return finish(pipe) == nil
end

local function prepare(it)
  sandbox.reset()
  local faults = {}
  for i = 1, 40 do faults[i] = i % 2 == 0 and BEFORE or AFTER end
  it.token = sandbox.create_token().token
  service.faults(faults)
  os.remove(it.state)
end

-- How long an upload takes that nobody kills.
local function measure(it)
  prepare(it)
  local began = socket.gettime()
  assert(finish((start(it))), "an upload failed that nobody killed")
  return socket.gettime() - began
end

-- The complete videos, and how many others there are.
local function look()
  local complete, others = {}, 0
  for _, video in ipairs(sandbox.control("GET", "videos")) do
    if video.complete then
      complete[#complete + 1] = sandbox.video(video.videoId)
    else
      others = others + 1
    end
  end
  return complete, others
end

-- One video with all bytes; one more for each time that nothing had been kept.
local function check(it, id)
  local complete, others = look()
  assert(id, "an upload did not go on")
  assert(#complete == 1, "there are " .. #complete .. " videos")
  assert(complete[1].videoId == id, "it went on to another video")
  assert(complete[1].sha256 == it.sha256, "its bytes are others")
  assert(others <= it.begun_anew, "there are " .. others .. " videos more")
  return others
end

-- Kills an upload at that share of its time, perhaps twice, and lets it end.
local function run_one(it, shares, counts)
  prepare(it)
  it.begun_anew = 0
  for i, share in ipairs(shares) do
    local killed = crash(it, share * it.seconds[it.way])
    local kept = exists(it.state)
    local moment = not killed and "ended" or kept and "parts" or "nothing"
    if i == 1 then counts[moment] = counts[moment] + 1 end
    if not kept then it.begun_anew = it.begun_anew + 1 end
  end
  if #shares > 1 then counts.twice = counts.twice + 1 end
  counts.abandoned = counts.abandoned + check(it, finish((start(it))))
end

-- Kills so many uploads. → counts of the moments: `nothing` had been kept,
-- some `parts` were, it had `ended`; of those killed `twice`, and of the videos
-- that were `abandoned`
local function run(crashes, size)
  local data = uploads.data(size)
  local it = {
    path = uploads.file("crash", data), sha256 = uploads.sha256(data),
    state = uploads.path(STATE), seconds = {},
  }
  local draw = random(SEED)
  local counts = { nothing = 0, parts = 0, ended = 0, twice = 0, abandoned = 0 }
  for _, way in ipairs(WAYS) do
    it.way = way
    it.seconds[way] = measure(it)
  end
  for i = 1, crashes do
    it.way = WAYS[i % #WAYS + 1]
    local shares = { draw(0, LATEST) / 100 }
    if i % 3 == 0 then shares[2] = draw(0, LATEST) / 100 end
    run_one(it, shares, counts)
  end
  return counts
end

if ... == "spec.support.crashes" then return run end

local crashes = tonumber((...)) or 100
local counts = run(crashes, 40 * 1024 * 1024 + 1)
print(("%d uploads were killed: %d before anything had been kept, %d between"
  .. " the first part and the last, %d at their end; %d of them twice"):format(
  crashes, counts.nothing, counts.parts, counts.ended, counts.twice))
print(("each went on to one video with all its bytes; %d videos were left of"
  .. " which nothing had been kept"):format(counts.abandoned))
