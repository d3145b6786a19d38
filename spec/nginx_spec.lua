-- The module inside nginx: who waits for a call holds nobody else up.

-- nginx runs LuaJIT; the module of another runtime does not fit.
if not jit then return end

local nginx = require "spec.support.nginx"
local patience = require "spec.support.patience"
local place = require "spec.support.place"
local processes = require "spec.support.process"
local service = require "spec.support.service"
local socket = require "socket"

-- One client of a worker, made where it is first required; and what the
-- locations below share.
local SHARED = [[
local shared = { done = 0 }
shared.client = require("apivideo").new {
  base_url = "%s", api_key = "sandbox_key", max_connections = 200,
}
shared.tokens = shared.client.upload_tokens
shared.silent = require("apivideo").new { -- nobody answers there
  base_url = "http://127.0.0.1:%d", api_key = "some_key", retries = 0,
}

function shared.say_token()
  ngx.say(shared.tokens:get_token("to1tcmSFHeYY5KzyhOqVKMKb").ttl)
end

-- What a call gives, or the words of its failure.
function shared.attempt(call, ...)
  local results = { pcall(call, ...) }
  return results[1] and "done" or tostring(results[2])
end

return shared
]]

local LOCATIONS = [[
location = /content {
  content_by_lua_block { require("shared").say_token() }
}
location = /rewrite {
  rewrite_by_lua_block { require("shared").say_token() ngx.exit(200) }
}
location = /access {
  access_by_lua_block { require("shared").say_token() ngx.exit(200) }
}
location = /timer {
  content_by_lua_block {
    local shared = require "shared"
    local answer
    ngx.timer.at(0, function()
      answer = shared.tokens:get_token("to1tcmSFHeYY5KzyhOqVKMKb").ttl
    end)
    while not answer do ngx.sleep(0.005) end
    ngx.say(answer)
  }
}
location = /coroutine {
  content_by_lua_block {
    coroutine.wrap(require("shared").say_token)()
  }
}
location = /header_filter {
  content_by_lua_block { ngx.say "served" }
  header_filter_by_lua_block {
    local shared = require "shared"
    ngx.header["X-Words"] = shared.attempt(shared.say_token)
  }
}
location = /log {
  content_by_lua_block { ngx.say "served" }
  log_by_lua_block {
    local shared = require "shared"
    shared.words = shared.attempt(shared.say_token)
  }
}
location = /words { content_by_lua_block { ngx.say(require("shared").words) } }
location = /inside {
  content_by_lua_block {
    local shared = require "shared"
    table.sort({ 2, 1 }, function(a, b)
      shared.words = shared.words or shared.attempt(shared.say_token)
      return a < b
    end)
    ngx.say(shared.words)
  }
}
location = /silent {
  content_by_lua_block {
    local shared = require "shared"
    ngx.say(shared.attempt(
      shared.silent.upload_tokens.list, shared.silent.upload_tokens))
  }
}
location = /silent_timer {
  content_by_lua_block {
    ngx.timer.at(0, function()
      local shared = require "shared"
      local tokens = shared.silent.upload_tokens
      local words = shared.attempt(tokens.list, tokens)
      ngx.log(ngx.NOTICE, "the timer's call: ", words)
    end)
  }
}
location = /parallel {
  content_by_lua_block {
    local shared = require "shared"
    local ttls = shared.client:parallel({ 1, 2, 3, 4, 5 }, function(item)
      return shared.tokens:get_token("to" .. item).ttl * item
    end, { concurrency = 2 })
    ngx.say(table.concat(ttls, " "))
  }
}
location = /many {
  content_by_lua_block {
    local shared = require "shared"
    local items, sum = {}, 0
    for i = 1, 300 do items[i] = i end
    for _, ttl in ipairs(shared.client:parallel(items, function(item)
      return shared.tokens:get_token("to" .. item).ttl
    end)) do sum = sum + ttl end
    ngx.say(sum)
  }
}
location = /walk {
  content_by_lua_block {
    local shared = require "shared"
    local count = 0
    for _ in shared.tokens:iterate { page_size = 10, prefetch = 4 } do
      count = count + 1
    end
    ngx.say(count)
  }
}
location = /waits {
  content_by_lua_block {
    local shared = require "shared"
    local client, tokens = shared.client, shared.tokens
    local from = ngx.now()
    client:sleep(0.05)
    ngx.update_time()
    local slept = ngx.now() - from
    local task = client:spawn(function() client:sleep(0.1) return 9 end)
    local ok, err = pcall(task.await, task, 0.02)
    local ended = 0
    for i = 1, 3 do
      client:spawn(function()
        client:sleep(i / 100)
        tokens:get_token("to" .. i)
        ended = ended + 1
      end)
    end
    client:run()
    local count = 0
    local results = client:parallel(tokens:iterate { page_size = 10 }, function()
      count = count + 1
    end)
    local kind
    local cancelled = client:spawn(function()
      local slept, why = pcall(client.sleep, client, 60)
      kind = why.kind
    end)
    client:sleep(0.01)
    cancelled:cancel()
    client:sleep(0.01)
    ngx.say(slept >= 0.045 and slept < 2, " ", ok, " ", err.kind, " ", task:await(), " ", ended, " ",
      results.n, " ", count, " ", kind)
  }
}
location = /shared_walk {
  content_by_lua_block {
    local shared = require "shared"
    local next_token, seen, twice = shared.tokens:iterate { page_size = 7, prefetch = 2 }, 0, 0
    local given, tasks = {}, {}
    for i = 1, 4 do
      tasks[i] = shared.client:spawn(function()
        local token = next_token()
        while token do
          if given[token.token] then twice = twice + 1 end
          given[token.token] = true
          seen = seen + 1
          shared.tokens:get_token "to1tcmSFHeYY5KzyhOqVKMKb"
          token = next_token()
        end
      end)
    end
    for i = 1, 4 do tasks[i]:await() end
    ngx.say(seen, " ", twice)
  }
}
location = /nested {
  content_by_lua_block {
    local shared = require "shared"
    local function nest(left)
      if left == 0 then return 7 end
      return (shared.client:spawn(nest, left - 1):await())
    end
    local function parallel(left)
      if left == 0 then return 7 end
      return shared.client:parallel({ left - 1 }, parallel)[1]
    end
    ngx.say(nest(1000), " ", parallel(1000))
  }
}
location = /close {
  content_by_lua_block { require("shared").silent:close() }
}
location = /spawn {
  content_by_lua_block {
    local shared = require "shared"
    local task = shared.client:spawn(shared.tokens.get_token, shared.tokens,
      "to1tcmSFHeYY5KzyhOqVKMKb")
    ngx.say(task.state, " ", task:await().ttl, " ", task.state)
  }
}
location = /begin {
  content_by_lua_block {
    local shared = require "shared"
    local tokens = shared.silent.upload_tokens
    shared.task = shared.silent:spawn(tokens.list, tokens)
    ngx.say(shared.attempt(shared.task.await, shared.task))
  }
}
location = /leave {
  content_by_lua_block {
    local shared = require "shared"
    local tokens = shared.silent.upload_tokens
    shared.silent:spawn(tokens.list, tokens)
    ngx.exit(204)
  }
}
location = /begin_sleep {
  content_by_lua_block {
    local shared = require "shared"
    shared.task = shared.silent:spawn(ngx.sleep, 60)
    shared.task:await()
  }
}
location = /tasks {
  content_by_lua_block {
    ngx.say(require("shared").silent.caller:scheduler().tasks:count())
  }
}
location = /await {
  content_by_lua_block {
    local shared = require "shared"
    shared.awaiting = true
    ngx.say(shared.attempt(shared.task.await, shared.task), " ",
      shared.task.state)
  }
}
location = /awaiting {
  content_by_lua_block { ngx.say(require("shared").awaiting) }
}
location = /collect {
  content_by_lua_block {
    local shared = require "shared"
    local tokens = shared.silent.upload_tokens
    shared.silent:parallel({ 1, 2, 3, 4, 5, 6 }, function(item)
      shared.begun = item
      return tokens:list()
    end, { concurrency = 3, on_error = "collect" })
  }
}
location = /begun { content_by_lua_block { ngx.say(require("shared").begun) } }
location = /retry {
  content_by_lua_block {
    local shared = require "shared"
    local silent, rounds = shared.silent, 0
    local other = silent:spawn(function()
      silent.upload_tokens:list()
    end)
    local retried = ({
      call = function() silent.upload_tokens:list() end,
      await = function() other:await() end,
      upload = function()
        silent.videos:upload_with_upload_token("to1", { data = "x" })
      end,
      parallel = function()
        silent:parallel({ 1 }, function() silent.upload_tokens:list() end)
      end,
    })[ngx.var.arg_what]
    local task = silent:spawn(function()
      repeat
        rounds = rounds + 1
        if rounds > 100 then error "it goes on for ever" end
      until pcall(retried)
    end)
    ngx.sleep(0.05)
    task:cancel()
    ngx.sleep(0.05)
    other:cancel()
    ngx.say(task.state, " ", rounds)
  }
}
location = /yield {
  content_by_lua_block {
    local shared = require "shared"
    local said = {}
    local function say(word)
      return function()
        for i = 1, 3 do
          said[#said + 1] = word .. i
          coroutine.yield()
        end
        local inner = shared.client:spawn(shared.tokens.get_token,
          shared.tokens, "to1")
        return inner:await().ttl
      end
    end
    local a = shared.client:spawn(say "a")
    local b = shared.client:spawn(say "b")
    ngx.say(a:await(), b:await(), " ", table.concat(said, " "))
  }
}
location = /ping { content_by_lua_block { ngx.say "pong" } }
]]

-- A server on which calls arrive and are never answered.
local function silent_server()
  local listener = assert(socket.bind("127.0.0.1", 0))
  listener:settimeout(5)
  local _, port = listener:getsockname()
  return listener, tonumber(port)
end

-- The connection of the next call, once its request has arrived.
local function arrived(listener)
  local connection = assert(listener:accept())
  connection:settimeout(5)
  repeat until assert(connection:receive "*l") == ""
  return connection
end

-- Answers it with an empty page.
local function answer_page(connection)
  local body = '{"data":[],"pagination":{"currentPage":1,"pageSize":25,'
    .. '"pagesTotal":1,"itemsTotal":0,"currentPageItems":0,"links":[]}}'
  connection:send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    .. "Content-Length: " .. #body .. "\r\n\r\n" .. body)
end

-- Seconds until a connection is closed by the other end.
local function seconds_until_closed(connection)
  local from = socket.gettime()
  local _, why = connection:receive(1)
  connection:close()
  assert.equal("closed", why)
  return socket.gettime() - from
end

describe("in nginx", function()
  local server, listener

  before_each(function()
    service.reset()
    -- The token that is asked for is one that the service always has.
    service.faults { {
      status = 200, times = 100000, match = { path = "/upload-tokens/*" },
      body = {
        token = "to1tcmSFHeYY5KzyhOqVKMKb", ttl = 7,
        createdAt = "2026-11-23T10:13:19+00:00",
      },
    } }
  end)

  local function start(setup)
    local port
    listener, port = silent_server()
    setup = setup or {}
    setup.files = { ["shared.lua"] = SHARED:format(service.url, port) }
    setup.server = LOCATIONS .. (setup.server or "")
    server = nginx.start(setup)
  end

  after_each(function()
    if server then server:close() end
    if listener then listener:close() end
    server, listener = nil, nil
  end)

  it("a call works in server_rewrite", function()
    start {
      server = [[
        server_rewrite_by_lua_block {
          ngx.req.set_header("X-TTL", require("shared").tokens:get_token(
            "to1tcmSFHeYY5KzyhOqVKMKb").ttl)
        }
        location = /ttl { content_by_lua_block { ngx.say(ngx.var.http_x_ttl) } }
      ]],
    }
    assert.equal("7\n", (select(2, server:get "/ttl")))
    assert.equal("", server:troubles())
  end)

  for _, phase in ipairs { "rewrite", "access", "content", "timer" } do
    it("a call works in " .. phase, function()
      start()
      local status, body = server:get("/" .. phase)
      assert.same({ 200, "7\n" }, { status, body })
      assert.equal("", server:troubles())
    end)
  end

  -- Newer Lua modules have that phase.
  it("a call works in precontent", function()
    local ok, why = pcall(start, {
      server = [[
        location = /precontent {
          precontent_by_lua_block { require("shared").say_token() ngx.exit(200) }
        }
      ]],
    })
    if not ok and tostring(why):find "unknown directive" then
      return pending "this nginx has no such phase"
    end
    assert(ok, why)
    assert.equal("7\n", (select(2, server:get "/precontent")))
    assert.equal("", server:troubles())
  end)

  it("a call works in a coroutine of the request", function()
    start()
    local _, body = server:get "/coroutine"
    assert.equal("7\n", body)
  end)

  it("others are served while a call waits", function()
    start()
    local waiting = server:send "/silent"
    local connection = arrived(listener)
    local _, body = server:get "/ping"
    assert.equal("pong\n", body)
    connection:close()
    local _, words = nginx.receive(waiting)
    assert.matches("^list: connection: ", words)
  end)

  it("misuse is told of in a phase that cannot wait", function()
    start()
    local _, _, head = server:get "/header_filter"
    assert.matches("X%-Words: [^\n]*'get_token' cannot wait in nginx's phase "
      .. "header_filter: call it in rewrite, access or content, or in a timer "
      .. "%(ngx%.timer%.at%)", head)
    server:get "/log"
    local _, words = server:get "/words"
    assert.matches("'get_token' cannot wait in nginx's phase log: ", words)
    assert.same({}, service.requests())
  end)

  it("misuse is told of inside a C function", function()
    start()
    local _, words = server:get "/inside"
    assert.matches("'get_token' cannot wait inside a C function", words)
    local _, body = server:get "/content"
    assert.equal("7\n", body)
  end)

  it("a client that drops its connection cancels its call", function()
    start()
    local waiting = server:send "/silent"
    local connection = arrived(listener)
    waiting:close()
    local took = seconds_until_closed(connection)
    assert.is_true(took < patience(0.15), took .. " s")
    assert.equal("", server:troubles())
  end)

  it("tasks run beside their request", function()
    start()
    local _, body = server:get "/parallel"
    assert.equal("7 14 21 28 35\n", body)
    _, body = server:get "/spawn"
    assert.equal("running 7 done\n", body)
    assert.equal("", server:troubles())
  end)

  it("tasks wait for time, for each other and for walks", function()
    start()
    local _, body = server:get "/waits"
    assert.matches("^true false timeout 9 3 (%d+) %1 cancelled\n$", body)
    _, body = server:get "/shared_walk"
    assert.matches("^%d+ 0\n$", body)
    assert.equal("", server:troubles())
  end)

  it("tasks nest to a depth of 1,000", function()
    start()
    local _, body = server:get "/nested"
    assert.equal("7 7\n", body)
    assert.equal("", server:troubles())
  end)

  it("nobody who still waits is taken for one who has gone", function()
    start()
    local requests = {}
    for i = 1, 5 do requests[i] = server:send "/many" end
    for i = 1, 5 do
      assert.equal("2100\n", (select(2, nginx.receive(requests[i]))))
    end
    assert.equal("", server:troubles())
  end)

  it("a walk reads pages ahead", function()
    start()
    service.make_tokens(95, 3600)
    assert.equal("95\n", (select(2, server:get "/walk")))
    assert.equal("", server:troubles())
  end)

  it("closing the client ends the calls of all requests", function()
    start()
    local requests, connections = {}, {} -- that are collected are closed
    for i = 1, 3 do
      requests[i] = server:send "/silent"
      connections[i] = arrived(listener)
    end
    server:get "/close"
    for i = 1, 3 do
      assert.matches("^list: cancelled: ", (select(2, nginx.receive(requests[i]))))
    end
    assert.matches("^list: closed: ", (select(2, server:get "/silent")))
    for i = 1, 3 do connections[i]:close() end
  end)

  -- Whether another request has come as far as to wait for the task.
  local function is_awaited()
    return select(2, server:get "/awaiting") == "true\n"
  end

  it("a task is awaited by its own request and by another one", function()
    start()
    local own = server:send "/begin"
    local connection = arrived(listener)
    local other = server:send "/await"
    assert(place.wait(is_awaited))
    answer_page(connection)
    assert.equal("done\n", (select(2, nginx.receive(own))))
    assert.equal("done done\n", (select(2, nginx.receive(other))))
  end)

  it("a task ends with its request, and who awaits it is told", function()
    start()
    local own = server:send "/begin"
    local connection = arrived(listener)
    local other = server:send "/await"
    assert(place.wait(is_awaited))
    own:close()
    local took = seconds_until_closed(connection)
    assert.is_true(took < patience(0.15), took .. " s")
    local _, words = nginx.receive(other)
    assert.equal(
      "await: cancelled: the task was cancelled cancelled\n", words)
    assert.equal("", server:troubles())
  end)

  it("so does a task that has no call in flight", function()
    start()
    local own = server:send "/begin_sleep"
    server:get "/ping"
    local other = server:send "/await"
    assert(place.wait(is_awaited))
    own:close()
    local _, words = nginx.receive(other)
    assert.matches("cancelled\n$", words)
  end)

  -- The request ends when the task has ended.
  it("a task that is cancelled and waits again is given up", function()
    start()
    for _, what in ipairs { "call", "await", "upload", "parallel" } do
      local request = server:send("/retry?what=" .. what)
      arrived(listener)
      assert.equal("cancelled 2\n", (select(2, nginx.receive(request))), what)
      assert.equal("", server:troubles())
    end
  end)

  it("tasks give way by yielding, and begin others", function()
    start()
    local _, words = server:get "/yield"
    assert.matches("^77 a1 ", words)
    assert.matches("b1 .*a3", words)
    assert.equal("", server:troubles())
  end)

  it("ngx.exit cancels the calls of the request's tasks", function()
    start()
    assert.equal(204, (server:get "/leave"))
    seconds_until_closed(arrived(listener))
    assert.equal("", server:troubles())
  end)

  it("nothing remembers tasks whose request was dropped", function()
    start()
    local requests = {}
    for i = 1, 20 do requests[i] = server:send "/begin_sleep" end
    assert(place.wait(function()
      return select(2, server:get "/tasks") == "20\n"
    end))
    for i = 1, 20 do requests[i]:close() end
    assert(place.wait(function()
      return select(2, server:get "/tasks") == "0\n"
    end))
  end)

  it("a request that is dropped begins nothing more", function()
    start()
    local request = server:send "/collect"
    local connections = {}
    for i = 1, 3 do connections[i] = arrived(listener) end
    request:close()
    for i = 1, 3 do seconds_until_closed(connections[i]) end
    server:get "/content"
    assert.equal("3\n", (select(2, server:get "/begun")))
    assert.equal("", server:troubles())
  end)

  it("init and init_worker may call, and run tasks one by one", function()
    local body = [[
      local shared = require "shared"
      shared.tokens:get_token "to1"
      local ttls = shared.client:parallel({ 1, 2 }, function(item)
        return shared.tokens:get_token("to" .. item).ttl
      end)
      shared.sum = (shared.sum or 0) + ttls[1] + ttls[2]
    ]]
    start {
      http = "init_by_lua_block {" .. body .. "}\n"
        .. "init_worker_by_lua_block {" .. body .. "}",
      server = [[
        location = /sum {
          content_by_lua_block { ngx.say(require("shared").sum) }
        }
      ]],
    }
    assert.equal("28\n", (select(2, server:get "/sum")))
    assert.equal("7\n", (select(2, server:get "/content")))
    assert.equal("", server:troubles())
  end)

  it("init and init_worker run tasks to their end that yield", function()
    local body = [[
      local shared = require "shared"
      local task = shared.client:spawn(function()
        local rounds = 0
        for _ = 1, 2 do
          rounds = rounds + 1
          %s()
        end
        return rounds
      end)
      shared.sum = (shared.sum or 0) + task:await()
    ]]
    start {
      http = "init_by_lua_block {" .. body:format "coroutine.yield" .. "}\n"
        .. "init_worker_by_lua_block {"
        .. body:format "coroutine._yield" .. "}",
      server = [[
        location = /sum {
          content_by_lua_block { ngx.say(require("shared").sum) }
        }
      ]],
    }
    assert.equal("4\n", (select(2, server:get "/sum")))
    assert.equal("", server:troubles())
  end)

  it("a call works where every request has a Lua of its own", function()
    start { http = "lua_code_cache off;" }
    for _ = 1, 3 do
      assert.equal("7\n", (select(2, server:get "/content")))
    end
    assert.equal("", server:troubles "lua_code_cache is off")
  end)

  it("calls end although nginx has no timer left", function()
    start {
      http = "lua_max_running_timers 1;",
      server = [[
        location = /occupy {
          content_by_lua_block {
            ngx.timer.at(0, function() ngx.sleep(2) end)
          }
        }
      ]],
    }
    server:get "/occupy"
    local from = socket.gettime()
    assert.equal("7\n", (select(2, server:get "/content")))
    assert.is_true(socket.gettime() - from < patience(0.5))
    assert.equal("", server:troubles "lua_max_running_timers")
  end)

  describe("a variable of the environment", function()
    local location = [[
      location = /list {
        content_by_lua_block {
          local tokens = require("apivideo").new().upload_tokens
          ngx.say(require("shared").attempt(tokens.list, tokens))
        }
      }
    ]]

    it("is there when the configuration names it", function()
      start {
        main = "env APIVIDEO_API_KEY; env APIVIDEO_BASE_URL;",
        server = location,
      }
      assert.equal("done\n", (select(2, server:get "/list")))
    end)

    it("is hidden otherwise, and the error says so", function()
      start { main = "env APIVIDEO_BASE_URL;", server = location }
      local _, words = server:get "/list"
      assert.matches("; no api_key was given, nor is APIVIDEO_API_KEY set, "
        .. "which nginx hides unless nginx.conf says: env APIVIDEO_API_KEY;\n$",
        words)
    end)
  end)

  it("200 requests share one client and one worker", function()
    start()
    local requests = {}
    for i = 1, 200 do requests[i] = server:send "/content" end
    for i = 1, 200 do
      local status, body = nginx.receive(requests[i])
      assert.same({ 200, "7\n" }, { status, body })
    end
    assert.equal("", server:troubles())
  end)

  it("a reload loses no call that is in flight", function()
    start()
    local requests, connections = {}, {}
    for i = 1, 5 do requests[i] = server:send "/silent" end
    server:get "/silent_timer"
    for i = 1, 6 do connections[i] = arrived(listener) end
    server:reload()
    for i = 1, 6 do answer_page(connections[i]) end
    for i = 1, 5 do
      local status, words = nginx.receive(requests[i])
      assert.same({ 200, "done\n" }, { status, words })
    end
    assert(place.wait(function() return #server:workers() == 1 end),
      "the old worker stays")
    assert.matches("the timer's call: done", server.place:read "error.log")
    local _, body = server:get "/content"
    assert.equal("7\n", body)
    assert.equal("", server:troubles())
  end)

  it("a worker that is killed is followed by one that works", function()
    start()
    server:get "/content"
    local request = server:send "/silent"
    local connection = arrived(listener)
    local killed = server:workers()[1]
    server:signal("KILL", killed)
    seconds_until_closed(connection)
    assert(place.wait(function()
      local worker = server:workers()[1]
      return worker and worker ~= killed
    end), "no new worker came")
    request:close()
    local _, body = server:get "/content"
    assert.equal("7\n", body)
    assert.equal("", server:troubles "exited on signal 9")
  end)

  for _, signal in ipairs { "TERM", "QUIT" } do
    it("is told to stop by " .. signal .. " and leaves nothing", function()
      start()
      local request = server:send "/silent"
      local connection = arrived(listener)
      local master = server:master()
      server:signal(signal)
      if signal == "QUIT" then -- it serves those whom it has first
        assert.is_true(processes.is_alive(master))
        answer_page(connection)
        local _, words = nginx.receive(request)
        assert.equal("done\n", words)
      end
      assert(place.wait(function()
        return not processes.is_alive(master)
      end), "it goes on")
      assert.equal("", server:troubles())
    end)
  end

  it("a worker whose calls have ended does nothing", function()
    start()
    server:get "/content"
    local worker = server:workers()[1]
    assert(place.wait(function() -- some versions wake up once a second
      local before = nginx.switches(worker)
      socket.sleep(0.7)
      return nginx.switches(worker) == before
    end), "it never rests")
  end)
end)
