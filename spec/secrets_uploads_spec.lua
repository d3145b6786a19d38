-- Of an upload's token nothing is to be read in what it fails with, tells or
-- leaves, nor of the canaries in an indiscreet service's words.

local canaries = require "spec.support.canaries"
local cjson = require "cjson"
local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

local shown = canaries.shown
local TOKEN = canaries.upload_token
local PART = uploads.PART
local UPLOAD = { path = "/upload" }
local VIDEO = { videoId = "viCanary", title = "a" }

for auth, name in pairs { basic = "key", bearer = "bearer_key" } do
  local echo = canaries.echo(name)

  describe("of an upload's secrets, none is shown by a client with " .. auth, function()
    local client, log, told

    before_each(function()
      service.reset()
      log, told = {}, {}
      client = service.client {
        api_key = canaries[name], auth = auth, retries = 0,
        log = function(event) log[#log + 1] = event end,
      }
    end)

    after_each(function() client:close() end)

    local function note(it) told[#told + 1] = it end

    local function upload(source, options)
      options = options or {}
      options.on_progress, options.on_state = note, note
      return client.videos:upload_with_upload_token(TOKEN, source, options)
    end

    local function assert_clean(...)
      assert.is_nil(canaries.find(shown { ... } .. shown(log) .. shown(told)
        .. shown(client)))
    end

    local function assert_fails_clean(kind, ...)
      local err = service.failure(upload, ...)
      assert.equal(kind, err.kind)
      assert_clean(err, debug.traceback(tostring(err)))
      return err
    end

    it("after success", function()
      service.faults { { match = UPLOAD, status = 201, body = VIDEO, times = 2 } }
      local video, response =
        upload({ data = uploads.data(PART + 1) }, { chunk_size = PART })
      assert.equal(2, #log)
      assert.equal("/upload?token=toCa…9j0", log[1].path)
      assert_clean(video, tostring(response))
      assert.is_nil(canaries.find(cjson.encode(told)))
    end)

    for kind, answer in pairs {
      server_error = { status = 500, body = echo },
      not_found = { status = 404, body = "<html>" .. echo },
      bad_request = { status = 400, body = {
        type = echo, title = echo, name = echo, detail = echo,
        problems = { { type = echo, title = echo, name = echo, detail = echo } },
      } },
      unauthorized = { status = 401, body = { title = echo } },
      unexpected_status = { status = 302, headers = {
        Location = "/?" .. echo, ["Retry-After"] = echo,
      } },
      protocol = { status = 200, body = echo },
    } do
      it("when it is told of " .. kind, function()
        answer.match = UPLOAD
        service.faults { answer }
        assert_fails_clean(kind, { data = "a film" })
        service.faults {
          { match = UPLOAD, status = 201, body = VIDEO }, answer,
        }
        local err = assert_fails_clean(kind, { data = uploads.data(PART + 1) },
          { chunk_size = PART })
        assert.equal("viCanary", err.upload.video_id)
        assert.is_nil(canaries.find(cjson.encode(err.upload)))
      end)
    end

    it("when no answer comes", function()
      service.faults { { match = UPLOAD, close = true } }
      assert_fails_clean("connection", { data = "a film" })
      service.faults { { match = UPLOAD, delay = 5 } }
      assert_fails_clean("timeout", { data = "a film" }, { timeout = 0.1 })
    end)

    it("when the source cannot be read", function()
      assert_fails_clean("file", "/nowhere.mp4")
      assert_fails_clean("file", "/" .. TOKEN .. "/film.mp4")
      assert_fails_clean("file", uploads.path(TOKEN))
      assert_fails_clean("file", { data = "" })
    end)

    it("when the reader fails in such words", function()
      for _, words in ipairs {
        TOKEN, "no file " .. TOKEN .. ".mp4", "x" .. TOKEN .. TOKEN,
      } do
        local err = service.failure(upload, function() error(words, 0) end)
        assert.equal("file", err.kind)
        assert.equal(words, err.cause) -- it is the reader's own
        err.cause = nil
        assert_clean(err)
      end
      local err = service.failure(upload, function() return { TOKEN } end)
      assert_clean(err)
    end)

    it("when the reader fails in words that hold the client's key", function()
      local err = service.failure(upload, function()
        error("not " .. canaries[name], 0)
      end)
      err.cause = nil
      assert_clean(err)
    end)

    it("by misuse", function()
      local seen = {}
      local function misuse(...)
        seen[#seen + 1] = service.misuse(...)
      end
      local videos = client.videos
      for _, method in ipairs { "upload_with_upload_token", "progressive_upload" } do
        local call = videos[method]
        misuse(call, videos, TOKEN .. "/", { data = "x" })
        misuse(call, TOKEN)
        misuse(call, videos, { TOKEN })
        misuse(call, videos, { [TOKEN] = TOKEN })
      end
      for _, source in ipairs {
        5, { [TOKEN] = "x" }, { data = { TOKEN } },
        { data = "x", file_name = TOKEN .. "/" },
      } do
        misuse(upload, source)
      end
      for _, option in ipairs {
        "file_name", "video_id", "chunk_size", "parallel", "on_progress",
        "on_state", "resume", "timeout", "retries", "headers", TOKEN,
      } do
        misuse(videos.upload_with_upload_token, videos, TOKEN, { data = "x" },
          { [option] = TOKEN .. "/" })
        misuse(videos.progressive_upload, videos, TOKEN,
          { [option] = TOKEN .. "/" })
      end
      misuse(videos.upload_with_upload_token, videos, TOKEN, { data = "x" },
        { resume = { version = 1, video_id = { TOKEN }, sent = TOKEN } })
      assert_clean(table.concat(seen, "\n"))
    end)

    it("by a session", function()
      local session = client.videos:progressive_upload(TOKEN)
      service.faults { { match = UPLOAD, status = 400, body = { title = echo } } }
      local err = service.failure(session.upload_last_part, session, "x")
      assert_clean(err, tostring(session))
    end)

    it("when a task fails that nobody awaits", function()
      service.faults { { match = UPLOAD, status = 400, body = { title = echo } } }
      local task = client:spawn(upload, { data = "a film" })
      repeat client:step(0.01) until task.state == "failed"
      client:close()
      assert.equal("task", log[#log].kind)
      assert_clean()
    end)
  end)
end
