-- Lua 5.1 cannot yield out of pcall, nor out of the head of a loop. A call that
-- would have to is refused before anything is sent.

if _VERSION ~= "Lua 5.1" or jit then return end

local service = require "spec.support.service"

local WORDS = "cannot wait here: Lua 5.1 cannot yield out of pcall, nor out of"

describe("a task of Lua 5.1", function()
  local client, tokens

  service.with_client(function(...) client, tokens = ... end)

  local CALLS = {
    create_token = function() return tokens:create_token() end,
    list = function() return tokens:list() end,
    sleep = function() return client:sleep(1) end,
    parallel = function() return client:parallel({ 1 }, function() return tokens:list() end) end,
    await = function()
      local other = client:spawn(function() client:sleep(9) end)
      return other:await()
    end,
    upload_with_upload_token = function()
      return client.videos:upload_with_upload_token("token", { data = "x" })
    end,
    iterate = function() return tokens:iterate()() end,
    pages = function() return tokens:pages()() end,
  }

  for name, call in pairs(CALLS) do
    it("refuses " .. name .. " inside pcall", function()
      local ok, message
      client:spawn(function() ok, message = pcall(call) end)
      assert.is_false(ok)
      assert.truthy(message:find("'" .. name .. "' " .. WORDS, 1, true), message)
      assert.same({}, service.requests())
    end)
  end

  local WAYS = {
    ["xpcall"] = function(call) xpcall(call, function(message) error(message, 0) end) end,
    ["table.sort"] = function(call) table.sort({ 1, 2, 3 }, call) end,
    ["string.gsub"] = function(call) ("abc"):gsub("b", call) end,
    ["the head of a loop"] = function()
      for _ in tokens:iterate() do error "a token" end
    end,
  }

  for name, way in pairs(WAYS) do
    it("refuses a call inside " .. name, function()
      local said
      local task = client:spawn(way, function()
        local ok, message = pcall(tokens.list, tokens)
        said = said or not ok and message
        return false
      end)
      client:step(0.01)
      local _, message = pcall(task.await, task)
      said = said or message
      assert.truthy(tostring(said):find(WORDS, 1, true), tostring(said))
      assert.same({}, service.requests())
    end)
  end

  it("may call inside a coroutine of its own, inside pcall", function()
    local ttl
    client:spawn(function()
      local ok
      ok, ttl = pcall(coroutine.wrap(function() return tokens:create_token({ ttl = 5 }).ttl end))
      assert(ok)
    end)
    assert.equal(5, ttl)
  end)

  it("sends nothing where it could not yield out of a metamethod", function()
    local object = setmetatable({}, { __index = function() return tokens:create_token() end })
    local task = client:spawn(function() return object.field end)
    assert.is_false((pcall(task.await, task)))
    for _ = 1, 5 do client:step(0.01) end
    assert.same({}, service.requests())
  end)
end)

describe("the main program of Lua 5.1", function()
  it("may call inside pcall, and in the head of a loop", function()
    service.reset()
    local client = service.client()
    assert.is_true((pcall(client.upload_tokens.create_token, client.upload_tokens)))
    local count = 0
    for _ in client.upload_tokens:iterate() do count = count + 1 end
    assert.equal(1, count)
    client:close()
  end)
end)
