-- Large files go in parts: which, in what order, and what becomes of those
-- that do not arrive.

local place = require "spec.support.place"
local sandbox = require "spec.support.sandbox_http"
local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

local PART = uploads.PART
local UPLOAD = uploads.UPLOAD

describe("an upload in parts", function()
  local client, token

  uploads.with_client(function(...) client, token = ... end)

  local function upload(...) return uploads.send(client, token, ...) end

  -- A source of so many bytes: a string, or a reader of such pieces.
  local function source(size, piece_size)
    local data = uploads.data(size)
    if not piece_size then return { data = data } end
    return uploads.pieces(data, piece_size)
  end

  -- --- which there are --------------------------------------------------------

  local cases = {
    ["of one part's size"] = { PART, { false }, { false } },
    ["of one byte less than a part"] = { PART - 1, { false }, { false } },
    ["of one byte more than a part"] =
      { PART + 1, { "part 1/2", "part 2/2" }, { "part 1/*", "part 2/2" } },
    ["of an exact multiple"] =
      { 2 * PART, { "part 1/2", "part 2/2" }, { "part 1/*", "part 2/2" } },
    ["of one byte less than a multiple"] =
      { 2 * PART - 1, { "part 1/2", "part 2/2" }, { "part 1/*", "part 2/2" } },
    ["of one byte more than a multiple"] = { 2 * PART + 1,
      { "part 1/3", "part 2/3", "part 3/3" },
      { "part 1/*", "part 2/*", "part 3/3" } },
  }
  for name, case in pairs(cases) do
    it(name .. " has the parts that it takes", function()
      local video = upload(source(case[1]))
      uploads.assert_one(video, uploads.data(case[1]))
      assert.same(case[2], uploads.ranges())
    end)

    for what, piece in pairs { ["small"] = 700001, ["large"] = 2 * PART } do
      it(name .. " and in " .. what .. " pieces has them, too", function()
        local video = upload(source(case[1], piece))
        uploads.assert_one(video, uploads.data(case[1]))
        assert.same(case[3], uploads.ranges())
      end)
    end
  end

  it("has parts of the size that was asked for", function()
    local size = PART + 1024
    upload(source(2 * size + 1), { chunk_size = size })
    local parts = uploads.only_video().parts
    assert.same({ size, size, 1 },
      { parts[1].size, parts[2].size, parts[3].size })
  end)

  it("has parts of 50 MiB unless others were asked for", function()
    client.videos:upload_with_upload_token(token, source(2 * PART + 1))
    assert.same({ false }, uploads.ranges())
  end)

  it("takes a size with a fraction of nothing", function()
    uploads.assert_one(upload(source(PART + 1), { chunk_size = 5 * 2 ^ 20 }),
      uploads.data(PART + 1))
  end)

  it("gives the answer of the part that made the video whole", function()
    local video, response = upload(source(2 * PART + 1), { parallel = 2 })
    assert.equal("/videos/" .. video.video_id .. "/source", video.source.uri)
    assert.equal(201, response.status)
  end)

  it("uses one connection where one part goes at a time", function()
    upload(source(3 * PART))
    local seen, count = {}, 0
    for _, request in ipairs(uploads.requests()) do
      if not seen[request.connection] then count = count + 1 end
      seen[request.connection] = true
    end
    assert.equal(1, count)
  end)

  -- --- their order ------------------------------------------------------------

  -- How many requests the service is busy with, and how many came.
  local function busy()
    local count, requests = 0, uploads.requests()
    for _, request in ipairs(requests) do
      if not request.status then count = count + 1 end
    end
    return count, #requests
  end

  -- Moves on until the condition gives something.
  local function step_until(condition)
    return assert(place.wait(function()
      client:step(0.01)
      return condition()
    end), "it never happened")
  end

  it("sends the first alone, and then as many as it may at once", function()
    service.faults {
      { match = UPLOAD, delay = 0.15 },
      { match = UPLOAD, delay = 0.3, times = 3 },
    }
    local data = uploads.data(5 * PART)
    local task = client:spawn(upload, { data = data }, { parallel = 3 })
    local together, alone = 0, true
    step_until(function()
      local now, came = busy()
      if now > 1 and not uploads.requests()[1].status then alone = false end
      together = math.max(together, now)
      return came == 5 and now == 0
    end)
    assert.is_true(alone)
    assert.equal(3, together)
    uploads.assert_one(task:await(), data)
  end)

  it("sends one after the other unless it may do more", function()
    service.faults { { match = UPLOAD, delay = 0.05, times = 3 } }
    local task = client:spawn(upload, source(3 * PART))
    local together = 0
    step_until(function()
      local now, came = busy()
      together = math.max(together, now)
      return came == 3 and now == 0
    end)
    assert.equal(1, together)
    uploads.assert_one(task:await(), uploads.data(3 * PART))
  end)

  it("sends what a reader gives at once, too", function()
    service.faults {
      { match = UPLOAD }, { match = UPLOAD, delay = 0.3, times = 2 },
    }
    local task =
      client:spawn(upload, source(3 * PART, 1000000), { parallel = 2 })
    step_until(function() return busy() == 2 end)
    uploads.assert_one(task:await(), uploads.data(3 * PART))
  end)

  it("may have more parts at once than the client has connections", function()
    local narrow = service.client { max_connections = 2, timeout = 1 }
    service.faults { { match = UPLOAD }, { match = UPLOAD, delay = 0.4, times = 4 } }
    local data = uploads.data(5 * PART)
    local video = narrow.videos:upload_with_upload_token(token,
      { data = data }, { chunk_size = PART, parallel = 4, retries = 0 })
    uploads.assert_one(video, data)
    narrow:close()
  end)

  it("goes beside others", function()
    local sizes = { PART + 1, 2 * PART, 2 * PART + 1 }
    local done = client:parallel(sizes, function(size)
      return upload(source(size), { parallel = 2 })
    end)
    for i, size in ipairs(sizes) do
      local stored = sandbox.video(done[i].video_id)
      assert.is_true(stored.complete)
      assert.equal(uploads.sha256(uploads.data(size)), stored.sha256)
    end
  end)

  -- --- those that do not arrive -------------------------------------------------

  it("sends a part again, and nothing else", function()
    service.faults {
      { match = UPLOAD },
      { match = UPLOAD, status = 503, headers = { ["Retry-After"] = 0 } },
    }
    local data = uploads.data(3 * PART)
    uploads.assert_one(upload({ data = data }), data)
    assert.same({ "part 1/3", "part 2/3", "part 2/3", "part 3/3" },
      uploads.ranges())
  end)

  it("takes a part that had arrived although its answer was lost", function()
    service.faults {
      { match = UPLOAD },
      { match = UPLOAD, close = true, after = true },
    }
    local data = uploads.data(3 * PART)
    uploads.assert_one(upload({ data = data }), data)
    assert.equal(4, #uploads.requests())
  end)

  it("of which the last had arrived names at least the video", function()
    service.faults {
      { match = UPLOAD },
      { match = UPLOAD, close = true, after = true },
    }
    local data = uploads.data(2 * PART)
    local video = upload({ data = data }, { file_name = "a.mp4" })
    uploads.assert_one(video, data)
    assert.equal("a.mp4", video.title)
  end)

  it("never sends the first part twice", function()
    service.faults { { match = UPLOAD, close = true, after = true } }
    local err = service.failure(upload, source(2 * PART))
    assert.equal("connection", err.kind)
    assert.is_true(err.ambiguous)
    assert.is_nil(err.upload)
    assert.equal(1, #uploads.requests())
  end)

  it("sends the first part again when its end never left", function()
    service.faults { { match = UPLOAD, close = true } }
    local data = uploads.data(2 * PART)
    uploads.assert_one(upload({ data = data }), data)
    assert.same({ "part 1/2", "part 1/2", "part 2/2" }, uploads.ranges())
  end)

  it("sends the first part again when it was refused for now", function()
    service.faults { { match = UPLOAD, problem = "too-many-requests",
      headers = { ["X-RateLimit-Retry-After"] = 0 } } }
    local data = uploads.data(2 * PART)
    uploads.assert_one(upload({ data = data }), data)
    assert.same({ "part 1/2", "part 1/2", "part 2/2" }, uploads.ranges())
  end)

  it("ends when its first answer names no video", function()
    for _, body in ipairs {
      { title = "a" }, { videoId = "" }, { videoId = 5 }, { videoId = "a/b" },
      { videoId = ("x"):rep(129) },
    } do
      service.faults { { match = UPLOAD, status = 201, body = body } }
      local err = service.failure(upload, source(PART + 1))
      assert.equal("protocol", err.kind)
      assert.is_true(err.ambiguous)
      assert.is_nil(err.upload)
    end
    assert.equal(5, #uploads.requests())
  end)

  it("ends when a later answer is about another video", function()
    service.faults {
      { match = UPLOAD },
      { match = UPLOAD, status = 201, body = { videoId = "viOther" } },
    }
    local err = service.failure(upload, source(PART + 1))
    assert.equal("protocol", err.kind)
    assert.equal("1-1", err.upload.sent)
  end)

  it("has no time limit but the one that it is given", function()
    service.faults { { match = UPLOAD, delay = 0.4, times = 3 } }
    local brief = service.client { timeout = 1 }
    local data = uploads.data(3 * PART)
    uploads.assert_one(brief.videos:upload_with_upload_token(token,
      { data = data }, { chunk_size = PART }), data)
    brief:close()
  end)

  it("ends at the time that it is given for all of it", function()
    service.faults { { match = UPLOAD, delay = 0.3, times = 3 } }
    local err = service.failure(upload, source(3 * PART), { timeout = 0.5 })
    assert.equal("timeout", err.kind)
    assert.equal("1-1", err.upload.sent)
  end)
end)
