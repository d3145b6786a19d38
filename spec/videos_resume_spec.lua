-- An upload that broke off goes on from what it left: `err.upload`, or what
-- `on_state` was given last.

local cjson = require "cjson"
local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

local PART = uploads.PART
local SIZE = 2 * PART + 1
local UPLOAD = uploads.UPLOAD

describe("an upload that broke off", function()
  local client, token

  uploads.with_client(function(...) client, token = ... end, { retries = 0 })

  local function upload(...) return uploads.send(client, token, ...) end

  -- What is there again after a crash, each as a function.
  local data = uploads.data(SIZE)
  local sources = {
    file = function() return uploads.path "broken.mp4" end,
    data = function() return { data = data, file_name = "broken.mp4" } end,
    pieces = function() return uploads.pieces(data, 1000000) end,
  }

  -- Breaks an upload off at its n-th request. → the error
  local function break_off(source, at, options)
    local list = {}
    for i = 1, at - 1 do list[i] = { match = UPLOAD } end
    list[at] = { match = UPLOAD, status = 500 }
    service.faults(list)
    local err = service.failure(upload, source, options)
    assert.equal("server_error", err.kind)
    return err
  end

  local function new_file()
    return uploads.file("broken.mp4", data)
  end

  for kind, source in pairs(sources) do
    describe("of " .. kind, function()
      before_each(new_file)

      it("goes on with the parts that are missing", function()
        local err = break_off(source(), 2)
        assert.equal(kind, err.upload.source)
        assert.equal("1-1", err.upload.sent)
        local video = upload(source(), { resume = err.upload })
        uploads.assert_one(video, data)
        -- One, the one that failed, and the two that were missing.
        assert.equal(4, #uploads.requests())
      end)

      it("goes on however often it breaks off", function()
        local resume
        for at = 2, 3 do
          resume = break_off(source(), 2, { resume = resume }).upload
          assert.equal("1-" .. at - 1, resume.sent)
        end
        uploads.assert_one(upload(source(), { resume = resume }), data)
      end)

      it("goes on with what JSON makes of its state", function()
        local err = break_off(source(), 2)
        local resume = cjson.decode(cjson.encode(err.upload))
        uploads.assert_one(upload(source(), { resume = resume }), data)
      end)

      it("goes on with another token", function()
        local err = break_off(source(), 2)
        local other = client.upload_tokens:create_token()
        client.upload_tokens:delete_token(token)
        token = other.token
        uploads.assert_one(upload(source(), { resume = err.upload }), data)
      end)

      it("goes on in another process", function()
        local err = break_off(source(), 2)
        local path = uploads.file("state.json", cjson.encode(err.upload))
        local script = ([[
          local cjson = require "cjson"
          local kind, path, file, token = %q, %q, %q, %q
          local state = cjson.decode(assert(io.open(path)):read "*a")
          local stream = io.open(file, "rb")
          local source = file
          if kind == "pieces" then
            source = function() return stream:read(777777) end
          elseif kind == "data" then
            source = { data = stream:read "*a" }
          end
          local client = require "apivideo".new { api_key = "other" }
          print(client.videos:upload_with_upload_token(
            token, source, { resume = state }).video_id)
        ]]):format(kind, path, uploads.path "broken.mp4", token)
        local output = service.run("", script)
        uploads.assert_one({ video_id = output:match "^(vi%w+)\n$" }, data)
      end)

      it("may be asked to go on when all had arrived", function()
        local last
        local video = upload(source(), {
          on_state = function(state) last = state end,
        })
        local again, response = upload(source(), { resume = last })
        assert.equal(video.video_id, again.video_id)
        assert.is_nil(response)
        assert.equal(3, #uploads.requests())
        uploads.assert_one(again, data)
      end)

      it("goes on when its last answers were lost with its process", function()
        local states = {}
        upload(source(), {
          on_state = function(state) states[#states + 1] = state end,
        })
        for _, state in ipairs { states[1], states[2] } do
          local video = upload(source(), { resume = state })
          uploads.assert_one(video, data)
        end
      end)

      it("holds no token in its state", function()
        local err = break_off(source(), 2)
        assert.is_nil(cjson.encode(err.upload):find(token, 1, true))
      end)

      it("has its state told after every part", function()
        local sent = {}
        upload(source(), {
          on_state = function(state) sent[#sent + 1] = state.sent end,
        })
        assert.same({ "1-1", "1-2", "1-3" }, sent)
      end)

      it("goes on with several parts at once, whatever had arrived", function()
        service.faults {
          { match = UPLOAD }, { match = UPLOAD, status = 500, delay = 0.1 },
        }
        local err = service.failure(upload, source(), { parallel = 3 })
        assert.equal("server_error", err.kind)
        uploads.assert_one(
          upload(source(), { resume = err.upload, parallel = 3 }), data)
      end)

      it("reports progress from where it was", function()
        local err = break_off(source(), 2)
        local first, last
        upload(source(), { resume = err.upload, on_progress = function(p)
          first, last = first or p, p
        end })
        assert.is_true(first.uploaded_bytes > PART)
        assert.equal(SIZE, last.uploaded_bytes)
        assert.equal(SIZE, last.total_bytes)
        assert.equal(3, last.parts)
      end)
    end)
  end

  it("of a video that was there before goes on without its first part",
    function()
      new_file()
      local id = uploads.container()
      local err = break_off(sources.file(), 1, { video_id = id })
      assert.equal("", err.upload.sent)
      local video = upload(sources.file(), { resume = err.upload })
      assert.equal(id, video.video_id)
      uploads.assert_one(video, data)
    end)

  it("goes on under the name that it had", function()
    new_file()
    local err = break_off(sources.file(), 2, { file_name = "other.mp4" })
    upload(sources.file(), { resume = err.upload })
    assert.equal("other.mp4", uploads.only_video().title)
  end)

  it("goes on with the size of parts that it had", function()
    new_file()
    local err = break_off(sources.file(), 2, { chunk_size = PART + 5 })
    local video = upload(sources.file(), { resume = err.upload })
    assert.equal(PART + 5, uploads.assert_one(video, data).parts[1].size)
  end)

  -- --- when it cannot ---------------------------------------------------------

  -- What a shell makes of the file meanwhile, and whether the caller keeps the
  -- state after every part: only then the parts are summed up.
  for script, kept in pairs {
    ["cp -p broken.mp4 copy.mp4; mv copy.mp4 broken.mp4"] = false, -- another inode
    ["cp broken.mp4 copy.mp4; mv copy.mp4 broken.mp4"] = true,
    ["touch -d 2020-01-01 broken.mp4"] = true,
    ["touch -d @$(stat -c %Y broken.mp4) broken.mp4"] = true, -- whole seconds, as FAT has them
  } do
    for parallel = 1, kept and 2 or 1 do
      it(("goes on with a file that is the same after: %s (%d)"):format(script, parallel), function()
        new_file()
        local last
        local err = break_off(sources.file(), 3, { parallel = parallel, on_state = (kept or nil) and function(it)
          last = it
        end })
        uploads.run(script)
        local resume = cjson.decode(cjson.encode(kept and last or err.upload))
        local video = upload(sources.file(), { resume = resume, on_state = function(it) last = it end })
        uploads.assert_one(video, data)
        assert.equal("1-3", last.sent)
        assert.equal(kept, last.contents ~= nil)
      end)
    end
  end

  it("sums up nothing that it did not see", function()
    new_file()
    local resume = break_off(sources.file(), 2).upload
    assert.is_nil(resume.contents)
    local last
    upload(sources.file(), { resume = resume, on_state = function(it) last = it end })
    assert.is_nil(last.contents)
  end)

  describe("does not go on", function()
    local resume

    before_each(function()
      new_file()
      resume = break_off(sources.file(), 2).upload
    end)

    -- Fails before anything is sent.
    local function refusal(source, options)
      local before = #uploads.requests()
      options = options or {}
      options.resume = options.resume or resume
      local err = service.failure(upload, source, options)
      assert.equal("file", err.kind)
      assert.equal(before, #uploads.requests())
      return err.message
    end

    local function misuse(options)
      local before = #uploads.requests()
      options.resume = options.resume or resume
      local message = service.misuse(upload, sources.file(), options)
      assert.equal(before, #uploads.requests())
      return message
    end

    it("with another file", function()
      local other = uploads.file("other.mp4", data)
      assert.matches("not what was uploaded before", refusal(other))
    end)

    it("with a file of another size", function()
      uploads.run "printf x >>broken.mp4"
      assert.matches(("it had %d bytes when the upload began, and has %d now"):format(SIZE, SIZE + 1),
        refusal(sources.file()))
    end)

    it("with a file that was changed", function()
      uploads.run "touch -d 2020-01-01 broken.mp4"
      assert.matches("not what was uploaded before, or was changed since",
        refusal(sources.file()))
    end)

    it("with a file that was changed where it was sent, whatever is summed up", function()
      local kept
      service.reset()
      token = client.upload_tokens:create_token().token
      break_off(new_file(), 3, { on_state = function(it) kept = it end })
      uploads.run "printf '?' | dd of=broken.mp4 bs=1 seek=77 conv=notrunc"
      assert.matches("not what was uploaded before", refusal(sources.file(), { resume = kept }))
    end)

    it("with a source of another kind", function()
      assert.matches("the source was file when the upload began, and is data now", refusal(sources.data()))
      assert.matches("the source was file when the upload began, and is pieces now",
        refusal(sources.pieces()))
    end)

    it("with other bytes", function()
      local of_data = break_off(sources.data(), 2).upload
      assert.matches("not what was uploaded before", refusal(
        { data = data:sub(1, -2) .. "?" }, { resume = of_data }))
    end)

    it("with a reader that gives less", function()
      local of_pieces = break_off(sources.pieces(), 2).upload
      local before = #uploads.requests()
      local err = service.failure(upload, function() return nil end,
        { resume = of_pieces })
      assert.equal("file", err.kind)
      assert.equal(before, #uploads.requests())
    end)

    it("with a state that was edited", function()
      for field, value in pairs {
        sent = "1-2", video_id = "viOther", chunk_size = PART + 1, size = 5,
        fingerprint = "x", file_name = "b.mp4",
      } do
        local edited = cjson.decode(cjson.encode(resume))
        edited[field] = value
        assert.matches("resume is not what an upload gave: it was changed",
          misuse { resume = edited })
      end
    end)

    it("with what is no state", function()
      for _, value in ipairs { 1, "1-2", true, {}, { sent = "1-2" } } do
        assert.matches("resume is not what an upload gave", misuse {
          resume = value,
        })
      end
    end)

    it("when something else is asked for than before", function()
      for option, value in pairs {
        file_name = "b.mp4", video_id = "viOther", chunk_size = PART + 1,
      } do
        assert.matches("resume has another " .. option .. ": leave it out",
          misuse { [option] = value })
      end
    end)

    it("unless what is asked for is the same", function()
      uploads.assert_one(upload(sources.file(), {
        resume = resume, file_name = "broken.mp4", chunk_size = PART,
        video_id = resume.video_id,
      }), data)
    end)

    it("when its video is gone", function()
      service.reset()
      token = client.upload_tokens:create_token().token
      local err = service.failure(upload, sources.file(), { resume = resume })
      assert.equal("bad_request", err.kind)
      assert.same(resume, err.upload)
    end)
  end)
end)
