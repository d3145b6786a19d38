-- The scripts of examples/ that upload do what they say.

local files = require "spec.support.files"
local service = require "spec.support.service"
local sandbox = require "spec.support.sandbox_http"
local shell = require "spec.support.shell"

local SIZE = 25 * 2^20 -- parts of 10, 10 and 5 MiB

local function sha256_of(path)
  return shell.output("openssl dgst -sha256 -r " .. path):match "^%x+"
end

describe("examples", function()
  local film = os.tmpname()

  setup(function()
    local file = assert(io.open(film, "wb"))
    for i = 1, SIZE / 2^20 do file:write(string.char(i):rep(2^20)) end
    file:close()
  end)

  before_each(service.reset)

  after_each(function() os.remove(film .. ".upload") end)
  teardown(function() os.remove(film) end)

  local function run(name, environment)
    return service.run(environment or "", files.read("examples/" .. name), film)
  end

  -- How many parts the service was sent since the last reset.
  local function parts_sent()
    local count = 0
    for _, request in ipairs(service.requests()) do
      if request.path:find("/upload?", 1, true) then count = count + 1 end
    end
    return count
  end

  local function assert_film(output)
    local video = sandbox.video(output:match "video (vi%w+)")
    assert.is_true(video.complete)
    assert.equal(sha256_of(film), video.sha256)
    assert.equal(film:match "[^/]+$", video.title)
  end

  describe("upload.lua", function()
    it("uploads the file and says how far it is", function()
      local output = run "upload.lua"
      assert.matches("\n26214400 of 26214400 bytes\nvideo vi", "\n" .. output)
      assert_film(output)
    end)

    it("needs no key where it is given a token", function()
      local token = service.client().upload_tokens:create_token({}).token
      local output = run("upload.lua",
        "env -u APIVIDEO_API_KEY APIVIDEO_UPLOAD_TOKEN=" .. token)
      assert_film(output)
    end)

    it("tells who names no file", function()
      local output = service.run("", files.read "examples/upload.lua")
      assert.matches("usage: upload.lua FILE", output)
    end)
  end)

  describe("upload_resume.lua", function()
    -- The part is refused that comes after so many.
    local function refuse_after(count)
      local upload = { method = "POST", path = "/upload" }
      local list = { { status = 403, match = upload } }
      for _ = 1, count do
        table.insert(list, 1, { delay = 0.001, match = upload })
      end
      service.faults(list)
    end

    it("goes on where it broke off, and leaves no state behind", function()
      refuse_after(2)
      assert.matches("forbidden", run "upload_resume.lua")
      assert.matches('"sent":"1%-2"', files.read(film .. ".upload"))
      local output = run "upload_resume.lua"
      assert.matches("^going on with video vi%w+\nvideo vi", output)
      assert_film(output)
      assert.equal(2 + 1 + 1, parts_sent())
      assert.is_nil(files.read(film .. ".upload"))
    end)

    it("goes on where it was killed while the new state took its place", function()
      refuse_after(1)
      run "upload_resume.lua"
      assert(os.rename(film .. ".upload", film .. ".upload.new"))
      local output = run "upload_resume.lua"
      assert.matches("^going on with video vi%w+\nvideo vi", output)
      assert_film(output)
      assert.is_nil(files.read(film .. ".upload.new"))
    end)

    it("begins anew where half a state is all there is", function()
      files.write(film .. ".upload.new", '{"version":1,"vid')
      assert_film(run "upload_resume.lua")
    end)

    it("begins anew where the first part did not arrive", function()
      refuse_after(0)
      assert.matches("forbidden", run "upload_resume.lua")
      assert.is_nil(files.read(film .. ".upload"))
      assert_film(run "upload_resume.lua")
    end)
  end)
end)
