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
  local listener, client, video, err, task

  before_each(function()
    local url
    listener, url = silent_server()
    client = apivideo.new {
      base_url = url, timeout = TIMEOUT, retries = 0, driver = "step",
    }
    video, err = nil, nil
    task = client:spawn(function()
      video, err = client.videos:upload_with_upload_token(
        TOKEN, { data = ("x"):rep(SIZE) })
    end)
  end)

  after_each(function()
    client:close()
    listener:close()
  end)

  -- Takes so many bytes at that rate, as long as they come. → its end of the
  -- connection
  local function take(most)
    listener:settimeout(0)
    local peer, started, taken = nil, nil, 0
    while task.state == "running" and taken < most do
      client:step(0.01)
      peer = peer or listener:accept()
      if peer then
        peer:settimeout(0)
        started = started or socket.gettime()
        local room = (socket.gettime() - started) * RATE - taken
        local text, _, part = peer:receive(math.max(1, math.floor(room)))
        taken = taken + #(text or part)
      end
    end
    return peer
  end

  local function finish()
    while task.state == "running" do client:step(0.01) end
  end

  it("goes on as long as bytes leave", function()
    take(SIZE):send(ANSWER)
    finish()
    assert.is_truthy(video, tostring(err))
    assert.equal("vi1", video.video_id)
  end)

  it("ends when none leave any more", function()
    local peer = take(SIZE / 4)
    finish()
    assert.equal("timeout", err.kind)
    assert.matches("nothing moved for 0.6 s", err.message, 1, true)
    peer:close()
  end)
end)
