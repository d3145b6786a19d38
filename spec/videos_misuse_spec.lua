-- What cannot be uploaded, and what can never be right.

local core = require "apivideo.core"
local process = require "spec.support.process"
local service = require "spec.support.service"
local shell = require "spec.support.shell"
local uploads = require "spec.support.uploads"

-- Who may read everything.
local function is_root()
  return shell.output "id -u" == "0\n"
end

describe("an upload", function()
  local client

  service.with_client(function(...) client = ... end)

  local function upload(source, options)
    return client.videos:upload_with_upload_token("to1", source, options)
  end

  -- --- sources that cannot be uploaded ----------------------------------------

  -- Fails before anything is sent. → its message
  local function refusal(source, options)
    local err = service.failure(upload, source, options)
    assert.equal("file", err.kind)
    assert.equal("upload_with_upload_token", err.operation)
    assert.is_false(err.retryable)
    assert.is_nil(err.upload)
    assert.same({}, uploads.requests())
    return err.message
  end

  it("of a file that is not there fails at once", function()
    assert.matches("nowhere.mp4: No such file", refusal "/nowhere.mp4")
  end)

  it("of a directory fails at once", function()
    assert.matches("it is a directory", refusal "/")
    assert.matches("it is a directory", refusal ".")
  end)

  it("of a FIFO fails at once", function()
    uploads.run "mkfifo fifo.mp4"
    assert.matches("it is not a regular file", refusal(uploads.path "fifo.mp4"))
    uploads.run "rm fifo.mp4"
  end)

  it("of a device or a process fails at once", function()
    assert.matches("it is not a regular file", refusal "/dev/zero")
    local pipe = io.popen "echo a film"
    assert.matches("the open file: it is not a regular file", refusal(pipe))
    pipe:close()
  end)

  if not is_root() then
    it("of a file that may not be read fails at once", function()
      local path = uploads.file("secret.mp4", "a film")
      uploads.run "chmod 000 secret.mp4"
      assert.matches("Permission denied", refusal(path))
    end)
  end

  it("of a file that is open for writing only fails at once", function()
    local file = assert(io.open(uploads.file("written.mp4", "a film"), "ab"))
    assert.matches("it is not open for reading", refusal(file))
    file:close()
  end)

  it("reads from no file that was closed", function()
    local file = assert(io.open(uploads.file("closed.mp4", "a film"), "rb"))
    file:close()
    local opened, problem = core.file(file)
    assert.is_nil(opened)
    assert.equal("the file is closed", problem)
  end)

  it("of nothing fails at once", function()
    local path = uploads.file("empty.mp4", "")
    assert.matches("empty.mp4: it is empty, and the service takes no empty",
      refusal(path))
    local file = assert(io.open(path, "rb"))
    assert.matches("the open file: it is empty", refusal(file))
    file:close()
    assert.matches("data: it is empty", refusal { data = "" })
    assert.matches("the pieces are empty", refusal(function() end))
  end)

  it("of more than 30 GiB fails at once", function()
    uploads.run "truncate -s 32212254721 huge.mp4"
    assert.matches("it has 32212254721 bytes; the service takes at most "
      .. "32212254720 %(30 GiB%)", refusal(uploads.path "huge.mp4"))
    local file = assert(io.open(uploads.path "huge.mp4", "rb"))
    assert.matches("it has 32212254721 bytes", refusal(file))
    file:close()
    uploads.run "rm huge.mp4"
  end)

  it("that is refused leaves no file open", function()
    local path = uploads.file("empty.mp4", "")
    local odd = uploads.file("odd\1.mp4", "a film")
    local full = uploads.file("full.mp4", "a film")
    local container = uploads.container()
    service.faults { { status = 404 } }
    local state = service.failure(upload, { data = "another film" },
      { video_id = container }).upload
    service.reset()
    collectgarbage "stop"
    refusal(path)
    assert.matches("cannot be sent", service.misuse(upload, odd), 1, true)
    assert.matches("resume:", refusal(full, { resume = state }), 1, true)
    for _, name in ipairs { "empty.mp4", "odd", "full.mp4" } do
      assert.is_false(process.has_open(name), name)
    end
    collectgarbage "restart"
  end)

  it("fails when the token is not one of the service's", function()
    local err = service.failure(upload, { data = "a film" })
    assert.equal("unauthorized", err.kind)
    assert.equal("authentication-invalid-upload-token",
      err.type:match "[^/]*$")
    assert.is_nil(err.message:find "api_key")
    assert.is_false(err.ambiguous or false)
    assert.is_nil(err.upload)
  end)

  it("fails in the safe variant without an error raised", function()
    local safe = service.client({}, "apivideo.safe")
    for _, source in ipairs { "/nowhere.mp4", { data = "" }, { data = "x" } } do
      local video, err = safe.videos:upload_with_upload_token("to1", source)
      assert.is_nil(video)
      assert.is_truthy(err.kind == "file" or err.kind == "unauthorized")
    end
    service.misuse(safe.videos.upload_with_upload_token, safe.videos, "to1", 5)
    safe:close()
  end)

  -- --- misuse -----------------------------------------------------------------

  -- → the message, without its position.
  local function misuse(...)
    local message = service.misuse(...)
    assert.same({}, uploads.requests())
    return (message:gsub("^[^\n]-%.lua:%d+: ", ""))
  end

  it("of what is none names the caller's line", function()
    local message = service.misuse(function()
      local video = client.videos:upload_with_upload_token("to1", 5)
      return video
    end)
    assert.matches("videos_misuse_spec%.lua:%d+: bad argument #2 to "
      .. "'upload_with_upload_token' %(", message)
  end)

  it("needs a token that can be one", function()
    for _, token in ipairs { "", "a/b", "a b", ("x"):rep(129), 5, true } do
      assert.matches("^bad argument #1 to 'upload_with_upload_token' %(",
        misuse(client.videos.upload_with_upload_token, client.videos, token,
          { data = "a film" }))
      assert.matches("^bad argument #1 to 'progressive_upload' %(",
        misuse(client.videos.progressive_upload, client.videos, token))
    end
  end)

  it("needs a source that can be one", function()
    local words = "^bad argument #2 to 'upload_with_upload_token' %("
    local closed = assert(io.open(uploads.file("film.mp4", "x")))
    closed:close()
    for _, case in ipairs {
      { nil, "the source must be a path" }, { 5, "got 5" },
      { true, "the source must be a path" }, { closed, "the file is closed" },
      { {}, "data must be a string, got nil" },
      { { "a film" }, "options have names, got the key 1" },
      { { data = 5 }, "data must be a string, got 5" },
      { { data = "x", name = "a" }, "unknown option \"name\"" },
      { { data = "x", file_name = "a/b" }, "file_name must be" },
      { "a\0b.mp4", "must not hold zeros" },
      { "", "the path must not be empty" },
    } do
      local message = misuse(upload, case[1])
      assert.matches(words, message)
      assert.is_truthy(message:find(case[2], 1, true), message)
    end
  end)

  it("takes no other name for what is to be uploaded", function()
    assert.matches('unknown option "path"; known are data, file_name)',
      misuse(upload, { path = "movie.mp4" }), 1, true)
  end)

  it("needs options that can be some", function()
    local nearest = { chunksize = "chunk_size", on_progres = "on_progress",
      filename = "file_name", videoid = "video_id" }
    for wrong, right in pairs(nearest) do
      assert.matches('did you mean "' .. right .. '"?',
        misuse(upload, { data = "x" }, { [wrong] = 1 }), 1, true)
    end
    for _, options in ipairs {
      5, "x", { chunk_size = 5242879 }, { chunk_size = 134217729 },
      { chunk_size = "5242880" }, { chunk_size = 5242880.5 },
      { chunk_size = 0 / 0 }, { chunk_size = 1 / 0 }, { parallel = 0 },
      { parallel = 65 }, { parallel = 1.5 }, { parallel = "2" },
      { parallel = -1 }, { on_progress = 1 }, { on_state = {} },
      { video_id = "" }, { video_id = "../x" }, { video_id = 5 },
      { video_id = ("x"):rep(129) }, { resume = 3 }, { resume = {} },
      { timeout = -1 }, { timeout = "x" }, { retries = -1 },
      { headers = { Authorization = "x" } },
      { headers = { ["Content-Range"] = "part 1/1" } }, { [1] = true },
    } do
      assert.matches("^bad argument #3 to 'upload_with_upload_token' %(",
        misuse(upload, { data = "x" }, options))
      assert.matches("^bad argument #2 to 'progressive_upload' %(", misuse(
        client.videos.progressive_upload, client.videos, "to1", options))
    end
  end)

  it("takes the limits of its options", function()
    local token = client.upload_tokens:create_token().token
    for _, options in ipairs {
      { chunk_size = 5242880 }, { chunk_size = 134217728 }, { parallel = 64 },
      { parallel = 1 }, { retries = 0 }, { file_name = ("x"):rep(255) },
    } do
      client.videos:upload_with_upload_token(token, { data = "x" }, options)
    end
    assert.equal(6, #uploads.requests())
  end)

  it("needs a name that can be sent", function()
    for _, name in ipairs {
      "", "a/b.mp4", "a\\b.mp4", "a\nb.mp4", "a\rb", "a\0b", "a\127b",
      ("x"):rep(256), "\255.mp4", "caf\233.mp4", 5, true,
    } do
      assert.matches("file_name must be 1 to 255 bytes of UTF-8 without "
        .. "control characters, / and \\, got", misuse(upload, { data = "x" },
        { file_name = name }), 1, true)
      assert.matches("file_name must be", misuse(
        client.videos.progressive_upload, client.videos, "to1",
        { file_name = name }), 1, true)
    end
  end)

  it("asks for a name where that of the file cannot be sent", function()
    for _, name in ipairs { "a\nb.mp4", "caf\233.mp4", "a\tb" } do
      local path = uploads.file(name, "x")
      assert.matches("cannot be sent: give a file_name", misuse(upload, path))
      os.remove(path)
    end
  end)

  it("takes such a file under another name", function()
    local token = client.upload_tokens:create_token().token
    local path = uploads.file("a\nb.mp4", "x")
    local video = client.videos:upload_with_upload_token(token, path,
      { file_name = "c.mp4" })
    assert.equal("c.mp4", video.title)
    os.remove(path)
  end)

  it("needs its object", function()
    for _, name in ipairs { "upload_with_upload_token", "progressive_upload" } do
      local method = client.videos[name]
      for _, receiver in ipairs { "to1", {}, client, 5 } do
        assert.matches(("calling '%s' needs a colon: client.videos:%s("):format(
          name, name), misuse(method, receiver, "to1"), 1, true)
      end
    end
  end)
end)
