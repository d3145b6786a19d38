-- The command line where somebody looks at it: in a terminal.

local cjson = require("cjson").new()
local cli = require "spec.support.cli"
local needs = require "spec.support.needs"
local place = require "spec.support.place"
local screen = require "spec.support.screen"
local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

if not cli.tested then return end

local it = needs.it "tmux"

local MIB = 2^20
local FILM = uploads.data(3 * 5 * MIB + 1) -- four parts
local UPLOAD = { method = "POST", path = "/upload" }

local function tokens()
  return service.client().upload_tokens:list().data
end

-- Parts whose answers take their time.
local function delay(...)
  local list = {}
  for i, seconds in ipairs { ... } do list[i] = { delay = seconds, match = UPLOAD } end
  service.faults(list)
end

describe("in a terminal", function()
  local seen

  before_each(service.reset)
  after_each(function() seen:close() end)

  it("tokens are a table with a heading in bold", function()
    service.make_tokens(30, 3600)
    seen = screen.open "apivideo token list --page-size 2"
    seen:wait "status=0"
    assert.matches("\27%[1mtoken +valid for +created %(UTC%) +expires %(UTC%)", seen:text(true))
    local text = seen:text()
    assert.equal(2, select(2, text:gsub("\nto%w+  1 h  +%d+%-%d+%-%d+ %d+:%d+:%d+  [^\n]+%(in", "")))
    assert.matches("\npage 1 of 15, 30 tokens in all\n", text)
  end)

  it("a page beyond the last is called so, and not an empty list", function()
    service.make_tokens(3)
    seen = screen.open "apivideo token list --page 9 --page-size 2; apivideo token purge --yes; apivideo token list"
    local text = seen:wait "status=0"
    assert.matches("^There is no page 9: the last one is page 2%.\n", text)
    assert.matches("\nThere is no upload token%.\n", text)
  end)

  it("dates that are none are shown as they are", function()
    local token = { token = "to1", ttl = 60, createdAt = "once", expiresAt = "some day" }
    service.faults { { status = 200, headers = { ["Content-Type"] = "application/json" }, body = cjson.encode(token) } }
    seen = screen.open "apivideo token get to1"
    assert.matches("\nto1 +1 min +once +some day *\nstatus=0", seen:wait "status=%d")
  end)

  it("there is no colour where NO_COLOR is set", function()
    seen = screen.open "NO_COLOR=1; export NO_COLOR; apivideo token create; apivideo doctor; apivideo tokn"
    seen:wait "status=2"
    assert.is_nil(seen:text(true):find "\27%[%d*m")
  end)

  it("the doctor's findings and errors have colours", function()
    seen = screen.open "APIVIDEO_API_KEY=another apivideo doctor; apivideo tokn"
    seen:wait "status=2"
    local text = seen:text(true)
    assert.matches("\27%[32mok", text)
    assert.matches("\27%[31mfailed", text)
    assert.matches("\27%[31m[^a]*apivideo:", text)
  end)

  it("JSON is indented", function()
    seen = screen.open "apivideo token list --json"
    assert.matches('{\n  "data": %[%],\n  "pagination": {\n', seen:wait "status=0")
  end)

  for _, case in ipairs {
    { 3, 0, "--older-than 0", "all 3 tokens (older than 0 s)" },
    { 1, 0, "", "the only token" },
    { 1, 0, "--older-than 0 --expired-within 1h", "the only token (older than 0 s and expiring within 1 h)" },
    { 1, 3, "--expired-within 1h", "1 of 4 tokens (expiring within 1 h)" },
  } do
    it("a purge asks whether to delete " .. case[4], function()
      service.make_tokens(case[1], 60)
      if case[2] > 0 then service.make_tokens(case[2]) end
      seen = screen.open("apivideo token purge " .. case[3])
      local text = seen:wait "%[y/N%]"
      assert.truthy(text:find("Delete " .. case[4] .. "? [y/N]", 1, true), text)
    end)
  end

  describe("a purge", function()
    before_each(function()
      service.make_tokens(3)
      seen = screen.open "apivideo token purge"
      seen:wait "Delete all 3 tokens%? %[y/N%]"
    end)

    it("asks, and deletes when the answer is yes", function()
      seen:press "y Enter"
      local text = seen:wait "status=0"
      assert.equal(3, select(2, text:gsub("\ndeleted to", "")))
      assert.same({}, tokens())
    end)

    it("asks, and deletes nothing when the answer is another one", function()
      seen:press "Enter"
      assert.matches("\napivideo: cancelled: nothing was deleted\n", seen:wait "status=1")
      assert.equal(3, #tokens())
    end)

    it("asks, and deletes nothing when there is no answer", function()
      seen:press "C-d"
      assert.matches("\napivideo: cancelled: nothing was deleted\n", seen:wait "status=1")
      assert.equal(3, #tokens())
    end)

    if cli.interruptible then
      it("is interrupted by Ctrl-C at its question", function()
        seen:press "C-c"
        assert.matches("\napivideo: interrupted: [^\n]+\n", seen:wait "status=130")
        assert.equal(3, #tokens())
      end)
    end
  end)

  describe("an upload", function()
    before_each(function()
      cli.file("film.mp4", FILM)
      cli.remove "film.mp4.upload"
    end)

    it("shows a bar with rate and time left, which is gone at the end", function()
      delay(0.001, 1.5) -- long enough to be seen
      seen = screen.open "apivideo upload --chunk-size 5M film.mp4"
      seen:wait "film%.mp4  █.*░  +%d+%%  %d+%.%d MiB of 15%.0 MiB  %d+%.%d [KMG]iB/s  %d+ s left"
      local text = seen:wait "status=0"
      assert.matches("^film.mp4 is video vi%w+ *\nstatus", text)
      uploads.assert_one({ video_id = text:match "is video (vi%w+)" }, FILM)
    end)

    it("shows no line that changes, and no code, where TERM is dumb or not set", function()
      for _, setting in ipairs { "TERM=dumb; export TERM", "unset TERM" } do
        service.reset()
        delay(0.3, 0.3)
        seen = screen.open(setting .. "\napivideo upload --chunk-size 5M film.mp4 2>&1 | cat -v >both & "
          .. "script -qec 'sh -c \"" .. setting .. "; " .. cli.command "upload --chunk-size 5M film.mp4"
          .. "\"' /dev/null >typed </dev/null; cat -v typed; wait")
        local text = seen:wait "status=0"
        assert.matches("film.mp4 is video vi%w+", text)
        assert.is_nil(text:find("^[", 1, true), text)
        assert.is_nil(text:find "%d%%", text)
        seen:close()
      end
    end)

    it("has a name of wide characters in one line", function()
      local name = ("夏休み🎬"):rep(8) .. ".mp4"
      cli.file(name, FILM)
      delay(0.5, 1)
      seen = screen.open("LC_ALL=C.UTF-8 apivideo upload --chunk-size 5M " .. name)
      seen:wait "夏.*%.%.%..*mp4.*MiB/s"
      assert.equal(1, select(2, seen:text():gsub("MiB/s", "")))
      seen:wait "status=0"
    end)

    it("has a bar of ASCII where the terminal knows no more", function()
      delay(0.001, 10)
      seen = screen.open "LC_ALL=C apivideo upload --chunk-size 5M film.mp4"
      seen:wait "film%.mp4  #+%-+  "
      seen:press "C-c"
    end)

    if cli.interruptible then
      it("that Ctrl-C ended goes on with --resume, and its token is gone", function()
        delay(0.001, 0.001, 10)
        seen = screen.open [[
apivideo upload --chunk-size 5M film.mp4
echo "status=$?"
apivideo upload --resume film.mp4]]
        assert.truthy(place.wait(function()
          return (cli.read "film.mp4.upload" or ""):find '"sent":"1%-2"'
        end))
        seen:wait " %d+%% "
        seen:press "C-c"
        local text = seen:wait "status=0"
        assert.matches("^apivideo: film.mp4: interrupted: [^\n]+; %-%-resume goes on with it *\nstatus=130", text)
        uploads.assert_one({ video_id = text:match "is video (vi%w+)" }, FILM)
        assert.same({}, tokens())
        assert.is_true(#uploads.requests() <= 5)
        assert.is_nil(cli.read "film.mp4.upload")
      end)
    end
  end)
end)
