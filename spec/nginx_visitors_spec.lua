-- Visitors who leave, wherever their request waits: the worker goes on, and
-- nothing of theirs is left.

-- nginx runs LuaJIT; the module of another runtime does not fit.
if not jit then return end

local nginx = require "spec.support.nginx"
local place = require "spec.support.place"
local silent_server = require "spec.support.silent_server"
local socket = require "socket"

local VISITORS = 40

local SHARED = [[
local shared = { arrived = 0 }
shared.client = require("apivideo").new {
  base_url = "%s", api_key = "some_key", max_connections = 100, retries = 0,
}
shared.tokens = shared.client.upload_tokens

function shared.call()
  shared.arrived = shared.arrived + 1
  pcall(shared.tokens.create_token, shared.tokens, { ttl = 60 })
end

-- Ends the request while `wait` waits.
function shared.exit_during(wait)
  ngx.thread.spawn(function()
    ngx.sleep(0.02)
    ngx.exit(204)
  end)
  wait()
end

return shared
]]

-- What a request does, by how it waits.
local ROWS = {
  { "in the request itself", "shared.call()" },
  { "in a coroutine", "coroutine.wrap(shared.call)()" },
  { "in a coroutine of a coroutine", [[
    coroutine.wrap(function() coroutine.wrap(shared.call)() end)()
  ]] },
  { "in a task", "shared.client:spawn(shared.call):await()" },
  { "in a coroutine of a task", [[
    shared.client:spawn(function() coroutine.wrap(shared.call)() end):await()
  ]] },
  { "in a light thread", "ngx.thread.wait(ngx.thread.spawn(shared.call))" },
  { "in a coroutine of a light thread", [[
    ngx.thread.wait(ngx.thread.spawn(function()
      coroutine.wrap(shared.call)()
    end))
  ]] },
  { "in a walk inside of a generator", [[
    local walk = coroutine.wrap(function()
      shared.arrived = shared.arrived + 1
      for token in shared.tokens:iterate() do coroutine.yield(token) end
    end)
    for _ in walk do end
  ]] },
  { "in a task that a coroutine awaits", [[
    coroutine.wrap(function()
      shared.client:spawn(shared.call):await()
    end)()
  ]] },
}

local LOCATIONS = [[
location = /arrived {
  content_by_lua_block { ngx.say(require("shared").arrived) }
}
location = /in_flight {
  content_by_lua_block { ngx.say(require("shared").client.core:in_flight()) }
}
location = /ping { content_by_lua_block { ngx.say "pong" } }
location = /kill {
  content_by_lua_block {
    local shared = require "shared"
    local thread = ngx.thread.spawn(shared.call)
    ngx.sleep(0.02)
    ngx.thread.kill(thread)
    ngx.say "killed"
  }
}
]]

for i, row in ipairs(ROWS) do
  LOCATIONS = LOCATIONS .. ([[
    location = /%d {
      content_by_lua_block { local shared = require "shared" %s }
    }
    location = /exit/%d {
      content_by_lua_block {
        local shared = require "shared"
        shared.exit_during(function() %s end)
      }
    }
  ]]):format(i, row[2], i, row[2])
end

describe("in nginx, of visitors who leave", function()
  local server, listener

  before_each(function()
    local url
    listener, url = silent_server(2 * VISITORS)
    server = nginx.start {
      server = LOCATIONS, files = { ["shared.lua"] = SHARED:format(url) },
    }
  end)

  after_each(function()
    server:close()
    listener:close()
  end)

  local function says(path, answer)
    return place.wait(function()
      return select(2, server:get(path)) == answer .. "\n"
    end)
  end

  -- Nothing is left, and the worker goes when it is told to.
  local function assert_nothing_left(calls)
    assert(says("/arrived", calls))
    assert(says("/in_flight", 0), "calls are left")
    for _ = 1, 5 do server:get "/ping" end -- what is broken shows
    server:assert_quits()
  end

  for i, row in ipairs(ROWS) do
    it("who wait " .. row[1] .. " nothing is left", function()
      for count = 1, VISITORS, 10 do
        local requests = {}
        for j = 1, 10 do requests[j] = server:send("/" .. i) end
        assert(says("/arrived", count + 9))
        for j = 1, 10 do requests[j]:close() end
        for _ = 1, 3 do server:get "/ping" end
      end
      assert_nothing_left(VISITORS)
    end)

    it("who are sent away while they wait " .. row[1] .. ", too", function()
      for _ = 1, VISITORS, 10 do
        local requests = {}
        for j = 1, 10 do requests[j] = server:send("/exit/" .. i) end
        for j = 1, 10 do
          assert.equal(204, (nginx.receive(requests[j])))
        end
        for _ = 1, 3 do server:get "/ping" end
      end
      assert_nothing_left(VISITORS)
    end)
  end

  it("whose thread is killed nothing is left", function()
    for _ = 1, VISITORS do
      assert.equal("killed\n", (select(2, server:get "/kill")))
    end
    assert_nothing_left(VISITORS)
  end)

  it("the calls are cancelled at once", function()
    local request = server:send "/1"
    assert(says("/arrived", 1))
    local connection = assert(listener:accept())
    connection:settimeout(5)
    repeat until assert(connection:receive "*l") == ""
    request:close()
    local from = socket.gettime()
    local why
    repeat why = select(2, connection:receive(64)) until why
    assert.equal("closed", why)
    connection:close()
    assert.is_true(socket.gettime() - from < 0.1)
  end)
end)
