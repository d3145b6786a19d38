-- An error that strikes at any moment, as that of a hook, of Ctrl-C or of an
-- instruction limit: the client is usable afterwards, and has nothing in flight
-- that nobody owns.

local service = require "spec.support.service"

local MOST = 5000 -- instructions after which it strikes at last
-- A run looks at one in so many; which ones, differs from runtime to runtime.
local STRIDE = os.getenv "APIVIDEO_GC" == "1" and 97 or 23
local FIRST = { ["lua5.1"] = 1, ["lua5.2"] = 2, ["lua5.3"] = 3, ["lua5.4"] = 4, luajit = 5 }

describe("an error of a hook", function()
  local client, tokens, token

  local function open()
    client = service.client { log = function() end } -- nothing on stderr
    tokens = client.upload_tokens
  end

  before_each(function()
    service.reset()
    service.make_tokens(4, 600)
    open()
    token = tokens:create_token({ ttl = 600 }).token
  end)

  after_each(function() client:close() end)

  local function get() return tokens:get_token(token).ttl end

  local SCENARIOS = {
    ["tasks"] = function()
      local first = client:spawn(function()
        client:sleep(0.0001)
        return get()
      end)
      local second = client:spawn(function() return first:await() end)
      coroutine.wrap(get)()
      second:await()
      client:spawn(get):cancel()
      client:run()
    end,
    ["parallel"] = function()
      client:parallel({ 1, 2, 3, 4 }, get, { concurrency = 2 })
      client:parallel(tokens:iterate { page_size = 2 }, get, { concurrency = 2 })
    end,
    ["walks"] = function()
      local query = { page_size = 2, prefetch = 2 }
      for _ in tokens:iterate(query) do end -- luacheck: ignore 542
      for _ in tokens:pages(query) do end -- luacheck: ignore 542
      query.sort_by = "ttl"
      for _ in tokens:iterate(query) do end -- luacheck: ignore 542
    end,
    ["uploads"] = function()
      local session = client.videos:progressive_upload(token)
      session:upload_part "a "
      session:upload_last_part "film"
      local pieces = { "a", "", "b" }
      client.videos:upload_with_upload_token(token,
        function() return table.remove(pieces, 1) end, { on_progress = function() end })
      client:spawn(function()
        client.videos:upload_with_upload_token(token, { data = "abc" })
      end):await()
    end,
  }

  -- Nothing is left, once what nobody holds is collected.
  local function settle()
    local calls, tasks
    for _ = 1, 300 do
      collectgarbage()
      collectgarbage()
      calls, tasks = client:step(0.01)
      if calls == 0 and tasks == 0 then return true end
    end
    return false, ("%d calls and %d tasks are left"):format(calls, tasks)
  end

  local function check_usable()
    assert(client:parallel({ 1, 2, 3 }, get).n == 3)
    assert(client:spawn(get):await() == 600)
    local count = 0
    for _ in tokens:iterate { page_size = 2 } do count = count + 1 end
    assert(count == 5)
    local session = client.videos:progressive_upload(token)
    session:upload_part "a"
    assert(session:upload_last_part("b").video_id)
    client:run()
  end

  for name, scenario in pairs(SCENARIOS) do
    it("leaves the client usable: " .. name, function()
      if jit then jit.off() end -- compiled code calls no hooks
      for number = FIRST[os.getenv "APIVIDEO_RUNTIME"] or 1, MOST, STRIDE do
        local struck = false
        local ok, err = pcall(function()
          debug.sethook(function()
            debug.sethook()
            struck = true
            error("interrupted!", 0)
          end, "", number)
          scenario()
          debug.sethook()
        end)
        debug.sethook()
        -- In a coroutine it may have struck who was not awaited.
        assert(ok or tostring(err):find("interrupted!", 1, true), ("%d: %s"):format(number, tostring(err)))
        local settled, why = settle()
        assert(settled, ("%d: %s"):format(number, tostring(why)))
        local usable, problem = pcall(check_usable)
        assert(usable, ("%d: %s"):format(number, tostring(problem)))
        if not struck then break end -- it was over before
      end
      if jit then jit.on() end
    end)
  end
end)
