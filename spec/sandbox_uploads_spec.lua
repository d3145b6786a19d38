-- The promises of the sandbox about POST /upload and POST /videos.
local sandbox = require "spec.support.sandbox_http"

-- A part that is large enough, and one that is not.
local PART = ("p"):rep(1024)
local SMALL = ("s"):rep(1023)

local function assert_problem(name, status, body)
  assert.equal(name, sandbox.problem_name(body))
  assert.equal(400, status)
  assert.equal(400, body.status)
  assert.is_string(body.title)
end

describe("an upload to the sandbox", function()
  local token

  before_each(function()
    sandbox.reset()
    sandbox.set { minimum_part_size = 1024 }
    token = sandbox.create_token().token
  end)

  local function send(upload)
    upload.token = upload.token or token
    return sandbox.upload(upload)
  end

  -- Sends ranges that must be taken; each is { Content-Range, data }.
  -- -> the id of their video.
  local function send_all(ranges)
    local id
    for _, range in ipairs(ranges) do
      local status, video =
        send { range = range[1], data = range[2] or PART, video_id = id }
      assert.equal(201, status)
      id = video.videoId
    end
    return id
  end

  describe("as a whole file", function()
    it("becomes a complete video", function()
      local status, video = send { data = "a film", name = "my film.mp4" }
      assert.equal(201, status)
      assert.matches("^vi%w+$", video.videoId)
      assert.equal("my film.mp4", video.title)
      assert.equal("/videos/" .. video.videoId .. "/source", video.source.uri)
      assert.same({
        videoId = video.videoId, title = "my film.mp4",
        file_name = "my film.mp4", form = "whole", complete = true, size = 6,
        parts = { { number = 1, size = 6 } },
        sha256 = "eb4d67fa94a1035e41117b2890d6281a"
          .. "1ad461ac0c9cfa6d3c0e94256a08532f",
      }, sandbox.video(video.videoId))
    end)

    it("keeps every byte, delimiters among them", function()
      local bytes = {}
      for i = 0, 255 do bytes[#bytes + 1] = string.char(i) end
      local data = table.concat(bytes):rep(300) .. "\r\n--a-boundary-that\r\n--"
      local _, video = send { data = data }
      assert.equal(#data, sandbox.video(video.videoId).size)
    end)

    it("has the base name of its file as title", function()
      local _, video = send { data = "x", name = "/home/me/film.mp4" }
      assert.equal("film.mp4", video.title)
      assert.equal("/home/me/film.mp4", sandbox.video(video.videoId).file_name)
    end)

    -- What stands behind filename=, and the title that PHP makes of it.
    for written, expected in pairs {
      ['"a \\"b\\".mp4"'] = 'a "b".mp4', ['"a %22b%22.mp4"'] = "a %22b%22.mp4", ['"100%0a.mp4"'] = "100%0a.mp4",
      ['"a;b=c.mp4"'] = "a;b=c.mp4", ["'a b.mp4'"] = "a b.mp4", ['"it\'s.mp4"'] = "it's.mp4",
      ["a.mp4"] = "a.mp4", ['"C:\\Users\\me\\a.mp4"'] = "a.mp4", ['"a\\\\b.mp4"'] = "b.mp4",
      ['"a.mp4"; filename*=UTF-8\'\'b.mp4'] = "a.mp4", ['"\\\\"'] = "",
    } do
      it("reads a file's name as PHP does: " .. written, function()
        local _, video = sandbox.upload { token = token, raw_name = written, data = "x" }
        assert.equal(expected, video.title)
      end)
    end

    it("is there whatever the case of its form's boundary", function()
      for _, content_type in ipairs {
        "Multipart/Form-Data; BOUNDARY=%s", "multipart/form-data;charset=utf-8;Boundary = %s",
        'multipart/form-data; BoundarY="%s"', "multipart/form-data; boundary=%s, other",
      } do
        local status = send { data = "x", headers = {
          ["content-type"] = content_type:format("a-boundary-that-no-file-contains"),
        } }
        assert.equal(201, status, content_type)
      end
    end)

    it("can fill a video that was made before", function()
      local status, made = sandbox.call("POST", "/videos", { title = "Maths" })
      assert.equal(201, status)
      assert.equal(201, (send { data = "x", video_id = made.videoId }))
      assert.equal("Maths", sandbox.video(made.videoId).title)
    end)

    it("is taken once", function()
      local _, video = send { data = "x" }
      assert_problem("video-source-already-uploaded",
        send { data = "x", video_id = video.videoId })
      assert_problem("video-source-already-uploaded",
        send { data = PART, video_id = video.videoId, range = "part 1/2" })
    end)

    it("can use one token many times", function()
      assert.equal(201, (send { data = "x" }))
      assert.equal(201, (send { data = "y" }))
      assert.equal(2, #sandbox.control("GET", "videos"))
    end)
  end)

  describe("is refused", function()
    it("without a token", function()
      local status, body = sandbox.upload { data = "x" }
      assert.equal(401, status)
      assert.equal("authentication-missing-upload-token",
        sandbox.problem_name(body))
    end)

    it("with a token that is unknown, deleted or expired", function()
      local other = sandbox.create_token(60).token
      sandbox.call("DELETE", "/upload-tokens/" .. token)
      sandbox.set { clock_offset = 61 }
      for _, bad in ipairs { "to0", token, other } do
        local status, body = send { data = "x", token = bad }
        assert.equal(401, status)
        assert.equal("authentication-invalid-upload-token",
          sandbox.problem_name(body))
      end
    end)

    it("with no file, an empty one or two", function()
      assert_problem("uploaded-file-no-file", send {})
      assert_problem("uploaded-file-empty", send { data = "" })
      assert_problem("uploaded-file-multiple-files",
        send { data = { "a", "b" } })
    end)

    it("when it is no form", function()
      assert_problem("uploaded-file-no-file", sandbox.request("POST",
        "/upload?token=" .. token, "{}", { ["content-type"] = "text/plain" }))
    end)

    it("when the form is cut off", function()
      assert_problem("invalid-payload", sandbox.request("POST",
        "/upload?token=" .. token, "--b\r\nContent-Disposition: form-data; ",
        { ["content-type"] = "multipart/form-data; boundary=b" }))
    end)

    it("when it is too large", function()
      sandbox.set { maximum_part_size = 2048 }
      assert.equal(201, (send { data = PART .. PART }))
      assert_problem("uploaded-file-too-large",
        send { data = PART .. PART .. "x" })
    end)

    it("for a video that does not exist", function()
      local status, body = send { data = "x", video_id = "vi0" }
      assert_problem("invalid-attribute", status, body)
      assert.equal("videoId", body.name)
    end)

    for _, range in ipairs {
      "part", "part 1", "part 1/", "part */2", "part -1/2", "part 1/2/3",
      "bytes 0-5", "bytes 0-5/*", "bytes -5/9", "items 0-5/9", "part 1/2*",
    } do
      it("with a Content-Range of " .. range, function()
        assert_problem("video-content-range-malformed",
          send { data = PART, range = range })
      end)
    end
  end)

  describe("in parts", function()
    local function assert_refused(name, upload)
      upload.data = upload.data or PART
      assert_problem("video-content-range-by-part-" .. name, send(upload))
    end

    it("is put together in the order of the numbers", function()
      local id = send_all {
        { "part 1/3", ("a"):rep(1024) }, { "part 3/3", "end" },
        { "part 2/3", ("b"):rep(2000) },
      }
      local _, whole = send { data = ("a"):rep(1024) .. ("b"):rep(2000)
        .. "end" }
      local video = sandbox.video(id)
      assert.equal(sandbox.video(whole.videoId).sha256, video.sha256)
      assert.same({ { number = 1, size = 1024 }, { number = 2, size = 2000 },
        { number = 3, size = 3 } }, video.parts)
    end)

    it("has little but its id while parts are missing", function()
      local _, video = send { data = PART, range = "part 1/2" }
      assert.is_string(video.videoId)
      assert.is_nil(video.source)
      local stored = sandbox.video(video.videoId)
      assert.is_false(stored.complete)
      assert.is_nil(stored.sha256)
    end)

    it("may not know its total before the last part", function()
      local id = send_all { { "part 1/*" }, { "part 2/*" },
        { "part 3/3", "end" } }
      assert.is_true(sandbox.video(id).complete)
    end)

    it("may be a single part", function()
      assert.is_true(sandbox.video(send_all { { "part 1/1", "x" } }).complete)
    end)

    it("without its video id becomes another video", function()
      send { data = PART, range = "part 1/2" }
      send { data = PART, range = "part 2/2" }
      assert.equal(2, #sandbox.control("GET", "videos"))
    end)

    it("is refused where it started otherwise", function()
      local id = send_all { { "part 1/3" } }
      assert_problem("video-content-range-started-with-part",
        send { data = PART, video_id = id, range = "bytes 0-1023/2048" })
      assert_problem("video-content-range-already-initiated",
        send { data = PART, video_id = id })
    end)

    it("is refused when it was sent before", function()
      local id = send_all { { "part 1/2" } }
      assert_refused("part-already-sent", { video_id = id, range = "part 1/2" })
      send { data = PART, video_id = id, range = "part 2/2" }
      assert_refused("part-already-sent", { video_id = id, range = "part 2/2" })
    end)

    it("is refused with impossible numbers", function()
      assert_refused("part-zero", { range = "part 0/2" })
      assert_refused("total-parts-zero", { range = "part 1/0" })
      assert_refused("part-too-high-total", { range = "part 3/2" })
      assert_refused("part-too-high-allowed", { range = "part 10001/*" })
      assert_refused("total-parts-too-high", { range = "part 1/10001" })
    end)

    it("is refused when its total contradicts", function()
      local id = send_all { { "part 1/3" } }
      assert_refused("different-total-parts",
        { video_id = id, range = "part 2/4" })
      assert_refused("part-too-high-total",
        { video_id = id, range = "part 4/*" })
    end)

    it("is refused when its total is below an earlier part", function()
      local id = send_all { { "part 1/*" }, { "part 3/*" } }
      assert_refused("total-parts-too-low",
        { video_id = id, range = "part 2/2" })
    end)

    it("is refused when a part but the last is too small", function()
      assert_refused("uploaded-file-too-small",
        { range = "part 1/2", data = SMALL })
      assert_refused("uploaded-file-too-small",
        { range = "part 1/*", data = SMALL })
    end)

    it("is refused when the file becomes too large", function()
      sandbox.set { maximum_file_size = 2000 }
      local id = send_all { { "part 1/*" } }
      assert_problem("uploaded-file-too-large",
        send { data = PART, video_id = id, range = "part 2/*" })
    end)
  end)

  describe("in ranges of bytes", function()
    local function assert_refused(name, upload)
      upload.data = upload.data or PART
      assert_problem("video-content-range-by-bytes-" .. name, send(upload))
    end

    it("is put together in their order", function()
      local id = send_all {
        { "bytes 0-1023/2051", ("a"):rep(1024) },
        { "bytes 2048-2050/2051", "end" },
        { "bytes 1024-2047/2051", ("b"):rep(1024) },
      }
      local _, whole = send { data = ("a"):rep(1024) .. ("b"):rep(1024)
        .. "end" }
      local video = sandbox.video(id)
      assert.equal(sandbox.video(whole.videoId).sha256, video.sha256)
      assert.equal(2048, video.parts[3].from)
    end)

    it("is refused where it started otherwise", function()
      local id = send_all { { "bytes 0-1023/2048" } }
      assert_problem("video-content-range-started-with-bytes",
        send { data = PART, video_id = id, range = "part 2/2" })
      assert_problem("video-content-range-already-initiated",
        send { data = PART, video_id = id })
    end)

    it("is refused with impossible numbers", function()
      local high = tostring(30 * 2 ^ 30):gsub("%.0$", "")
      assert_refused("total-bytes-zero", { range = "bytes 0-1023/0" })
      assert_refused("total-bytes-too-high",
        { range = "bytes 0-1023/99999999999" })
      assert_refused("from-byte-too-high", { range = "bytes 9-5/2048" })
      assert_refused("to-byte-too-high-total", { range = "bytes 0-1023/1023" })
      assert_refused("to-byte-too-high-allowed",
        { range = ("bytes 0-%s/%s"):format(high, high) })
    end)

    it("is refused when range and file differ", function()
      assert_refused("range-mismatch", { range = "bytes 0-1024/2048" })
    end)

    it("is refused when a range but the last is too small", function()
      assert_refused("range-too-small",
        { range = "bytes 0-1022/2048", data = SMALL })
    end)

    it("is refused when a range is too large", function()
      assert_refused("range-too-large",
        { range = "bytes 0-209715200/300000000" })
    end)

    it("is refused when the total changes", function()
      local id = send_all { { "bytes 0-1023/2048" } }
      assert_refused("different-total-bytes",
        { video_id = id, range = "bytes 1024-2047/3000" })
    end)

    it("is refused when it overlaps", function()
      local id = send_all { { "bytes 0-1023/3000" } }
      assert_refused("range-overlap",
        { video_id = id, range = "bytes 1023-2046/3000" })
      assert_refused("range-overlap",
        { video_id = id, range = "bytes 0-1023/3000" })
    end)
  end)

  describe("of the usual size", function()
    it("wants parts of 5 MiB", function()
      sandbox.set { minimum_part_size = 5242880 }
      local part = ("x"):rep(5242880)
      assert.equal(201, (send { data = part, range = "part 1/*" }))
      assert_problem("video-content-range-by-part-uploaded-file-too-small",
        send { data = part:sub(2), range = "part 1/*" })
    end)

    it("answers more than 200 MiB with the problem, not a web page", function()
      assert_problem("uploaded-file-too-large", sandbox.request("POST",
        "/upload?token=" .. token, nil, { ["content-length"] = "419430400" }))
      local log = sandbox.control("GET", "log")
      assert.equal(400, log[#log].status)
    end)
  end)

  it("needs a title to make a video", function()
    local status, body = sandbox.call("POST", "/videos", "{}")
    assert_problem("attribute-required", status, body)
    assert.equal("title", body.name)
  end)
end)
