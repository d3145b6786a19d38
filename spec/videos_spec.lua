-- Uploading a file with an upload token: one file is one video.

local faults = require "spec.support.faults"
local process = require "spec.support.process"
local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

local PART = uploads.PART

-- The answer of a server that took a file.
local TAKEN = faults.answer("201 Created", '{"videoId":"vi1","title":"a"}')

describe("an upload", function()
  local client, token

  uploads.with_client(function(...) client, token = ... end)

  local function upload(...)
    return client.videos:upload_with_upload_token(token, ...)
  end

  -- What can be uploaded, each as a function of its bytes.
  local sources = {
    ["a path"] = function(data) return uploads.file("film.mp4", data) end,
    ["an open file"] = function(data)
      return assert(io.open(uploads.file("film.mp4", data), "rb"))
    end,
    ["a string"] = function(data) return { data = data } end,
    ["a reader"] = function(data) return uploads.pieces(data, 1000000) end,
  }

  for name, source in pairs(sources) do
    it("of " .. name .. " in one request is one video", function()
      local data = uploads.data(100001)
      local video = upload(source(data))
      local stored = uploads.assert_one(video, data)
      assert.equal("whole", stored.form)
      assert.same({ false }, uploads.ranges())
    end)

    it("of " .. name .. " in parts is one video", function()
      local data = uploads.data(2 * PART + 1)
      local video = upload(source(data), { chunk_size = PART })
      local stored = uploads.assert_one(video, data)
      assert.equal("part", stored.form)
      assert.equal(3, #stored.parts)
    end)
  end

  it("gives the video and the response", function()
    local video, response = upload { data = "a film", file_name = "a.mp4" }
    assert.matches("^vi%w+$", video.video_id)
    assert.equal("a.mp4", video.title)
    assert.equal("/videos/" .. video.video_id .. "/source", video.source.uri)
    assert.equal(201, response.status)
    assert.equal(1, response.attempts)
  end)

  it("of an open file begins at its start and leaves it as it is", function()
    local data = uploads.data(5000)
    local file = assert(io.open(uploads.file("film.mp4", data), "rb"))
    file:seek("set", 1234)
    uploads.assert_one(upload(file), data)
    assert.equal(1234, file:seek())
    assert.equal(data:sub(1235), file:read "*a")
    file:close()
  end)

  it("of an open file holds what was written last", function()
    local file = assert(io.open(uploads.path "written.mp4", "w+b"))
    file:setvbuf("full", 65536)
    file:write "just written"
    uploads.assert_one(upload(file), "just written")
    file:close()
  end)

  it("leaves no file open, whoever keeps its response", function()
    local path = uploads.file("kept.mp4", "a film")
    local _, response = upload(path)
    assert.is_false(process.has_open(path))
    assert.equal(201, response.status)
  end)

  it("of a string keeps every byte", function()
    local bytes = {}
    for i = 0, 255 do bytes[#bytes + 1] = string.char(i) end
    local data = table.concat(bytes):rep(40) .. "\r\n--\r\n\0"
    uploads.assert_one(upload { data = data }, data)
  end)

  it("needs no key, and shows none", function()
    local stranger = service.client { api_key = "nobody's" }
    for _, it in ipairs { client, stranger } do
      it.videos:upload_with_upload_token(token, { data = "a film" })
    end
    for _, request in ipairs(uploads.requests()) do
      assert.equal(201, request.status)
      assert.is_nil(request.headers.authorization)
    end
    assert.equal(2, #uploads.requests())
    stranger:close()
  end)

  it("of a bearer client goes without a session", function()
    local bearer = service.client { auth = "bearer" }
    local video =
      bearer.videos:upload_with_upload_token(token, { data = "a film" })
    uploads.assert_one(video, "a film")
    local requests = service.requests()
    assert.equal(2, #requests) -- the other one made the token
    assert.is_nil(requests[2].headers.authorization)
    bearer:close()
  end)

  it("waits for no \"100 Continue\"", function()
    upload { data = uploads.data(2 * 1024 * 1024) }
    assert.is_nil(uploads.requests()[1].headers.expect)
  end)

  it("carries headers of its own", function()
    upload({ data = "a film" }, { headers = { ["X-Mine"] = "yes" } })
    assert.equal("yes", uploads.requests()[1].headers["x-mine"])
  end)

  -- --- the form -------------------------------------------------------------

  describe("as the server sees it", function()
    local server, other

    before_each(function()
      server = faults.open { script = {}, healthy = TAKEN }
      other = service.client { base_url = server.url }
    end)

    after_each(function()
      other:close()
      server:close()
    end)

    local function body_of(source, options)
      other.videos:upload_with_upload_token("to1", source, options)
      return server:log().requests[1]
    end

    it("is a form with the file alone", function()
      local request = body_of({ data = "a film", file_name = "a b.mp4" })
      assert.equal("POST", request.method)
      assert.equal("/upload?token=to1", request.path)
      local boundary = request.body:match "^%-%-(%x+)\r\n"
      assert.equal(32, #boundary)
      assert.equal(table.concat({
        "--" .. boundary,
        'Content-Disposition: form-data; name="file"; filename="a b.mp4"',
        "Content-Type: application/octet-stream", "", "a film",
        "--" .. boundary .. "--", "",
      }, "\r\n"), request.body)
    end)

    it("is a form with the video's id before the file", function()
      local request = body_of({ data = "a film" }, { video_id = "vi1" })
      local boundary = request.body:match "^%-%-(%x+)\r\n"
      assert.equal(table.concat({
        "--" .. boundary,
        'Content-Disposition: form-data; name="videoId"', "", "vi1",
        "--" .. boundary,
        'Content-Disposition: form-data; name="file"; filename="file"',
        "Content-Type: application/octet-stream", "", "a film",
        "--" .. boundary .. "--", "",
      }, "\r\n"), request.body)
    end)

    it("has another boundary each time", function()
      local seen = {}
      for _ = 1, 5 do
        other.videos:upload_with_upload_token("to1", { data = "a film" })
      end
      for _, request in ipairs(server:log().requests) do
        seen[request.body:match "^%-%-(%x+)\r\n"] = true
      end
      local count = 0
      for _ in pairs(seen) do count = count + 1 end
      assert.equal(5, count)
    end)

    it("has no path of this machine", function()
      local path = uploads.file("film.mp4", "a film")
      local request = body_of(path)
      assert.matches('filename="film.mp4"', request.body, 1, true)
      local directory = path:match "^(.*)/[^/]*$"
      assert.is_nil(request.body:find(directory, 1, true))
    end)

    it("escapes the quotes in a name", function()
      local request = body_of({ data = "x", file_name = [[a "b".mp4]] })
      assert.matches('filename="a %22b%22.mp4"\r\n', request.body, 1, true)
    end)
  end)

  -- --- names ----------------------------------------------------------------

  describe("has as its title", function()
    local names = {
      ["quotes"] = [["a" "b".mp4]],
      ["UTF-8"] = "Übung, 映画, 🎬.mp4",
      ["spaces and signs"] = " a; b=c, (d)%&?#'.mp4",
      ["255 bytes"] = ("x"):rep(251) .. ".mp4",
      ["a dot in front"] = ".mp4",
    }
    for what, name in pairs(names) do
      it("a file_name with " .. what, function()
        upload({ data = "x" }, { file_name = name })
        assert.equal(name, uploads.only_video().title)
      end)

      it("the name of a file with " .. what, function()
        upload(uploads.file(name, "x"))
        assert.equal(name, uploads.only_video().file_name)
        assert.equal(name, uploads.only_video().title)
      end)
    end

    it("the string's own name", function()
      upload { data = "x", file_name = "own.mp4" }
      assert.equal("own.mp4", uploads.only_video().title)
    end)

    it("the name in the options rather than any other", function()
      upload({ data = "x", file_name = "own.mp4" }, { file_name = "mine.mp4" })
      assert.equal("mine.mp4", uploads.only_video().title)
    end)

    it('"file" where there is no name', function()
      local file = assert(io.open(uploads.file("film.mp4", "x"), "rb"))
      local given = false
      local function reader()
        given = not given
        return given and "x" or nil
      end
      for _, source in ipairs { file, { data = "x" }, reader } do
        assert.equal("file", upload(source).title)
      end
      file:close()
    end)
  end)

  -- --- a video that was made before -----------------------------------------

  describe("to a video that exists", function()
    it("fills it in one request", function()
      local id = uploads.container "Maths"
      local video = upload({ data = "a film" }, { video_id = id })
      assert.equal(id, video.video_id)
      assert.equal("Maths", video.title)
      uploads.assert_one(video, "a film")
    end)

    it("fills it in parts, of which the first need not be alone", function()
      local data = uploads.data(2 * PART + 1)
      local id = uploads.container()
      local video = upload({ data = data },
        { video_id = id, chunk_size = PART, parallel = 3 })
      assert.equal(id, video.video_id)
      uploads.assert_one(video, data)
    end)

    it("fails when there is none, and sends nothing more", function()
      local err = service.failure(upload,
        { data = uploads.data(2 * PART + 1) },
        { video_id = "viUnknown", chunk_size = PART })
      assert.equal("bad_request", err.kind)
      assert.equal(1, #uploads.requests())
      assert.equal("viUnknown", err.upload.video_id)
    end)

    it("fails when it has a file already", function()
      local id = upload({ data = "a film" }).video_id
      local err = service.failure(upload, { data = "x" }, { video_id = id })
      assert.equal("video-source-already-uploaded", err.type:match "[^/]*$")
      uploads.assert_one({ video_id = id }, "a film")
    end)
  end)
end)
