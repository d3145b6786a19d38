-- Uploads whose pieces come one by one.

local cjson = require "cjson"
local place = require "spec.support.place"
local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

local PART = uploads.PART
local UPLOAD = uploads.UPLOAD

describe("a progressive upload", function()
  local client, token

  uploads.with_client(function(...) client, token = ... end, { retries = 0 })

  local function new(options)
    return client.videos:progressive_upload(token, options)
  end

  -- Gives the bytes in pieces of that size, all but the last piece.
  local function give(session, data, size, from)
    local at = from or 1
    while at + size <= #data do
      session:upload_part(data:sub(at, at + size - 1))
      at = at + size
    end
    return data:sub(at)
  end

  -- --- its way ----------------------------------------------------------------

  for _, size in ipairs { 1000000, PART, PART + 1, 3 * PART } do
    it(("in pieces of %d bytes is one video"):format(size), function()
      local data = uploads.data(2 * PART + 1)
      local session = new { file_name = "live.mp4" }
      local video, response = session:upload_last_part(give(session, data, size))
      uploads.assert_one(video, data)
      assert.equal("live.mp4", video.title)
      assert.equal(201, response.status)
      assert.same({ "part 1/*", "part 2/*", "part 3/3" }, uploads.ranges())
    end)
  end

  it("whose last piece is empty is one video, too", function()
    for _, size in ipairs { 2 * PART, 2 * PART + 1 } do
      service.reset()
      token = client.upload_tokens:create_token().token
      local data = uploads.data(size)
      local session = new()
      session:upload_part(data)
      uploads.assert_one(session:upload_last_part "", data)
    end
  end)

  it("may end without a last piece", function()
    local session = new()
    session:upload_part "a film"
    uploads.assert_one(session:upload_last_part(), "a film")
  end)

  it("of one piece is one request", function()
    uploads.assert_one(new():upload_last_part "a film", "a film")
    assert.same({ false }, uploads.ranges())
  end)

  it("sends a part as soon as it is known not to be the last", function()
    local session, data = new(), uploads.data(2 * PART + 2)
    assert.same({ true }, { session:upload_part(data:sub(1, PART)) })
    assert.same({}, uploads.requests())
    local _, video, response = session:upload_part(data:sub(PART + 1, PART + 1))
    assert.equal(uploads.only_video().videoId, video.video_id)
    assert.equal(201, response.status)
    assert.same({ "part 1/*" }, uploads.ranges())
    assert.same({ true }, { session:upload_part(data:sub(PART + 2, PART + 2)) })
    assert.equal(1, #uploads.requests())
    uploads.assert_one(session:upload_last_part(data:sub(PART + 3)), data)
  end)

  it("takes empty pieces", function()
    local session = new()
    assert.is_true((session:upload_part ""))
    session:upload_part "a "
    session:upload_part ""
    uploads.assert_one(session:upload_last_part "film", "a film")
  end)

  it("has parts of the size that was asked for", function()
    local data = uploads.data(PART + 1025)
    local session = new { chunk_size = PART + 1024 }
    session:upload_part(data)
    session:upload_last_part ""
    assert.equal(PART + 1024, uploads.only_video().parts[1].size)
  end)

  it("sends several parts of a large piece at once", function()
    service.faults {
      { match = UPLOAD }, { match = UPLOAD, delay = 0.2, times = 2 },
    }
    local data = uploads.data(3 * PART + 1)
    local session = new { parallel = 2 }
    local task = client:spawn(function()
      session:upload_part(data)
      return session:upload_last_part ""
    end)
    assert(place.wait(function()
      client:step(0.01)
      local requests = uploads.requests()
      return #requests == 3 and not requests[2].status
        and not requests[3].status
    end))
    uploads.assert_one(task:await(), data)
  end)

  it("goes to a video that was made before", function()
    local id = uploads.container "Maths"
    local session = new { video_id = id }
    session:upload_part "a "
    uploads.assert_one(session:upload_last_part "film", "a film")
    assert.equal("Maths", uploads.only_video().title)
  end)

  it("beside another one is another video", function()
    local first, second = new { file_name = "1" }, new { file_name = "2" }
    first:upload_part "a "
    second:upload_part "another "
    assert.equal("1", first:upload_last_part("film").title)
    assert.equal("2", second:upload_last_part("film").title)
  end)

  it("reports progress, and the total at its end", function()
    local reports, states = {}, {}
    local session = new {
      on_progress = function(p) reports[#reports + 1] = p end,
      on_state = function(state) states[#states + 1] = state.sent end,
    }
    local data = uploads.data(2 * PART + 1)
    session:upload_part(data)
    session:upload_last_part ""
    local before = 0
    for _, p in ipairs(reports) do
      assert.is_true(p.uploaded_bytes > before)
      before = p.uploaded_bytes
    end
    assert.equal(#data, before)
    assert.equal(#data, reports[#reports].total_bytes)
    assert.same({ "1-1", "1-2", "1-3" }, states)
  end)

  it("knows what has arrived, after each part", function()
    local told = {}
    local session
    session = new {
      on_state = function() told[#told + 1] = session.uploaded_bytes end,
    }
    assert.equal(0, session.uploaded_bytes)
    session:upload_part(uploads.data(PART))
    assert.equal(0, session.uploaded_bytes) -- nothing came after it yet
    session:upload_part(uploads.data(PART + 1))
    assert.equal(2 * PART, session.uploaded_bytes)
    session:upload_last_part "the end"
    assert.equal(2 * PART + 8, session.uploaded_bytes)
    assert.same({ PART, 2 * PART, 2 * PART + 8 }, told)
  end)

  it("knows what has arrived of a single part", function()
    local session = new()
    session:upload_last_part "a film"
    assert.equal(6, session.uploaded_bytes)
  end)

  it("does not count what a failure left behind", function()
    local session = new()
    session:upload_part(uploads.data(PART + 1))
    service.faults { { match = UPLOAD, status = 500 } }
    service.failure(session.upload_part, session, uploads.data(PART))
    assert.equal(PART, session.uploaded_bytes)
    session:upload_part ""
    assert.equal(2 * PART, session.uploaded_bytes)
  end)

  it("fails in the safe variant without an error raised", function()
    local safe = service.client({ retries = 0 }, "apivideo.safe")
    local session = safe.videos:progressive_upload "absent"
    assert.is_true((session:upload_part "x"))
    local video, err = session:upload_last_part "x"
    assert.is_nil(video)
    assert.equal("unauthorized", err.kind)
    safe:close()
  end)

  it("fails in its own name on a closed client", function()
    client:close()
    local err = service.failure(new)
    assert.equal("closed", err.kind)
    assert.equal("progressive_upload", err.operation)
  end)

  it("fails in the name of the service's operation once it is begun",
    function()
      local session = new()
      client:close()
      local err = service.failure(session.upload_last_part, session, "x")
      assert.equal("closed", err.kind)
      assert.equal("upload_with_upload_token", err.operation)
    end)

  it("tells of itself, and of no token", function()
    local session = new()
    assert.equal("apivideo.upload: open", tostring(session))
    session:upload_last_part "x"
    assert.equal("apivideo.upload: ended", tostring(session))
  end)

  -- --- parts that do not arrive -------------------------------------------------

  it("takes no piece after one that failed, which may be the same", function()
    local data = uploads.data(2 * PART + 10)
    local session = new()
    local piece = data:sub(PART + 2, 2 * PART + 1)
    session:upload_part(data:sub(1, PART + 1))
    service.faults { { match = UPLOAD, status = 500 } }
    service.failure(session.upload_part, session, piece)
    for _, method in ipairs { "upload_part", "upload_last_part" } do
      assert.matches('upload_part("") sends once more',
        service.misuse(session[method], session, piece), 1, true)
    end
    session:upload_part ""
    uploads.assert_one(
      session:upload_last_part(data:sub(2 * PART + 2)), data)
  end)

  it("sends a part that failed again", function()
    local data = uploads.data(2 * PART + 10)
    local session = new()
    session:upload_part(data:sub(1, PART + 1))
    service.faults { { match = UPLOAD, status = 500 } }
    local err = service.failure(session.upload_part, session,
      data:sub(PART + 2, 2 * PART + 1))
    assert.equal("server_error", err.kind)
    assert.equal("1-1", err.upload.sent)
    session:upload_part ""
    uploads.assert_one(
      session:upload_last_part(data:sub(2 * PART + 2)), data)
    assert.same({ "part 1/*", "part 2/*", "part 2/*", "part 3/3" },
      uploads.ranges())
  end)

  it("sends its last part again", function()
    local session = new()
    local data = uploads.data(PART + 10)
    session:upload_part(data)
    service.faults { { match = UPLOAD, status = 500 } }
    service.failure(session.upload_last_part, session, "")
    uploads.assert_one(session:upload_last_part "", data)
  end)

  it("sends its first part again when it cannot have arrived", function()
    local session = new()
    local data = uploads.data(PART + 10)
    service.faults { { match = UPLOAD, problem = "too-many-requests",
      headers = { ["X-RateLimit-Retry-After"] = 0 } } }
    local err = service.failure(session.upload_part, session, data)
    assert.equal("too_many_requests", err.kind)
    uploads.assert_one(session:upload_last_part "", data)
  end)

  it("never sends its first part twice", function()
    local session = new()
    local data = uploads.data(PART + 10)
    service.faults { { match = UPLOAD, close = true, after = true } }
    local err = service.failure(session.upload_part, session, data)
    assert.is_true(err.ambiguous)
    for _, method in ipairs { "upload_part", "upload_last_part" } do
      assert.matches("must not be sent twice; begin another upload",
        service.misuse(session[method], session, "x"))
    end
    assert.equal(1, #uploads.requests())
  end)

  it("goes on after an error of who is told", function()
    local mistake = true
    local data = uploads.data(PART + 10)
    local session = new {
      on_state = function() if mistake then error("a mistake", 0) end end,
    }
    assert.same({ false, "a mistake" },
      { pcall(session.upload_part, session, data) })
    mistake = false
    uploads.assert_one(session:upload_last_part "", data)
    assert.equal(2, #uploads.requests())
  end)

  -- --- going on -----------------------------------------------------------------

  it("goes on behind what had arrived", function()
    local data = uploads.data(2 * PART + 10)
    local state
    local session = new { on_state = function(it) state = it end }
    session:upload_part(data:sub(1, PART + 1000)) -- 1000 bytes are lost
    state = cjson.decode(cjson.encode(state))
    assert.equal("pieces", state.source)
    local again = new { resume = state }
    assert.equal(PART, again.uploaded_bytes)
    local last = give(again, data, 1000000, again.uploaded_bytes + 1)
    uploads.assert_one(again:upload_last_part(last), data)
  end)

  it("goes on from a failure, under its old name", function()
    local data = uploads.data(PART + 10)
    local session = new { file_name = "live.mp4" }
    session:upload_part(data)
    service.faults { { match = UPLOAD, status = 500 } }
    local err = service.failure(session.upload_last_part, session, "")
    local again = new { resume = err.upload }
    again:upload_part(data:sub(again.uploaded_bytes + 1))
    local video = again:upload_last_part ""
    uploads.assert_one(video, data)
    assert.equal("live.mp4", video.title)
  end)

  it("has nothing to do when all had arrived", function()
    local data, state = uploads.data(PART + 10), nil
    local session = new { on_state = function(it) state = it end }
    session:upload_part(data)
    local video = session:upload_last_part ""
    local again = new { resume = state }
    assert.equal(#data, again.uploaded_bytes)
    assert.equal(video.video_id, again:upload_last_part("").video_id)
    assert.equal(2, #uploads.requests())
  end)

  it("does not go on where another kind of upload broke off", function()
    service.faults { { match = UPLOAD }, { match = UPLOAD, status = 500 } }
    local err = service.failure(client.videos.upload_with_upload_token,
      client.videos, token, { data = uploads.data(PART + 1) },
      { chunk_size = PART })
    assert.matches("bad argument #2 to 'progressive_upload' %(resume is of an "
      .. "upload of a string: ", service.misuse(new, { resume = err.upload }))
  end)

  it("that has nothing in it fails", function()
    local err = service.failure(function()
      new():upload_last_part ""
    end)
    assert.equal("file", err.kind)
    assert.matches("are empty", err.message)
    assert.same({}, uploads.requests())
  end)

  it("that has nothing in it can still be given something", function()
    local session = new()
    for _ = 1, 2 do
      local err = service.failure(session.upload_last_part, session, "")
      assert.matches("are empty", err.message)
      assert.equal("apivideo.upload: open", tostring(session))
    end
    session:upload_part "a "
    uploads.assert_one(session:upload_last_part "film", "a film")
  end)

  -- --- misuse -------------------------------------------------------------------

  describe("is misused", function()
    local function assert_misuse(words, ...)
      local message = service.misuse(...)
      assert.is_truthy(message:find(words, 1, true), message)
      assert.same({}, uploads.requests())
    end

    for _, method in ipairs { "upload_part", "upload_last_part" } do
      it("by " .. method .. " of what is no string", function()
        local session = new()
        for _, piece in ipairs { 5, true, {} } do
          assert_misuse(("bad argument #1 to '%s' (a piece must be a string, "
            .. "got "):format(method), session[method], session, piece)
        end
      end)

      it("by " .. method .. " without a colon", function()
        local session = new()
        assert_misuse("needs a colon: session:" .. method .. "(…)",
          session[method], "x")
      end)

      it("by " .. method .. " after the end", function()
        local session = new()
        session:upload_last_part "a film"
        local message = service.misuse(session[method], session, "x")
        assert.matches(method .. ": the upload has ended", message)
        uploads.assert_one({ video_id = uploads.only_video().videoId },
          "a film")
      end)

      it("by " .. method .. " while another piece is on its way", function()
        service.faults { { match = UPLOAD, delay = 0.2 } }
        local session = new()
        local task = client:spawn(session.upload_part, session,
          uploads.data(PART + 1))
        local message = service.misuse(session[method], session, "x")
        assert.matches(method .. ": a piece is on its way; wait for it",
          message)
        task:await()
        uploads.assert_one(session:upload_last_part "",
          uploads.data(PART + 1))
      end)
    end

    it("by upload_part without a piece", function()
      local session = new()
      assert_misuse("a piece must be a string, got nil",
        session.upload_part, session)
    end)

    it("by another piece after the last one failed", function()
      local session = new()
      service.faults { { match = UPLOAD, problem = "too-many-requests",
        headers = { ["X-RateLimit-Retry-After"] = 0 } } }
      service.failure(session.upload_last_part, session, "a film")
      for _, method in ipairs { "upload_part", "upload_last_part" } do
        assert.matches(method .. ": the last piece was given",
          service.misuse(session[method], session, "a film"))
      end
      uploads.assert_one(session:upload_last_part "", "a film")
    end)
  end)
end)
