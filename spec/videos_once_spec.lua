-- What must not happen to a file: that it becomes two videos, or that another
-- one is taken for it.

local place = require "spec.support.place"
local sandbox = require "spec.support.sandbox_http"
local service = require "spec.support.service"
local silent_server = require "spec.support.silent_server"
local uploads = require "spec.support.uploads"

local PART = uploads.PART
local UPLOAD = uploads.UPLOAD

local client, token

local function upload(...)
  return client.videos:upload_with_upload_token(token, ...)
end

-- Failures are returned, because Lua 5.1 cannot yield out of pcall.
uploads.with_client(function(...) client, token = ... end, {}, "apivideo.safe")

describe("a first part that may have arrived", function()
  local data = uploads.data(2 * PART)
  local session, err

  local function has_arrived()
    return #sandbox.control("GET", "videos") == 1
  end

  -- A task whose first part has left, but was not answered.
  local function begin(body)
    service.faults { { match = UPLOAD, delay = 60, after = true } }
    local task = client:spawn(function() err = select(2, body()) end)
    assert(place.wait(function()
      client:step(0.01)
      return has_arrived()
    end))
    return task
  end

  it("is ambiguous when its task is cancelled", function()
    begin(function() return upload { data = data } end):cancel()
    assert.equal("cancelled", err.kind)
    assert.is_true(err.ambiguous)
  end)

  it("is not sent again by its session, whose task was cancelled", function()
    session = client.videos:progressive_upload(token)
    begin(function() return session:upload_part(data) end):cancel()
    local message =
      service.misuse(session.upload_last_part, session, "the end")
    assert.matches("the first part may have arrived", message, 1, true)
    assert.equal(1, #uploads.requests())
  end)

  it("is not sent again after an error in on_progress", function()
    session = client.videos:progressive_upload(token, {
      on_progress = function(p)
        if p.uploaded_bytes == PART then error("too far", 0) end
      end,
    })
    service.faults { { match = UPLOAD, delay = 0.5, after = true } }
    assert.equal("too far", service.misuse(session.upload_part, session, data))
    local message =
      service.misuse(session.upload_last_part, session, "the end")
    assert.matches("the first part may have arrived", message, 1, true)
  end)
end)

describe("a first part on a connection that dies with it", function()
  local TOKEN = '{"token":"to1","ttl":0,"createdAt":"2020"}'
  local ANSWER = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    .. "Content-Length: " .. #TOKEN .. "\r\n\r\n" .. TOKEN

  it("is ambiguous also when its file has changed meanwhile", function()
    local listener, url = silent_server()
    local it = service.client(
      { base_url = url, driver = "step" }, "apivideo.safe")
    local path = uploads.file("once.mp4", "a film")
    local err
    local task = it:spawn(function()
      it.upload_tokens:get_token "to1"
      err = select(2, it.videos:upload_with_upload_token("to1", path))
    end)
    local peer, heard = nil, ""
    listener:settimeout(0)
    local function hear(words)
      assert(place.wait(function()
        it:step(0.01)
        peer = peer or listener:accept()
        if not peer then return false end
        peer:settimeout(0)
        local text, _, part = peer:receive(4096)
        heard = heard .. (text or part)
        return heard:find(words, 1, true)
      end))
    end
    hear "GET /upload-tokens/to1"
    hear "\r\n\r\n"
    peer:send(ANSWER)
    hear "a film\r\n"
    uploads.file("once.mp4", "a film that grew")
    peer:close()
    repeat it:step(0.01) until task.state ~= "running"
    assert.equal("connection", err.kind)
    assert.is_true(err.ambiguous)
    it:close()
    listener:close()
  end)
end)

describe("a video that has a file already", function()
  local TYPE = "video-source-already-uploaded"
  local other = { data = "the other file" }
  local video

  before_each(function()
    video = assert(upload { data = "the one file" })
  end)

  local function assert_refused(given, err)
    assert.is_nil(given)
    assert.equal("bad_request", err.kind)
    assert.matches(TYPE, err.type, 1, true)
  end

  it("is refused, too, when such an upload is gone on with", function()
    local given, err = upload(other, { video_id = video.video_id })
    assert_refused(given, err)
    assert_refused(upload(other, { resume = err.upload }))
  end)

  it("is refused after an attempt of which not all had left", function()
    service.faults { { match = UPLOAD, close = true } }
    local given, err = upload({ data = uploads.data(4 * PART) },
      { video_id = video.video_id })
    assert_refused(given, err)
    assert.equal(2, err.attempts)
  end)

  it("is refused each time a session is asked once more", function()
    local session = client.videos:progressive_upload(token,
      { video_id = video.video_id })
    assert_refused(session:upload_last_part "the other file")
    assert_refused(session:upload_last_part())
  end)
end)

describe("a session whose task has ended with an error", function()
  it("goes on", function()
    local data = uploads.data(2 * PART)
    local told = 0
    local session = client.videos:progressive_upload(token, {
      on_state = function()
        told = told + 1
        if told == 1 then error("no room to save it", 0) end
      end,
    })
    local task = client:spawn(function() session:upload_part(data) end)
    repeat client:step(0.01) until task.state ~= "running"
    assert.equal("no room to save it", service.misuse(task.await, task))
    uploads.assert_one(assert(session:upload_last_part()), data)
  end)
end)

describe("a part whose answer cannot be read", function()
  it("counts as sent when the service says so", function()
    local data = uploads.data(PART + 1)
    local session = client.videos:progressive_upload(token)
    session:upload_part(data)
    service.faults { { match = UPLOAD, after = true, body = "?" } }
    local video, err = session:upload_last_part()
    assert.is_nil(video)
    assert.equal("protocol", err.kind)
    video = assert(session:upload_last_part())
    uploads.assert_one(video, data)
  end)
end)
