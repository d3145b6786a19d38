-- The core's relay: a socket that is told when a descriptor is readable.

-- It stands on epoll, as the descriptors that it watches do.
if not io.open "/proc/self/status" then return end

local core = require "apivideo.core"
local needs = require "spec.support.needs"
local place = require "spec.support.place"
local silent_server = require "spec.support.silent_server"
local socket = require "socket"
local unix = require "socket.unix"

describe("a relay", function()
  local relay, path, connection

  before_each(function()
    relay, path = core.relay()
    assert(relay, path)
    connection = (unix.stream or unix)()
    connection:settimeout(2)
  end)

  after_each(function()
    relay:close()
    connection:close()
  end)

  local function connect()
    assert(connection:connect(path))
    assert.is_true(relay:begin())
  end

  -- Whether nothing comes for a while.
  local function is_silent()
    connection:settimeout(0.05)
    local _, why = connection:receive(1)
    connection:settimeout(2)
    return why == "timeout"
  end

  it("begins when somebody has connected, and leaves no folder", function()
    assert.is_false(relay:works())
    local folder = path:match "^(.*)/"
    assert.equal("drwx------", io.popen("ls -ld " .. folder):read "*l":sub(1, 10))
    connect()
    assert.is_true(relay:works())
    assert.is_nil(io.open(folder))
  end)

  it("does not begin before", function()
    assert.is_false(relay:begin())
    assert.is_nil(io.open(path:match "^(.*)/"))
  end)

  it("leaves no folder when it is closed before", function()
    relay:close()
    relay:close()
    assert.is_nil(io.open(path:match "^(.*)/"))
    assert.has_error(function() relay:tell() end, "the relay was closed")
  end)

  it("tells when it is asked to", function()
    connect()
    relay:tell()
    assert.equal("x", connection:receive(1))
    assert.is_true(is_silent())
  end)

  it("reminds once, of the last time only", function()
    connect()
    relay:remind(60)
    relay:remind(0.01)
    assert.equal("x", connection:receive(1))
    assert.is_true(is_silent())
  end)

  it("tells once of each time that it was asked to watch", function()
    connect()
    local listener, url = silent_server()
    local client = core.new { base_url = url, api_key = "some_key" }
    client:follow()
    local fd = client:fd()
    assert.is_true(relay:watch(fd))
    assert.is_true(is_silent())
    local call = client:start "list"
    client:step(0)
    local accepted = assert(listener:accept())
    accepted:settimeout(2)
    repeat client:step(0.01) until accepted:receive(1)
    accepted:close()
    assert.equal("x", connection:receive(1))
    assert.is_true(is_silent()) -- although it is readable still
    assert.is_true(relay:watch(fd))
    assert.equal("x", connection:receive(1))
    relay:leave(fd)
    call:cancel()
    client:close()
    listener:close()
    assert.is_true(is_silent())
  end)

  it("ends with whoever has connected", function()
    connect()
    connection:close()
    local deadline = socket.gettime() + 2
    repeat until not relay:works() or socket.gettime() > deadline
    assert.is_false(relay:works())
    relay:tell()
  end)

  it("takes no signal", function()
    connect()
    local masks = {}
    local status = io.popen "cat /proc/$PPID/task/*/status"
    for mask in status:read "*a":gmatch "SigBlk:%s*(%x+)" do
      masks[#masks + 1] = mask
    end
    status:close()
    assert.equal(2, #masks)
    table.sort(masks)
    -- All but KILL and STOP, and what glibc keeps to itself.
    assert.matches("^fffffff%x+fbfeff$", masks[2])
  end)

  -- The sanitizers themselves need a place for what they say.
  local it_closes = os.getenv "ASAN_OPTIONS"
    and needs.skip "not without standard descriptors under the sanitizers" or it
  it_closes("takes no standard descriptor that its host has closed", function()
    local here = place.new()
    here:write("closed.lua", [[
      local relay, path = assert(require("apivideo.core").relay())
      -- A file says that there is none; a socket cannot be opened.
      local function taken()
        local list = {}
        for fd = 0, 2 do
          local _, why = io.open("/proc/self/fd/" .. fd)
          if not why or not why:find "No such file" then list[#list + 1] = fd end
        end
        return table.concat(list, " ")
      end
      local first = taken()
      local unix = require "socket.unix"
      local connection = (unix.stream or unix)()
      assert(connection:connect(path))
      local own = taken()
      assert(relay:begin())
      local second = taken()
      connection:close()
      io.open("result", "w"):write(first, ";", own, ";", second, ";")
    ]])
    here:run("$APIVIDEO_RUNTIME closed.lua <&- >&- 2>&-")
    assert.equal(";0;0;", here:read "result")
    here:close()
  end)

  it("that is collected is closed", function()
    connect()
    relay = core.relay()
    collectgarbage()
    collectgarbage()
    assert.equal("closed", select(2, connection:receive(1)))
  end)
end)
