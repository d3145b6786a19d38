-- An error that strikes at any moment, as that of a hook, of Ctrl-C or of an
-- instruction limit: the client is usable afterwards, and has nothing in flight
-- that nobody owns.

local core = require "apivideo.core"
local patience = require "spec.support.patience"
local service = require "spec.support.service"

local TTL = 86400 -- seconds, longer than an access token
local MOST = 5000 -- instructions after which it strikes at last
-- A run looks at one in so many; which ones, differs from runtime to runtime.
local STRIDE = os.getenv "APIVIDEO_GC" == "1" and 47 or 11
local FIRST = { ["lua5.1"] = 1, ["lua5.2"] = 2, ["lua5.3"] = 3, ["lua5.4"] = 4, luajit = 5 }

describe("an error of a hook", function()
  local client, tokens, token

  -- The log keeps failures that nobody awaits from stderr.
  local function open(auth)
    client = service.client { log = function() end, auth = auth }
    tokens = client.upload_tokens
    token = tokens:create_token({ ttl = TTL }).token
  end

  before_each(function()
    service.reset()
    service.make_tokens(4, TTL)
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
    ["tasks that catch it and go on"] = function()
      local tasks = {}
      for i = 1, 2 do
        tasks[i] = client:spawn(function()
          pcall(get)
          coroutine.yield()
          return get()
        end)
      end
      client:run()
      for i = 1, 2 do tasks[i]:await() end
    end,
    ["parallel"] = function()
      client:parallel({ 1, 2, 3, 4 }, get, { concurrency = 2 })
      client:parallel(tokens:iterate { page_size = 2 }, get, { concurrency = 2 })
    end,
    ["waits"] = function()
      local sleeps = client:spawn(function()
        client:sleep(0.0003)
        return get()
      end)
      client:sleep(0.0002)
      pcall(sleeps.await, sleeps, 0.0001)
      client:spawn(function() return sleeps:await(0.1) end)
      client:spawn(client.sleep, client, 0.05):cancel()
      client:run()
    end,
    ["tasks in tasks"] = function()
      local function nest(left)
        if left == 0 then return coroutine.yield() end
        return client:spawn(nest, left - 1):await()
      end
      client:spawn(nest, 20):await()
      client:parallel({ 1, 2 }, function()
        return client:parallel({ 1, 2 }, get).n
      end)
    end,
    ["an iterator that tasks share"] = function()
      local next_token = tokens:iterate { page_size = 2, prefetch = 2 }
      local function pull()
        while next_token() do get() end
      end
      local first, second = client:spawn(pull), client:spawn(pull)
      pull()
      first:await()
      second:await()
      pcall(client.parallel, client, tokens:iterate { page_size = 1 }, function()
        get()
        error "enough"
      end, { concurrency = 2 })
    end,
    ["bearer"] = function()
      local tasks = {}
      service.settings { clock_offset = 7200 } -- the access token has expired
      for i = 1, 3 do tasks[i] = client:spawn(get) end
      service.settings { clock_offset = 0 }
      for i = 1, 3 do tasks[i]:await() end
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
      if calls == 0 and tasks == 0 then break end
    end
    local is_free = not next(client.caller:scheduler().held)
    return calls == 0 and tasks == 0 and is_free,
      ("%d calls and %d tasks are left%s"):format(calls, tasks, is_free and "" or ", and something is held")
  end

  local function check_usable()
    assert(client:parallel({ 1, 2, 3 }, get).n == 3)
    assert(client:spawn(get):await() == TTL)
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
      local is_bearer = name == "bearer"
      open(is_bearer and "bearer" or nil)
      if jit then jit.off() end -- compiled code calls no hooks
      for number = FIRST[os.getenv "APIVIDEO_RUNTIME"] or 1, MOST, STRIDE do
        local struck = false
        -- Without a log, and with a plain key, calls take shorter ways: both
        -- are struck in turn.
        client.caller.is_plain = not is_bearer and not client.caller.is_plain
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

  it("keeps nobody waiting", function()
    if jit then jit.off() end
    for number = FIRST[os.getenv "APIVIDEO_RUNTIME"] or 1, MOST, STRIDE do
      client = service.client { log = function() end, auth = "bearer" }
      local listing, struck = client.upload_tokens, false
      local list, all = function() return listing:list() end, {}
      pcall(function()
        debug.sethook(function()
          debug.sethook()
          struck = true
          error("interrupted!", 0)
        end, "", number)
        for i = 1, 2 do all[i] = client:spawn(list) end
        for i = 1, 2 do all[i]:await() end
        debug.sethook()
      end)
      debug.sethook()
      local from = core.now()
      list()
      for _, task in ipairs(all) do pcall(task.await, task) end
      local seconds = core.now() - from
      assert(seconds < patience(0.5), ("%d: %f s"):format(number, seconds))
      if not struck then break end
      client:close()
    end
    if jit then jit.on() end
  end)
end)
