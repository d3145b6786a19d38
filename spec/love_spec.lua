-- The program of examples/love, on a screen that nobody sees. It runs on
-- LuaJIT alone, and on a module that is built like LÖVE itself.

local needs = require "spec.support.needs"
local place = require "spec.support.place"
local sandbox = require "spec.support.sandbox_http"
local service = require "spec.support.service"

if os.getenv "APIVIDEO_RUNTIME" ~= "luajit" then return end
if os.getenv "APIVIDEO_GC" then return end

-- What a command prints, without what it complains about: the machine may
-- have no sound. An error unless it succeeds.
local function shell(command)
  local log = os.tmpname()
  local pipe = assert(io.popen(
    ("(%s) 2>%s; echo status=$?"):format(command, log)))
  local output, status = pipe:read("*a"):match "^(.-)status=(%d+)%s*$"
  pipe:close()
  local file = assert(io.open(log))
  local complaints = file:read "*a"
  file:close()
  os.remove(log)
  if status ~= "0" then
    error(("status %s of %s\n%s%s"):format(
      status, command, output, complaints), 2)
  end
  return output
end

-- A build with sanitizers needs an interpreter that has them, too.
local loads = pcall(shell, [[luajit -e 'require "apivideo.core"']])
if not loads then return end

-- Debian's LÖVE for 32 bits stops at its own start, with words on a screen.
local EMPTY_GAME = [[
  empty=$(mktemp -d)
  echo 'love.event.quit()' >"$empty/main.lua"
  status=0
  timeout 20 xvfb-run -a love "$empty" || status=$?
  rm -r "$empty"
  exit "$status"]]

local it = needs.it("love", "xvfb-run")
if needs.has "love" and not pcall(shell, EMPTY_GAME) then
  it = needs.skip "LÖVE itself does not start here"
end

-- Where pictures are kept.
local PICTURES = os.getenv "APIVIDEO_BUILD" .. "/page"

describe("the LÖVE program", function()
  local here, film, picture

  before_each(function()
    service.reset()
    here = place.new()
    film, picture = here:file "holiday.mp4", here:file "picture.png"
  end)

  after_each(function() here:close() end)

  -- Presses keys, one after the other, and gives what it prints at the end.
  local function play(keys)
    return shell(([[
      APIVIDEO_BASE_URL=%s APIVIDEO_API_KEY=%s timeout 60 \
        xvfb-run -a -s "-screen 0 1024x768x24" \
        love examples/love --play "%s" %s %s]]):format(
      service.url, service.key, keys, picture, film))
  end

  local function write_film(mib)
    local file = assert(io.open(film, "wb"))
    for i = 1, mib do file:write(string.char(i):rep(2^20)) end
    file:close()
  end

  it("lists the tokens that there are", function()
    service.make_tokens(25, 3600)
    assert.matches("tokens +25 shown, 25 in all\n", play "")
  end)

  it("creates and deletes tokens", function()
    assert.matches("tokens +2 shown, 2 in all\n", play "nnnd")
    local tokens = service.client().upload_tokens
    assert.equal(2, tokens:list().pagination.items_total)
  end)

  it("uploads a video", function()
    write_film(12)
    local id = play("u"):match("upload +holiday.mp4"
      .. ", 12582912 of 12582912 bytes in %d+ frames, (vi%w+)\n")
    local video = sandbox.video(id)
    assert.is_true(video.complete)
    assert.equal(12582912, video.size)
    assert.equal("holiday.mp4", video.title)
  end)

  it("spreads an upload over many frames", function()
    write_film(96)
    local output = play "u"
    assert.is_true(tonumber(output:match "bytes in (%d+) frames") > 30, output)
  end)

  it("says so when the video cannot be read", function()
    assert.matches("problem +upload_with_upload_token: file: .*No such file",
      play "u")
  end)

  it("shows what went wrong", function()
    service.faults { { status = 403, times = 100 } }
    assert.matches("problem +list: forbidden", play "")
  end)

  it("shows a picture", function()
    for _, ttl in ipairs { 60, 300, 1200, 3600, 7200, 28800, 86400 } do
      service.make_tokens(1, ttl)
    end
    write_film(32)
    play "nnu"
    local width, height, colours = shell(
      "love spec/support/picture " .. picture):match "(%d+)%s+(%d+)%s+(%d+)"
    assert.same({ "720", "450" }, { width, height })
    assert.is_true(tonumber(colours) > 500)
    os.execute(("mkdir -p '%s' && cp '%s' '%s/love.png'"):format(
      PICTURES, picture, PICTURES)) -- docs/pictures has it
  end)

  it("misses no frame because of apivideo", function()
    service.make_tokens(60, 3600)
    local output = play "rnnr"
    local frames, missed = output:match(
      "frames +(%d+), %d+ missed, (%d+) because of apivideo\n")
    assert.is_true(tonumber(frames) > 20, output)
    assert.is_true(missed / frames < 0.05, output)
  end)
end)
