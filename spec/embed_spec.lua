-- The programs of examples/embed do what they say. They are built like the
-- module, for two runtimes; collecting all the time would change nothing.

local service = require "spec.support.service"
local shell = require "spec.support.shell"
local socket = require "socket"

local runtime = os.getenv "APIVIDEO_RUNTIME"
if runtime ~= "lua5.4" and runtime ~= "luajit" then return end
if os.getenv "APIVIDEO_GC" then return end

local BUILD = os.getenv "APIVIDEO_BUILD"
local ARCHIVE = BUILD .. "/" .. runtime .. "/libapivideo.a"
local GAME = BUILD .. "/" .. runtime .. "/embed/game"
local POLL = BUILD .. "/embed/poll"

local function play(seconds)
  local output, status = shell.run(("APIVIDEO_BASE_URL=%s APIVIDEO_API_KEY=%s "
    .. "%s lua examples/embed/game.lua %g"):format(
    service.url, service.key, GAME, seconds))
  assert.equal(0, status, output)
  return output
end

-- The first number behind a name at the start of a line.
local function number(output, name)
  local text = ("\n" .. output):match("\n" .. name .. " *(%d+)")
  return assert(tonumber(text), output)
end

describe("a game in C that has the module in it", function()
  before_each(service.reset)

  it("makes its calls while 60 frames a second go on", function()
    local start = socket.gettime()
    local output = play(1)
    local seconds = socket.gettime() - start
    assert.is_true(number(output, "calls") >= 32 * 3, output)
    assert.is_true(number(output, "frames") >= 60, output)
    assert.is_true(number(output, "frames") <= 60 * seconds + 1, output)
  end)

  it("has 32 calls in flight in every frame", function()
    service.faults { { delay = 0.1, times = 100000 } }
    local output = play(1)
    assert.is_true(tonumber(output:match ", (%d+) in flight at least") >= 25,
      output)
  end)

  it("says how long its frames took, and whose fault it was", function()
    local output = play(0.5)
    local times = "p50 %d+%.%d%d ms, p99 %d+%.%d%d ms, max %d+%.%d%d ms\n"
    assert.matches("\nframes +%d+, %d+ missed, %d+ because of apivideo\n",
      output)
    assert.matches("\nstep%(0%) +" .. times, output)
    assert.matches("\nframe +" .. times, output)
  end)

  it("leaves no token behind", function()
    play(0.5)
    local tokens = service.client().upload_tokens
    assert.equal(0, tokens:list().pagination.items_total)
  end)

  it("says what is wrong when its script fails", function()
    local output, status = shell.run(GAME .. " lua examples/none.lua")
    assert.equal(1, status)
    assert.matches("^game: .*examples/none%.lua", output)
  end)
end)

describe("the archive that it is linked with", function()
  it("defines one name: the module's entry", function()
    local names = shell.run(
      "nm -g --defined-only " .. ARCHIVE .. " | grep ' '")
    assert.matches("^%x+ T luaopen_apivideo_core\n$", names)
  end)
end)

describe("a poll loop on the core alone", function()
  before_each(service.reset)

  -- The input is what a shell script writes.
  local function poll(script)
    local output, status = shell.run(("(%s) | APIVIDEO_BASE_URL=%s "
      .. "APIVIDEO_API_KEY=%s %s"):format(
      script, service.url, service.key, POLL))
    assert.equal(0, status, output)
    return output
  end

  it("makes a token for each line, and shows no whole one", function()
    local output = poll "echo 60; echo 3600"
    assert.matches('200 after %d+ ms: {"token":"to..…...","ttl":60,', output)
    assert.matches('"ttl":3600,', output)
    local tokens = service.client().upload_tokens
    assert.equal(2, tokens:list().pagination.items_total)
  end)

  it("says why a call failed", function()
    service.faults { { close = true, times = 10 } }
    assert.matches("\nfailed: .*\n", "\n" .. poll "echo 60")
  end)

  it("sleeps while nothing is in flight", function()
    local output = poll "echo 60; sleep 1; echo 60; sleep 1"
    assert.matches("woken 3 times by the input, %d+ by the client, "
      .. "0 while idle\n$", output)
  end)

  it("sleeps while it waits for an answer", function()
    service.faults { { delay = 1 } }
    local output = poll "echo 60"
    assert.is_true(tonumber(output:match "(%d+) by the client") <= 8, output)
  end)
end)
