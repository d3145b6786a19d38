-- All workers of an nginx share what the service said of its limits.

-- nginx runs LuaJIT; the module of another runtime does not fit.
if not jit then return end

local nginx = require "spec.support.nginx"
local place = require "spec.support.place"
local service = require "spec.support.service"

local SHARED = [[
local shared = {}
shared.client = require("apivideo").new {
  base_url = "%s", api_key = "sandbox_key", timeout = 100,
  max_connections = 50,
}
shared.tokens = shared.client.upload_tokens

-- Deletes so many tokens that are not there, and says how each ended.
function shared.delete(first, count)
  local ids, kinds = {}, {}
  for i = 1, count do ids[i] = first + i end
  local results = shared.client:parallel(ids, function(id)
    local ok, err = pcall(shared.tokens.delete_token, shared.tokens, "to" .. id)
    return ok and "done" or err.kind
  end, { concurrency = 50 })
  for i = 1, count do
    local kind = results[i]
    kinds[kind] = (kinds[kind] or 0) + 1
  end
  local words = {}
  for kind, number in pairs(kinds) do
    words[#words + 1] = kind .. " " .. number
  end
  return table.concat(words, ", ")
end

return shared
]]

local LOCATIONS = [[
location = /delete {
  content_by_lua_block {
    local shared = require "shared"
    ngx.say(shared.delete(tonumber(ngx.var.arg_first), tonumber(ngx.var.arg_count)))
  }
}
location = /worker { content_by_lua_block { ngx.say(ngx.worker.pid()) } }
]]

describe("in nginx, workers", function()
  local server

  local function start(workers, http)
    server = nginx.start {
      workers = workers,
      http = http or "lua_shared_dict apivideo 64k;",
      server = LOCATIONS,
      files = { ["shared.lua"] = SHARED:format(service.url) },
    }
  end

  before_each(service.reset)
  after_each(function() server:close() end)

  -- How many requests arrived, and how many of them were answered 429.
  local function seen()
    local count, refused = 0, 0
    for _, request in ipairs(service.requests()) do
      if request.path:find "^/upload%-tokens/" then
        count = count + 1
        if request.status == 429 then refused = refused + 1 end
      end
    end
    return count, refused
  end

  -- As many requests as there are workers, each with so many deletes.
  local function delete(requests, count)
    local connections = {}
    for i = 1, requests do
      connections[i] = server:send(
        ("/delete?first=%d&count=%d"):format(i * 1000, count))
      connections[i]:settimeout(60)
    end
    for i = 1, requests do
      assert.equal("not_found " .. count .. "\n",
        (select(2, nginx.receive(connections[i]))))
    end
  end

  it("share one limit", function()
    service.settings { rate_limits = { writes = 40, window = 1 } }
    start(4)
    delete(8, 30)
    local count, refused = seen()
    assert.equal(240 + refused, count)
    assert.is_true(refused <= 7, refused .. " were refused")
    assert.equal("", server:troubles())
  end)

  it("know after a reload what was known before", function()
    service.settings { rate_limits = { writes = 5, window = 60 } }
    start(1)
    delete(1, 4)
    server:reload()
    assert(place.wait(function() return #server:workers() == 1 end))
    local request = server:send "/delete?first=1&count=20"
    assert(place.wait(function() return (seen()) > 4 end))
    -- It knows that one is left, and sends that.
    assert(not place.wait(function() return (seen()) > 5 end, 0.3))
    request:close()
    assert.equal(0, (select(2, seen())))
  end)

  it("go on when one was killed with calls in flight", function()
    service.settings { rate_limits = { writes = 40, window = 1 } }
    service.faults { { match = { path = "/upload-tokens/*" }, delay = 30, times = 10 } }
    start(1)
    local request = server:send "/delete?first=1&count=10"
    assert(place.wait(function() return (seen()) == 10 end))
    local killed = server:workers()[1]
    server:signal("KILL", killed)
    assert(place.wait(function()
      local worker = server:workers()[1]
      return worker and worker ~= killed
    end))
    request:close()
    delete(1, 60)
    assert.equal("", server:troubles "exited on signal 9")
  end)

  it("each have their own without the dictionary", function()
    start(1, " ")
    delete(1, 10)
    assert.equal(10, (seen()))
  end)
end)
