-- Uploads over a slow connection: without a deadline of their own they end
-- when nothing moves, and not before.

local apivideo = require "apivideo.safe"
local silent_server = require "spec.support.silent_server"
local socket = require "socket"

local TOKEN = "to1tcmSFHeYY5KzyhOqVKMKb"
local ANSWER = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
  .. "Content-Length: 17\r\n\r\n" .. '{"videoId":"vi1"}'

local SIZE = 2 * 1024 * 1024
local TIMEOUT = 0.6
local RATE = 600000 -- bytes a second: 512 KiB in 0.9 s

describe("a slow upload", function()
  local listener, peer, taken, client, video, err, task

  before_each(function()
    local url
    listener, url = silent_server()
    listener:settimeout(0)
    peer, taken = nil, 0
    client = apivideo.new {
      base_url = url, idle_timeout = TIMEOUT, retries = 0, driver = "step",
    }
    video, err = nil, nil
    task = client:spawn(function()
      video, err = client.videos:upload_with_upload_token(
        TOKEN, { data = ("x"):rep(SIZE) })
    end)
  end)

  after_each(function()
    client:close()
    if peer then peer:close() end
    listener:close()
  end)

  -- Takes bytes at that rate, as long as they come, until there are so many.
  local function take(upto, rate)
    local last = socket.gettime()
    while task.state == "running" and taken < upto do
      client:step(0.01)
      peer = peer or listener:accept()
      local now = socket.gettime()
      local room = math.floor((now - last) * rate)
      if peer and room > 0 then
        peer:settimeout(0)
        local text, _, part = peer:receive(math.min(room, 65536))
        taken, last = taken + #(text or part), now
      end
    end
  end

  local function finish()
    while task.state == "running" do client:step(0.01) end
  end

  it("goes on as long as bytes leave", function()
    take(SIZE / 2, RATE)
    take(SIZE, 1e9) -- what the system holds says nothing on its way
    peer:send(ANSWER)
    finish()
    assert.is_truthy(video, tostring(err))
    assert.equal("vi1", video.video_id)
  end)

  it("ends when none leave any more", function()
    take(SIZE / 4, RATE)
    finish()
    assert.equal("timeout", err.kind)
    assert.matches("nothing moved for 0.6 s", err.message, 1, true)
  end)
end)
