-- Files of Windows: what they are called, how they are opened and replaced.

local apivideo = require "apivideo"
local core = require "apivideo.core"
local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

local PART = uploads.PART
-- A line that text mode would change, and a byte that would end a text.
local DATA = ("a line\r\nand \26 one\n"):rep(4096)
local UMLAUTS = "f\195\188r \195\150l.mp4" -- UTF-8
local ANSI = "f\252r \214l.mp4" -- in the code page of western Europe

local client, pass

local function upload(source, options)
  return client.videos:upload_with_upload_token(pass, source, options)
end

-- The same on drive Z:, where wine has the POSIX system's root.
local function on_drive(path)
  return "Z:" .. path:gsub("/", "\\")
end

-- What Lua's own functions call a file whose name is in UTF-8, which the POSIX
-- system made.
local function file(name)
  uploads.file("plain", DATA)
  uploads.run(("mv plain '%s'"):format(name))
  return uploads.path(name)
end

describe("a file on Windows", function()
  before_each(function()
    service.reset()
    client = service.client()
    pass = client.upload_tokens:create_token().token
  end)

  after_each(function()
    client:close()
  end)

  it("is sent as it is, without the changes that are for texts", function()
    uploads.assert_one(upload(uploads.file("film.mp4", DATA)), DATA)
  end)

  it("is found by a name with umlauts, in UTF-8", function()
    local video = upload(file(UMLAUTS))
    assert.equal(UMLAUTS, video.title)
    uploads.assert_one(video, DATA)
  end)

  it("is found by a name in the code page, and has it in UTF-8", function()
    local path = file(UMLAUTS):gsub("[^/]*$", "") .. ANSI
    local video = upload(path)
    assert.equal(UMLAUTS, video.title)
    uploads.assert_one(video, DATA)
  end)

  it("is found behind backslashes, of which its title has none", function()
    local video = upload(on_drive(uploads.file("film.mp4", DATA)))
    assert.equal("film.mp4", video.title)
    uploads.assert_one(video, DATA)
  end)

  it("is found on a drive, where its folder is not named", function()
    assert.equal("LICENSE", upload("Z:LICENSE").title)
  end)

  it("may be open in Lua, where it stays at its position", function()
    local stream = assert(io.open(uploads.file("film.mp4", DATA), "rb"))
    stream:seek("set", 100)
    uploads.assert_one(upload(stream), DATA)
    assert.equal(100, stream:seek())
    stream:close()
  end)

  it("must be open for reading", function()
    local stream = assert(io.open(uploads.path "new.mp4", "wb"))
    stream:write "something"
    local err = service.failure(upload, stream)
    stream:close()
    assert.equal("file", err.kind)
    assert.matches("not open for reading", err.message)
  end)

  it("must be open in a Lua with the C library that the module has", function()
    local stream = assert(io.open(uploads.file("film.mp4", DATA), "rb"))
    local meta = getmetatable(stream)
    local close = meta.__gc -- it tells where streams are from
    meta.__gc = function() end
    local err = service.failure(upload, stream)
    meta.__gc = close
    stream:close()
    assert.equal("file", err.kind)
    assert.matches("another C library than apivideo", err.message, 1, true)
  end)

  it("goes in parts at the same time", function()
    local data = uploads.data(4 * PART)
    local path = uploads.file("large.mp4", data)
    uploads.assert_one(upload(path, { chunk_size = PART, parallel = 3 }), data)
  end)

  for _, case in ipairs {
    { "a folder", "Z:\\tmp", "it is a directory" },
    { "a device", "NUL", "it is not a regular file" },
    { "nothing", "Z:\\no\\such.mp4", "No such file or directory" },
    { "no name of Windows", "Z:\\tmp\\<?>", "No such file or directory" },
  } do
    it("is none where there is " .. case[1], function()
      local err = service.failure(upload, case[2])
      assert.equal("file", err.kind)
      assert.matches(case[3], err.message, 1, true)
    end)
  end

  it("may not be replaced meanwhile", function()
    local data = uploads.data(3 * PART)
    local path = on_drive(uploads.file("large.mp4", data))
    local err = service.failure(upload, path, {
      chunk_size = PART, parallel = 1,
      on_progress = function(progress)
        if progress.part ~= 1 then return end
        assert(os.rename(path, path .. ".old"))
        uploads.file("large.mp4", data)
      end,
    })
    os.remove(path .. ".old")
    assert.equal("file", err.kind)
    assert.matches("replaced since the upload began", err.message)
  end)
end)

describe("a text on Windows", function()
  it("is in UTF-8 already, or becomes it", function()
    assert.equal(UMLAUTS, core.utf8(UMLAUTS))
    assert.equal(UMLAUTS, core.utf8(ANSI))
    assert.equal("", core.utf8 "")
  end)
end)

describe("a descriptor on Windows", function()
  it("for event loops is none; hosts step", function()
    local one = apivideo.new { base_url = service.url }
    assert.is_nil(one:fd())
    one:close()
  end)
end)
