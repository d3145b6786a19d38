-- Uploads to a service that fails, refuses and takes its time.

local apivideo = require "apivideo"
local broken = require "spec.support.broken_uploads"
local core = require "apivideo.core"
local faults = require "spec.support.faults"
local sandbox = require "spec.support.sandbox_http"
local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

local PART = broken.SMALL

local HARMLESS = { delay = 0 }

-- The sandbox's faults, and what comes of the request that meets one; `carried`
-- where the service has it all the same.
local FAULTS = {
  { "500", { status = 500 }, kind = "server_error" },
  { "503 that was carried out", { status = 503, after = true }, kind = "server_error", carried = true },
  { "a problem", { problem = "authorization-suspended-account" }, kind = "forbidden", refused = true },
  { "a body that nobody understands", { status = 201, body = "?" }, kind = "protocol" },
  { "a page of HTML", { status = 201, body = "<html>", headers = { ["Content-Type"] = "text/html" } },
    kind = "protocol" },
  { "a connection that closes", { close = true }, kind = "connection" },
  { "a connection that closes afterwards", { close = true, after = true }, kind = "connection", carried = true },
  { "half an answer", { truncate = true }, kind = "protocol", carried = true },
  { "a late answer", { delay = 0.05 } },
  { "a late answer to what was done at once", { delay = 0.05, after = true } },
  { "strange headers", { headers = { ["X-Odd"] = "\255", ["Retry-After"] = 60 } } },
}

describe("an upload to the sandbox", function()
  local forbid, token, client
  local files = broken.sources(PART)

  before_each(function()
    sandbox.reset()
    forbid = broken.allow(PART)
    token = sandbox.create_token().token
    client = service.client()
  end)

  after_each(function()
    client:close()
    forbid()
  end)

  -- Faults of the request that sends this part.
  local function order(number, fault)
    local list = {}
    for i = 1, number - 1 do list[i] = HARMLESS end
    list[number] = fault
    service.faults(list)
  end

  local function options(more)
    local all = { chunk_size = PART, retries = 0 }
    for name, value in pairs(more or {}) do all[name] = value end
    return all
  end

  local function upload(file, more)
    return client.videos:upload_with_upload_token(token, file.path, options(more))
  end

  local function fail(file, more)
    return service.failure(upload, file, more)
  end

  for _, kind in ipairs(broken.KINDS) do
    for i, row in ipairs(faults.COLLECTS and {} or FAULTS) do
      it(("meets %s with %s"):format(row[1], kind.name), function()
        order(kind.number, row[2])
        local case = {
          client = client, token = token, title = "film.mp4", retries = 0,
          source = files[kind.source], sources = { part_size = PART },
        }
        if not row.kind then return uploads.assert_one(kind.upload(case), case.source.data) end
        local err = service.failure(kind.upload, case)
        assert.equal(row.kind, err.kind, err.message)
        assert.equal(kind.number, #uploads.requests())
        if kind.named then
          return uploads.assert_one(kind.upload(case, { resume = err.upload }), case.source.data)
        end
        assert.is_nil(err.upload)
        -- One whose end never left was not carried out.
        if row.carried or row.refused then assert.equal(not row.refused, err.ambiguous) end
        assert.equal(row.carried and 1 or 0, #sandbox.control("GET", "videos"), i)
      end)
    end
  end

  it("succeeds when the service says that it has what was sent", function()
    order(3, { close = true, after = true })
    local video, response = upload(files.parts, { retries = 2 })
    assert.is_true(response.already_sent)
    assert.equal(2, response.attempts)
    uploads.assert_one(video, files.parts.data)
  end)

  it("does not take a part for sent that it did not send", function()
    local _, made = sandbox.upload { token = token, data = ("x"):rep(PART), range = "part 2/3" }
    local err = fail(files.parts, { video_id = made.videoId })
    assert.equal("bad_request", err.kind)
    assert.matches("part%-already%-sent$", err.type)
  end)

  for number, name in ipairs { "first", "second" } do
    it(("waits for as long as a 429 to its %s part says"):format(name), function()
      order(number, { problem = "too-many-requests", headers = { ["X-RateLimit-Retry-After"] = 1 } })
      local began = core.now()
      local video = upload(files.parts, { retries = 1 })
      assert.truthy(core.now() - began >= 1)
      uploads.assert_one(video, files.parts.data)
      assert.equal(4, #uploads.requests())
    end)
  end

  it("tells how long to wait when there is no time for that", function()
    order(2, { problem = "too-many-requests", headers = { ["X-RateLimit-Retry-After"] = 60 } })
    local began = core.now()
    local err = fail(files.parts, { retries = 2, timeout = 5 })
    assert.truthy(core.now() - began < 5)
    assert.equal("too_many_requests", err.kind)
    assert.equal(60, err.retry_after)
    client:close()
    client = service.client()
    uploads.assert_one(upload(files.parts, { resume = err.upload }), files.parts.data)
  end)

  it("does not wait for a service that will be away for days", function()
    order(2, { status = 503, headers = { ["Retry-After"] = 864000 } })
    local began = core.now()
    local err = fail(files.parts, { retries = 2 })
    assert.truthy(core.now() - began < 5)
    assert.equal("server_error", err.kind)
    assert.equal(864000, err.retry_after)
    uploads.assert_one(upload(files.parts, { resume = err.upload }), files.parts.data)
  end)

  it("is paced by the service's limits, and never refused", function()
    sandbox.set { rate_limits = { uploads = 2, window = 1 } }
    uploads.assert_one(upload(files.parts), files.parts.data)
    for _, request in ipairs(uploads.requests()) do
      assert.not_equal(429, request.status)
    end
  end)

  it("goes on with another token when its own is deleted", function()
    local function delete(state)
      if state.sent == "1-1" then sandbox.call("DELETE", "/upload-tokens/" .. token) end
    end
    local err = fail(files.parts, { on_state = delete, retries = 2 })
    assert.equal("unauthorized", err.kind)
    assert.equal(1, err.attempts)
    assert.is_false(err.ambiguous)
    assert.equal("1-1", err.upload.sent)
    token = sandbox.create_token().token
    uploads.assert_one(upload(files.parts, { resume = err.upload }), files.parts.data)
  end)

  it("leaves nothing behind when its token was deleted before", function()
    sandbox.call("DELETE", "/upload-tokens/" .. token)
    local err = fail(files.parts)
    assert.equal("unauthorized", err.kind)
    assert.is_false(err.ambiguous)
    assert.is_nil(err.upload)
    assert.same({}, sandbox.control("GET", "videos"))
  end)

  it("may wait for a connection for longer than nothing may move", function()
    service.faults { { delay = 0.6, times = 9, match = uploads.UPLOAD } }
    local few = service.client {
      max_connections = 1, idle_timeout = 1.5, retries = 0,
    }
    local videos = few:parallel({ "a.mp4", "b.mp4", "c.mp4" }, function(name)
      return few.videos:upload_with_upload_token(token, { data = name, file_name = name })
    end)
    assert.equal(3, videos.n)
    few:close()
  end)

  it("has a deadline for all of it", function()
    service.faults { { delay = 0.2, times = 9 } }
    local began = core.now()
    local err = fail(files.parts, { timeout = 0.5 })
    assert.truthy(core.now() - began < 0.5 + faults.LATE)
    assert.equal("timeout", err.kind)
    sandbox.control("DELETE", "faults")
    uploads.assert_one(upload(files.parts, { resume = err.upload }), files.parts.data)
  end)
end)

describe("a large upload", function()
  local file, token

  setup(function() file = broken.file("large", 32 * 1024 * 1024) end)

  teardown(function() os.remove(file.path) end)

  before_each(function()
    sandbox.reset()
    token = sandbox.create_token().token
  end)

  -- Uploads as a whole through a place with that script, with this client.
  local function upload(script, client_options, ...)
    local through = faults.open { script = script, upstream = broken.upstream, narrow = true }
    client_options.base_url = through.url
    local client = apivideo.new(client_options)
    local began = core.now()
    local ok, value = pcall(client.videos.upload_with_upload_token, client.videos, token, file.path, ...)
    local seconds = core.now() - began
    local log = through:log()
    client:close()
    through:close()
    return ok, value, log, seconds
  end

  it("ends with an answer that comes before all of it was sent", function()
    local answer = faults.answer("401 No", '{"title":"No."}')
    local ok, err, log = upload({ { { "send", answer } } }, {})
    assert.is_false(ok)
    assert.equal("unauthorized", err.kind)
    assert.truthy(log.requests[1].body < file.size)
  end)

  it("does not believe a success from who hangs up before all of it was sent", function()
    local answer = faults.answer("201 Created", ('{"videoId":"%s"}'):format(faults.VIDEO_ID))
    local ok, err = upload({ { { "send", answer }, { "wait", 0.05 }, { "close" } } }, {})
    assert.is_false(ok)
    assert.truthy(err.kind == "protocol" or err.kind == "connection", err.message)
    assert.is_true(err.ambiguous)
  end)

  it("fails when nothing moves for its idle timeout", function()
    local ok, err, log, seconds = upload({ { { "pass", 0.1 }, { "wait", 30 } } },
      { idle_timeout = 0.4, retries = 0 })
    assert.is_false(ok)
    assert.equal("timeout", err.kind)
    assert.matches("nothing moved", err.message)
    assert.is_false(err.ambiguous) -- its end never left
    assert.truthy(seconds < 0.4 + 2 * faults.LATE + 1, seconds)
    assert.equal(1, #log.requests)
  end)

  it("is sent again elsewhere when nothing moves, and its end never left", function()
    local script = { { { "pass", 0.1 }, { "wait", 30 } }, { { "pass", 1 }, { "answer" } } }
    local ok, video, log = upload(script,
      { idle_timeout = 0.4 })
    assert.is_true(ok, tostring(video))
    assert.equal(2, #log.requests)
    assert.equal(file.sha256, sandbox.video(video.video_id).sha256)
  end)

  it("may take longer than a call may while it moves", function()
    local ok, video, _, seconds = upload({ { { "pass", 1, 0.003 }, { "answer" } } },
      { timeout = 0.4, idle_timeout = 0.4 })
    assert.is_true(ok, tostring(video))
    assert.truthy(seconds > 0.8, seconds)
    assert.equal(file.sha256, sandbox.video(video.video_id).sha256)
  end)
end)
