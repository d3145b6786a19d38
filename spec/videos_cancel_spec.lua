-- Uploads that are given up: their task is cancelled, or their client closed.
-- What they leave can be gone on with.

local patience = require "spec.support.patience"
local place = require "spec.support.place"
local service = require "spec.support.service"
local silent_server = require "spec.support.silent_server"
local socket = require "socket"
local uploads = require "spec.support.uploads"

local PART = uploads.PART
local UPLOAD = uploads.UPLOAD

describe("an upload that is given up", function()
  local client, token

  -- Failures are returned, because Lua 5.1 cannot yield out of pcall.
  uploads.with_client(function(...) client, token = ... end, {}, "apivideo.safe")

  local data = uploads.data(4 * PART)

  -- Starts a task that uploads, whose parts after the first hang, and waits
  -- until so many do. → the task, and what it will have seen
  local function begin(options, hanging)
    local list = { { match = UPLOAD } }
    for i = 1, hanging do list[i + 1] = { match = UPLOAD, delay = 60 } end
    service.faults(list)
    local seen = {}
    options.chunk_size = PART
    local task = client:spawn(function()
      seen.video, seen.err = client.videos:upload_with_upload_token(
        token, options.source or { data = data }, options.given or options)
    end)
    assert(place.wait(function()
      client:step(0.01)
      return #uploads.requests() == 1 + hanging
    end))
    return task, seen
  end

  it("by its task ends without waiting for anything", function()
    local task, seen = begin({ parallel = 3 }, 3)
    local from = socket.gettime()
    task:cancel()
    local took = socket.gettime() - from
    assert.is_true(took < patience(0.5), took)
    assert.equal("cancelled", task.state)
    assert.equal("cancelled", seen.err.kind)
    assert.equal("upload_with_upload_token", seen.err.operation)
    assert.equal(0, client:step(0))
  end)

  it("leaves its state, from which it goes on", function()
    local task, seen = begin({ parallel = 3 }, 3)
    task:cancel()
    assert.equal("1-1", seen.err.upload.sent)
    assert.equal(1, seen.err.attempts)
    assert.is_true(seen.err.elapsed > 0)
    service.faults { { match = UPLOAD } } -- those that hung are no more
    local video = client.videos:upload_with_upload_token(token,
      { data = data }, { resume = seen.err.upload })
    uploads.assert_one(video, data)
  end)

  it("leaves no state when there is no video yet", function()
    service.faults { { match = UPLOAD, delay = 60 } }
    local err
    local task = client:spawn(function()
      err = select(2, client.videos:upload_with_upload_token(
        token, { data = data }))
    end)
    assert(place.wait(function()
      client:step(0.01)
      return #uploads.requests() == 1
    end))
    task:cancel()
    assert.equal("cancelled", err.kind)
    assert.is_nil(err.upload)
  end)

  it("leaves the client usable", function()
    local task = begin({ parallel = 3 }, 3)
    task:cancel()
    assert.equal(1, #client.upload_tokens:list().data)
  end)

  it("by closing the client is told so, with its state", function()
    local task, seen = begin({ parallel = 2 }, 2)
    client:close()
    assert.equal("cancelled", task.state)
    assert.equal("cancelled", seen.err.kind)
    assert.equal("1-1", seen.err.upload.sent)
  end)

  it("by closing the client from what it tells ends at once", function()
    for _, name in ipairs { "on_progress", "on_state" } do
      local one = service.client({}, "apivideo.safe")
      local video, err = one.videos:upload_with_upload_token(token,
        { data = data }, { chunk_size = PART, [name] = function(it)
          if name == "on_state" or it.uploaded_bytes > PART then
            one:close()
          end
        end })
      assert.is_nil(video)
      assert.is_truthy(err.kind == "cancelled" or err.kind == "closed")
      assert.matches("^1%-[12]$", err.upload.sent)
    end
  end)

  it("by its own task, from what it calls, begins nothing more", function()
    local task, seen
    local function cancel() task:cancel() end
    for name, options in pairs {
      on_progress = { on_progress = cancel }, on_state = { on_state = cancel },
      reader = { source = function()
        if #uploads.requests() > 0 then cancel() end
        return data:sub(1, PART)
      end },
    } do
      service.reset()
      token = client.upload_tokens:create_token().token
      local source = options.source or { data = data }
      options.source, options.chunk_size = nil, PART
      task = client:spawn(function()
        coroutine.yield() -- the task is known from here on
        seen = select(2, client.videos:upload_with_upload_token(
          token, source, options))
      end)
      repeat client:step(0.01) until task.state ~= "running"
      assert.equal("cancelled", task.state, name)
      assert.equal("cancelled", seen.kind)
      -- There is progress before the answer, which names the video.
      if name ~= "on_progress" or seen.upload then
        assert.equal("1-1", seen.upload.sent, name)
      end
      assert.is_true(#uploads.requests() <= 1, name)
    end
  end)

  it("before it began sends nothing", function()
    client:close()
    local video, err =
      client.videos:upload_with_upload_token(token, { data = "a film" })
    assert.is_nil(video)
    assert.equal("closed", err.kind)
    assert.same({}, uploads.requests())
    local session
    session, err = client.videos:progressive_upload(token)
    assert.is_nil(session)
    assert.equal("closed", err.kind)
  end)

  it("in a session is given up with it", function()
    service.faults { { match = UPLOAD }, { match = UPLOAD, delay = 60 } }
    local session = client.videos:progressive_upload(token)
    assert(session:upload_part(data:sub(1, PART + 1)))
    client:close()
    local video, err = session:upload_last_part "x"
    assert.is_nil(video)
    assert.equal("closed", err.kind)
    assert.equal("1-1", err.upload.sent)
  end)

  -- --- connections --------------------------------------------------------------

  describe("at a server that never answers", function()
    local listener, silent

    before_each(function()
      local url
      listener, url = silent_server()
      silent = service.client({ base_url = url }, "apivideo.safe")
    end)

    after_each(function()
      silent:close()
      listener:close()
    end)

    -- Begins an upload of three parts at once. → its task, its connections
    local function begin_there()
      local task = silent:spawn(function()
        silent.videos:upload_with_upload_token("to1", { data = data },
          { video_id = "vi1", parallel = 3, chunk_size = PART })
      end)
      local connections = {}
      listener:settimeout(0)
      assert(place.wait(function()
        silent:step(0)
        local connection = listener:accept()
        if not connection then return #connections == 3 end
        connection:settimeout(5)
        connections[#connections + 1] = connection
      end))
      return task, connections
    end

    -- Reads what had been sent, until the other end closes.
    local function seconds_until_closed(connections, from)
      for _, connection in ipairs(connections) do
        local why
        repeat
          why = select(2, connection:receive(65536))
        until why
        assert.equal("closed", why)
        connection:close()
      end
      return socket.gettime() - from
    end

    it("closes the connections at once", function()
      local task, connections = begin_there()
      local from = socket.gettime()
      task:cancel()
      local took = seconds_until_closed(connections, from)
      assert.is_true(took < patience(0.5), took)
    end)

    it("closes them when the client is closed", function()
      local _, connections = begin_there()
      local from = socket.gettime()
      silent:close()
      local took = seconds_until_closed(connections, from)
      assert.is_true(took < patience(0.5), took)
    end)

    it("closes them when an error of who is told ends it", function()
      local ok, err = pcall(function()
        return silent.videos:upload_with_upload_token("to1", { data = data },
          { video_id = "vi1", parallel = 2, chunk_size = PART,
            on_progress = function() error("a mistake", 0) end })
      end)
      assert.same({ false, "a mistake" }, { ok, err })
      assert.equal(0, silent:step(0))
    end)
  end)
end)

describe("an upload in a host that steps", function()
  local client, token
  local data = uploads.data(3 * PART + 1)

  uploads.with_client(function(...) client, token = ... end, { driver = "step" })

  local function finish(task)
    while task.state == "running" do client:step(0.01) end
    return task:await()
  end

  it("moves on with each step", function()
    local reports = 0
    local video = finish(client:spawn(function()
      return client.videos:upload_with_upload_token(token, { data = data }, {
        chunk_size = PART, parallel = 2,
        on_progress = function() reports = reports + 1 end,
      })
    end))
    uploads.assert_one(video, data)
    assert.is_true(reports >= 2)
  end)

  it("moves on as a session, too", function()
    local video = finish(client:spawn(function()
      local session = client.videos:progressive_upload(token)
      for at = 1, #data, 3000000 do
        session:upload_part(data:sub(at, at + 2999999))
      end
      return session:upload_last_part ""
    end))
    uploads.assert_one(video, data)
  end)

  it("is refused outside of a task", function()
    for _, call in ipairs {
      function()
        client.videos:upload_with_upload_token(token, { data = data })
      end,
      function()
        client.videos:progressive_upload(token):upload_part "x"
      end,
      function()
        client.videos:progressive_upload(token):upload_last_part "x"
      end,
    } do
      assert.matches("would have to wait here", service.misuse(call))
    end
    assert.same({}, uploads.requests())
  end)

  it("beside others are several videos", function()
    local tasks = {}
    for i = 1, 4 do
      tasks[i] = client:spawn(function()
        return client.videos:upload_with_upload_token(token,
          { data = data:sub(1, PART + i) },
          { chunk_size = PART, file_name = i .. ".mp4" })
      end)
    end
    for i = 1, 4 do assert.equal(i .. ".mp4", finish(tasks[i]).title) end
  end)
end)
