-- Uploads from a function: what it may give besides pieces, and a log that
-- raises.

local core = require "apivideo.core"
local patience = require "spec.support.patience"
local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

local IS_LUA51 = _VERSION == "Lua 5.1" and not jit
local PART = uploads.PART

describe("a function that gives pieces", function()
  local client, token, videos

  before_each(function()
    service.reset()
    client = service.client()
    token = client.upload_tokens:create_token({ ttl = 600 }).token
    videos = client.videos
  end)

  after_each(function() client:close() end)

  local function upload(read, options)
    options = options or {}
    options.chunk_size = PART
    return videos:upload_with_upload_token(token, read, options)
  end

  local function pieces_of(list)
    local place = 0
    return function()
      place = place + 1
      local piece = list[place]
      if type(piece) == "table" then return nil, piece.err end
      return piece
    end
  end

  local ERRORS = { "timeout", 5, true, { code = 7 }, false }

  for _, err in ipairs(ERRORS) do
    it("fails by nil and an error: " .. tostring(type(err)) .. " "
      .. (type(err) == "table" and "" or tostring(err)), function()
      local failure = service.failure(upload, pieces_of { ("a"):rep(PART), "b", { err = err } })
      assert.equal("file", failure.kind)
      assert.equal(err, failure.cause)
      assert.truthy(failure.message:find("the reader failed: ", 1, true))
      if err == "timeout" then assert.truthy(failure.message:find("the reader failed: timeout", 1, true)) end
      assert.equal("1-1", failure.upload.sent)
      -- Nothing was taken for the end.
      assert.same({ "part 1/*" }, uploads.ranges())
      local whole = uploads.data(PART)
      local video = upload(pieces_of { ("a"):rep(PART), "b" }, { resume = failure.upload })
      assert.equal(failure.upload.video_id, video.video_id)
      assert.equal(#whole, PART)
    end)
  end

  it("fails so before the first part, too", function()
    local failure = service.failure(upload, pieces_of { "a", { err = "gone" } })
    assert.equal("file", failure.kind)
    assert.equal("gone", failure.cause)
    assert.same({}, uploads.requests())
  end)

  it("is that of a file or socket as it is", function()
    local directory = assert(io.open("/"))
    local failure = service.failure(upload, function() return directory:read(65536) end)
    directory:close()
    assert.equal("file", failure.kind)
    assert.equal("Is a directory", failure.cause)
  end)

  it("ends by nil and nothing behind it", function()
    uploads.assert_one(upload(function() return nil, nil end and pieces_of { "a ", "film" }), "a film")
  end)

  it('gives "" while there is nothing yet, and others go on', function()
    local from, asked, rounds = core.now(), 0, 0
    client:spawn(function()
      while rounds < 1000 do
        client:sleep(0.005)
        rounds = rounds + 1
      end
    end)
    local video = upload(function()
      asked = asked + 1
      if core.now() - from < 0.2 then return "" end
      if asked > 0 then
        asked = -1e6
        return "a film"
      end
    end)
    uploads.assert_one(video, "a film")
    assert.is_true(asked < -1e6 + 100)
    assert.is_true(rounds > 5, rounds)
  end)

  for _, module in ipairs { "apivideo", "apivideo.safe" } do
    it('gives "" while the client is closed: it fails so, with its state, ' .. module, function()
      client = service.client({}, module)
      local pieces, count = pieces_of { uploads.data(2 * PART), "", "" }, 0
      local function read()
        count = count + 1
        if count == 3 then client:close() end
        return pieces()
      end
      local ok, video, err = pcall(client.videos.upload_with_upload_token, client.videos, token, read,
        { chunk_size = PART })
      if module == "apivideo" then
        assert.is_false(ok)
        err = video
      else
        assert.is_nil(video)
      end
      assert.equal("closed", err.kind)
      assert.equal("upload_with_upload_token", err.operation)
      assert.equal("1-1", err.upload.sent)
    end)
  end

  it('is asked again when it gave "" while parts are in flight', function()
    service.faults { { delay = 0.1, match = { path = "/upload" }, times = 3 } }
    local data = uploads.data(3 * PART + 7)
    local place, quiet = 0, false
    local video = upload(function()
      quiet = not quiet
      if quiet then return "" end
      local piece = data:sub(place + 1, place + 1000000)
      place = place + #piece
      return piece ~= "" and piece or nil
    end, { parallel = 2 })
    uploads.assert_one(video, data)
  end)

  it('is held to the timeout of the upload, whatever it gives', function()
    for _, give in ipairs { function() return "" end, function() client:sleep(0.01) return "" end } do
      local from, calls = core.now(), 0
      local failure = service.failure(upload, function()
        calls = calls + 1
        return give()
      end, { timeout = 0.2 })
      assert.equal("timeout", failure.kind)
      assert.is_true(core.now() - from < patience(1))
      assert.is_true(calls < 100, calls)
    end
  end)

  if not IS_LUA51 then
    it("that waits when its task is cancelled makes that known as such", function()
      for _, catches in ipairs { true, false } do
        local task, kind
        task = client:spawn(function()
          local ok, err = pcall(upload, function()
            if not catches then
              client:sleep(60)
              return "x"
            end
            local slept, why = pcall(client.sleep, client, 60)
            return slept and "x" or nil, why
          end)
          kind = not ok and err.kind
        end)
        task:cancel()
        client:step(0)
        assert.equal("cancelled", kind)
      end
    end)
  end
end)

describe("a log that raises", function()
  local client, token, raises

  before_each(function()
    service.reset()
    raises = false
    client = service.client {
      log = function()
        if not raises then return end
        raises = raises > 1 and raises - 1 or false
        if not raises then error("log boom", 0) end
      end,
    }
    token = client.upload_tokens:create_token({ ttl = 600 }).token
  end)

  after_each(function() client:close() end)

  for nth = 1, 3 do
    it(("at call %d leaves a session usable, without a part in flight"):format(nth), function()
      local data = uploads.data(3 * PART + 5)
      local session = client.videos:progressive_upload(token, { parallel = 3 })
      raises = nth
      local ok, err = pcall(session.upload_part, session, data)
      assert.is_false(ok)
      assert.equal("log boom", err)
      assert.same({ 0, 0 }, { client:step(0) })
      raises = false
      session:upload_part ""
      uploads.assert_one(session:upload_last_part(), data)
    end)

    it(("at call %d ends an upload, without a part in flight"):format(nth), function()
      raises = nth
      local saved
      local ok, err = pcall(client.videos.upload_with_upload_token, client.videos, token,
        { data = uploads.data(4 * PART) },
        { chunk_size = PART, parallel = 3, on_state = function(state) saved = state end })
      assert.is_false(ok)
      assert.equal("log boom", err)
      assert.same({ 0, 0 }, { client:step(0) })
      raises = false
      if saved then
        local video = client.videos:upload_with_upload_token(token, { data = uploads.data(4 * PART) },
          { resume = saved })
        assert.equal(saved.video_id, video.video_id)
      end
    end)
  end

  it("leaves parallel, walks and tasks usable", function()
    service.make_tokens(9, 60)
    local next_token = client.upload_tokens:iterate { page_size = 2, prefetch = 2 }
    raises = 2
    assert.is_false((pcall(client.parallel, client, { 1, 2, 3, 4 }, function() return client.upload_tokens:list() end)))
    assert.same({ 0, 0 }, { client:step(0) })
    raises = 1
    assert.is_false((pcall(next_token)))
    local count = 0
    for _ in next_token do count = count + 1 end
    assert.equal(10, count)
    raises = 1
    local task = client:spawn(function() client.upload_tokens:list() end)
    local ok, err = pcall(task.await, task)
    assert.same({ false, "log boom" }, { ok, err })
  end)
end)

describe("a session", function()
  local client, token

  service.with_client(function(its_client, tokens)
    client, token = its_client, tokens:create_token({ ttl = 600 }).token
  end)

  it("tells its state, with which another one goes on", function()
    local data = uploads.data(2 * PART + 9)
    local session = client.videos:progressive_upload(token)
    assert.is_nil(session:state())
    session:upload_part(data:sub(1, PART + 1))
    local state = session:state()
    assert.equal("1-1", state.sent)
    session:cancel()
    local other = client.videos:progressive_upload(token, { resume = state })
    other:upload_part(data:sub(other.uploaded_bytes + 1))
    uploads.assert_one(other:upload_last_part(), data)
  end)

  it("takes nothing once it is cancelled, and says how to go on", function()
    local session = client.videos:progressive_upload(token)
    session:upload_part(uploads.data(PART + 1))
    session:cancel()
    session:cancel()
    for _, method in ipairs { "upload_part", "upload_last_part" } do
      local err = service.failure(session[method], session, "x")
      assert.equal("cancelled", err.kind)
      assert.equal("1-1", err.upload.sent)
    end
    assert.equal("apivideo.upload: cancelled", tostring(session))
  end)

  it("ends a piece that is on its way when it is cancelled", function()
    service.faults { { delay = 30, match = { path = "/upload" } } }
    local session = client.videos:progressive_upload(token)
    local task = client:spawn(function() session:upload_part(uploads.data(PART + 1)) end)
    client:step(0.01)
    session:cancel()
    assert.equal("cancelled", service.failure(task.await, task).kind)
    assert.same({ 0, 0 }, { client:step(0) })
  end)

  it("takes no piece without a word once its client is closed", function()
    for _, name in ipairs { "apivideo", "apivideo.safe" } do
      local other = service.client({}, name)
      local session = other.videos:progressive_upload(token)
      assert.is_true(assert(session:upload_part "x"))
      other:close()
      if name == "apivideo" then
        assert.equal("closed", service.failure(session.upload_part, session, "x").kind)
      else
        local ok, err = session:upload_part "x"
        assert.is_nil(ok)
        assert.equal("closed", err.kind)
      end
    end
  end)
end)
