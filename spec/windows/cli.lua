-- The command line on Windows: what it does without a shell.

local cli = require "spec.support.cli"
local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

local UPLOAD = { method = "POST", path = "/upload" }
local UMLAUTS = "f\195\188r.mp4" -- UTF-8; wine makes it the code page's

-- `before` is what a shell has in front of the command.
local function run(words, before)
  local pipe = io.popen(("cd '%s' && %s%s 2>&1"):format(
    uploads.path(""), before or "", cli.command(words)))
  local output = pipe:read "*a"
  local ok = pipe:close()
  return output, ok == true or ok == 0
end

local function run_well(words, before)
  local output, ok = run(words, before)
  assert.is_true(ok, output)
  return output
end

describe("the command line on Windows", function()
  before_each(service.reset)

  it("has help, and a doctor", function()
    assert.matches("usage: apivideo", (run_well "--help"):lower(), 1, true)
    assert.matches("Schannel", run_well "doctor", 1, true)
  end)

  it("creates, lists and deletes", function()
    local token = run_well("token create --ttl 60"):match "to%w+"
    assert.matches(token, run_well "token list", 1, true)
    run_well("token delete " .. token)
    assert.equal("", run_well "token list")
  end)

  it("purges with --yes, and asks nobody who is not there", function()
    service.make_tokens(3, 60)
    local output, ok = run "token purge </dev/null"
    assert.is_false(ok)
    assert.matches("say --yes", output, 1, true)
    run_well "token purge --yes"
    local page = service.client().upload_tokens:list()
    assert.equal(0, page.pagination.items_total)
  end)

  it("uploads, and gives JSON", function()
    uploads.file("film.mp4", "a film")
    assert.matches('"video_id"', run_well "upload --json film.mp4", 1, true)
    assert.is_true(uploads.only_video().complete)
  end)

  it("uploads a file with umlauts, by its name", function()
    uploads.file("film.mp4", "a film")
    uploads.run(("mv film.mp4 '%s'"):format(UMLAUTS))
    run_well(("upload '%s'"):format(UMLAUTS))
    assert.equal(UMLAUTS, uploads.only_video().title)
  end)

  it("uploads a file behind a drive and backslashes", function()
    local path = uploads.file("film.mp4", "a film")
    run_well(("upload 'Z:%s'"):format(path:gsub("/", "\\")))
    assert.equal("film.mp4", uploads.only_video().title)
  end)

  it("uploads what comes through a pipe, also if it takes its time", function()
    run_well("upload -", "{ printf 'a '; sleep 0.3; printf film; } | ")
    assert.equal(uploads.sha256 "a film", uploads.only_video().sha256)
  end)

  it("uploads a file that is its input", function()
    uploads.file("film.mp4", "a film")
    run_well "upload - <film.mp4"
    assert.equal(uploads.sha256 "a film", uploads.only_video().sha256)
  end)

  it("says so when nothing comes", function()
    local output, ok = run "upload - </dev/null"
    assert.is_false(ok)
    assert.matches("nothing came through it", output, 1, true)
  end)

  it("replaces what it keeps of an upload, and goes on with it", function()
    local data = uploads.data(3 * uploads.PART)
    uploads.file("film.mp4", data)
    local answered = { match = UPLOAD, delay = 0.001 }
    service.faults { answered, answered, { match = UPLOAD, status = 403 } }
    local output, ok = run "upload --resume --chunk-size 5M film.mp4"
    assert.is_false(ok)
    assert.is_nil(output:find("will not be able", 1, true), output)
    service.faults {}
    run_well "upload --resume --chunk-size 5M film.mp4"
    assert.equal(uploads.sha256(data), uploads.only_video().sha256)
    assert.is_nil(io.open(uploads.path "film.mp4.upload", "rb"))
  end)
end)
