-- nginx is told when there is something to do: nothing looks while calls wait.
-- And what becomes of that at the ends of workers, and where it cannot be had.

-- nginx runs LuaJIT; the module of another runtime does not fit.
if not jit then return end

local nginx = require "spec.support.nginx"
local patience = require "spec.support.patience"
local place = require "spec.support.place"
local silent_server = require "spec.support.silent_server"
local socket = require "socket"

local SHARED = [[
local shared = { events = {} }
shared.client = require("apivideo").new {
  base_url = "%s", api_key = "some_key", max_connections = 100, retries = 0,
  log = function(event) table.insert(shared.events, event.message) end,
}
function shared.list()
  local tokens = shared.client.upload_tokens
  local ok, page = pcall(tokens.list, tokens)
  ngx.say(ok and "done" or tostring(page))
end
return shared
]]

local LOCATIONS = [[
location = /list { content_by_lua_block { require("shared").list() } }
location = /list_later {
  content_by_lua_block { ngx.timer.at(0, require("shared").list) }
}
location = /in_flight {
  content_by_lua_block { ngx.say(require("shared").client.core:in_flight()) }
}
location = /warnings {
  content_by_lua_block {
    local count = 0
    for _, message in ipairs(require("shared").events) do
      if message:find "^nginx is not told" then count = count + 1 end
    end
    ngx.say(count)
  }
}
location = /ping { content_by_lua_block { ngx.say "pong" } }
]]

-- Where no relay can be had.
local NO_RELAY = [[
init_by_lua_block {
  require("apivideo.core").relay = function()
    return nil, "there is no folder for its socket"
  end
}
]]

local BODY = '{"data":[],"pagination":{"currentPage":1,"pageSize":25,'
  .. '"pagesTotal":1,"itemsTotal":0,"currentPageItems":0,"links":[]}}'

describe("in nginx, being told", function()
  local server, listener

  local function start(setup)
    local url
    listener, url = silent_server(200)
    setup = setup or {}
    setup.server = LOCATIONS
    setup.files = { ["shared.lua"] = SHARED:format(url) }
    server = nginx.start(setup)
  end

  after_each(function()
    server:close()
    listener:close()
  end)

  -- The connection of the next call, once its request has arrived.
  local function arrived()
    local connection = assert(listener:accept())
    connection:settimeout(5)
    repeat until assert(connection:receive "*l") == ""
    return connection
  end

  local function answer(connection)
    connection:send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
      .. "Content-Length: " .. #BODY .. "\r\n\r\n" .. BODY)
  end

  local function call(path)
    local request = server:send(path or "/list")
    local connection = arrived()
    answer(connection)
    local _, body = nginx.receive(request)
    connection:close()
    return body
  end

  -- What the shell says of a process: its threads, or its descriptors.
  local function count(process, what)
    local pipe = io.popen(("ls /proc/%d/%s | wc -l"):format(process, what))
    local number = tonumber(pipe:read "*a")
    pipe:close()
    return number
  end

  it("a worker sleeps while a call waits", function()
    start()
    assert.equal("done\n", call())
    local request = server:send "/list"
    local connection = arrived()
    local worker = server:workers()[1]
    local before = nginx.switches(worker)
    socket.sleep(2)
    assert.is_true(nginx.switches(worker) - before <= 4)
    answer(connection)
    local from = socket.gettime()
    assert.equal("done\n", (select(2, nginx.receive(request))))
    assert.is_true(socket.gettime() - from < patience(0.05))
    connection:close()
    assert.equal("0\n", (select(2, server:get "/warnings")))
  end)

  it("a worker has one thread more, however many calls there are", function()
    start()
    assert.equal("done\n", call())
    local worker = server:workers()[1]
    for _ = 1, 3 do assert.equal("done\n", call()) end
    local descriptors = count(worker, "fd")
    socket.sleep(0.1) -- so that a new pump has to be started
    for _ = 1, 3 do assert.equal("done\n", call()) end
    assert.equal(2, count(worker, "task"))
    assert.equal(descriptors, count(worker, "fd"))
    assert.equal("", server:troubles())
  end)

  it("the master has no thread", function()
    start { http = 'init_by_lua_block { require "shared" }' }
    assert.equal("done\n", call())
    assert.equal(1, count(server:master(), "task"))
  end)

  it("no folder is left", function()
    local before = io.popen("ls -d /tmp/apivideo-?????? 2>/dev/null"):read "*a"
    start()
    assert.equal("done\n", call())
    server:signal("KILL", server:workers()[1])
    assert.equal(before, io.popen("ls -d /tmp/apivideo-?????? 2>/dev/null"):read "*a")
  end)

  it("a worker that was killed is followed by one that is told", function()
    start()
    assert.equal("done\n", call())
    local killed = server:workers()[1]
    server:signal("KILL", killed)
    assert(place.wait(function()
      local worker = server:workers()[1]
      return worker and worker ~= killed
    end, 5), "no other worker came")
    assert.equal("done\n", call())
    assert.equal(2, count(server:workers()[1], "task"))
    assert.equal("0\n", (select(2, server:get "/warnings")))
  end)

  it("reloads leave nothing", function()
    start()
    for _ = 1, 5 do
      assert.equal("done\n", call())
      server:reload()
      assert(place.wait(function() return #server:workers() == 1 end, 2))
    end
    assert.equal("done\n", call())
    assert.equal(2, count(server:workers()[1], "task"))
    server:assert_quits()
  end)

  it("a worker that is to go is told of what is in flight", function()
    start()
    assert.equal("done\n", call())
    local worker = server:workers()[1]
    local request = server:send "/list"
    local connection = arrived()
    server:reload()
    answer(connection)
    local from = socket.gettime()
    assert.equal("done\n", (select(2, nginx.receive(request))))
    assert.is_true(socket.gettime() - from < patience(0.05))
    connection:close()
    assert(nginx.is_gone(worker), "the old worker stays")
    assert.equal("", server:troubles())
  end)

  it("a Lua of its own for each request leaves nothing either", function()
    start { http = "lua_code_cache off;" }
    for _ = 1, 3 do assert.equal("done\n", call()) end
    local worker = server:workers()[1]
    local function settled()
      return count(worker, "task") == 1
    end
    assert(place.wait(settled), "threads are left")
    local descriptors = count(worker, "fd")
    for _ = 1, 10 do assert.equal("done\n", call()) end
    assert(place.wait(settled), "threads are left")
    -- The last Lua closes its own when its thread has gone.
    assert(place.wait(function()
      return count(worker, "fd") <= descriptors
    end, 2), "descriptors are left")
    assert.equal("", server:troubles "lua_code_cache is off")
  end)

  describe("where it cannot be had", function()
    it("calls end all the same, and the log says so once", function()
      start { http = NO_RELAY }
      for _ = 1, 3 do assert.equal("done\n", call()) end
      assert.equal("1\n", (select(2, server:get "/warnings")))
      assert.equal("", server:troubles())
    end)

    it("visitors who leave are noticed", function()
      start { http = NO_RELAY }
      local request = server:send "/list"
      local connection = arrived()
      request:close()
      assert.equal("closed", select(2, connection:receive(1)))
      connection:close()
      assert.equal("0\n", (select(2, server:get "/in_flight")))
    end)

    it("a burst leaves at once", function()
      start { http = NO_RELAY }
      local requests, connections = {}, {}
      for _ = 1, 32 do assert.equal("done\n", call()) end
      local from = socket.gettime()
      for i = 1, 100 do requests[i] = server:send "/list" end
      for i = 1, 100 do connections[i] = arrived() end
      assert.is_true(socket.gettime() - from < patience(0.5))
      for i = 1, 100 do answer(connections[i]) end
      for i = 1, 100 do
        assert.equal("done\n", (select(2, nginx.receive(requests[i]))))
      end
      for i = 1, 100 do connections[i]:close() end
    end)
  end)
end)
