-- A storm of requests that wait in all ways, of which many are dropped and some
-- killed, over reloads: nothing crashes, and nothing is left.
--
-- APIVIDEO_STORM is how many requests there are.

-- nginx runs LuaJIT; the module of another runtime does not fit.
if not jit then return end

local nginx = require "spec.support.nginx"
local place = require "spec.support.place"
local service = require "spec.support.service"
local socket = require "socket"

local REQUESTS = tonumber(os.getenv "APIVIDEO_STORM") or 1000
local AT_ONCE = 40
local RELOADS = 3

local SHARED = [[
local shared = {}
shared.client = require("apivideo").new {
  base_url = "%s", api_key = "sandbox_key", max_connections = 100, timeout = 5,
}
shared.tokens = shared.client.upload_tokens

function shared.call()
  local ok, token = pcall(shared.tokens.create_token, shared.tokens, { ttl = 60 })
  if ok then pcall(shared.tokens.delete_token, shared.tokens, token.token) end
end

function shared.walk()
  for _ in shared.tokens:iterate { prefetch = 2 } do coroutine.yield() end
end

function shared.in_coroutine(body)
  local thread = coroutine.create(body)
  while coroutine.status(thread) ~= "dead" do
    assert(coroutine.resume(thread))
  end
end

function shared.exit_during(body)
  ngx.thread.spawn(function()
    ngx.sleep(0.005)
    ngx.exit(204)
  end)
  body()
end

return shared
]]

local WAYS = {
  "shared.call()",
  "shared.in_coroutine(shared.call)",
  "shared.in_coroutine(shared.walk)",
  "shared.client:spawn(shared.call):await()",
  [[shared.client:parallel({ 1, 2, 3 }, shared.call)]],
  [[shared.client:spawn(function() shared.in_coroutine(shared.call) end):await()]],
  "shared.exit_during(shared.call)",
  [[shared.exit_during(function()
      shared.client:parallel({ 1, 2, 3 }, function()
        shared.in_coroutine(shared.call)
      end)
    end)]],
  [[local thread = ngx.thread.spawn(shared.call)
    ngx.sleep(0.005)
    ngx.thread.kill(thread)]],
  "ngx.timer.at(0, shared.call)",
}

local LOCATIONS = [[
location = /in_flight {
  content_by_lua_block { ngx.say(require("shared").client.core:in_flight()) }
}
]]

for i, way in ipairs(WAYS) do
  LOCATIONS = LOCATIONS .. ([[
    location = /%d {
      content_by_lua_block { local shared = require "shared" %s }
    }
  ]]):format(i, way)
end

describe("in nginx, a storm", function()
  local server

  before_each(function()
    service.reset()
    service.make_tokens(30, 3600)
    service.faults {
      { match = { path = "/upload-tokens*" }, delay = 0.02, times = 1000000 },
    }
    server = nginx.start {
      workers = 2, http = "lua_shared_dict apivideo 64k;", server = LOCATIONS,
      files = { ["shared.lua"] = SHARED:format(service.url) },
    }
  end)

  after_each(function() server:close() end)

  local function descriptors(process)
    local pipe = io.popen(("ls /proc/%d/fd | wc -l"):format(process))
    local count = tonumber(pipe:read "*a")
    pipe:close()
    return count
  end

  it("leaves nothing", function()
    local waiting, number = {}, 0
    local function drop(many)
      for _ = 1, many do
        local request = table.remove(waiting, 1)
        if not request then return end
        request:close()
      end
    end
    for i = 1, REQUESTS do
      number = number % #WAYS + 1
      waiting[#waiting + 1] = server:send("/" .. number)
      if #waiting >= AT_ONCE then
        socket.sleep(0.01)
        drop(AT_ONCE / 2) -- some have their answer by then
      end
      if i % math.floor(REQUESTS / (RELOADS + 1)) == 0 then server:reload() end
    end
    drop(#waiting)
    assert(place.wait(function() return #server:workers() == 2 end), "workers stay")
    for _ = 1, 20 do
      assert(place.wait(function()
        return select(2, server:get "/in_flight") == "0\n"
      end), "calls are left")
    end
    for _, worker in ipairs(server:workers()) do
      assert.is_true(descriptors(worker) < 150, "descriptors are left")
    end
    server:assert_quits()
  end)
end)
