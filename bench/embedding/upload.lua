-- What step(0) costs 60 times a second while a video is uploaded, in time and
-- of that in work: on a busy machine others run in between.
--
-- usage, inside the sandbox: upload.lua VIDEO [PARALLEL]

local apivideo = require "apivideo"
local core = require "apivideo.core"
local socket = require "socket"

local FRAME = 1 / 60

local client = apivideo.new { driver = "step" }
local seconds, mib

local task = client:spawn(function()
  local token = client.upload_tokens:create_token { ttl = 3600 }
  local from = core.now()
  client.videos:upload_with_upload_token(token.token, arg[1], {
    parallel = tonumber(arg[2]),
    on_progress = function(p) mib = p.total_bytes / 2^20 end,
  })
  seconds = core.now() - from
end)

local times, work = {}, {}

local function step()
  local from, worked = core.now(), os.clock()
  client:step(0)
  work[#work + 1] = (os.clock() - worked) * 1000
  times[#times + 1] = (core.now() - from) * 1000
end

local due = core.now()
while task.state == "running" do
  step()
  due = math.max(due + FRAME, core.now())
  socket.sleep(due - core.now())
end
task:await()

local function describe(list)
  table.sort(list)
  local function share(part)
    return list[math.floor(part * (#list - 1)) + 1]
  end
  return ("p50 %.2f ms, p99 %.2f ms, max %.2f ms"):format(
    share(0.5), share(0.99), share(1))
end

print(("upload   %.0f MiB, %.0f MiB/s, %d frames"):format(
  mib, mib / seconds, #times))
print("step(0)  " .. describe(times))
print("work     " .. describe(work))
client:close()
