-- The name of the service takes long to be looked up: whoever does not want to
-- wait for that does not.

local place = require "spec.support.place"
local service = require "spec.support.service"

-- It takes a program to be run; sanitizers insist on being loaded first.
if os.getenv "APIVIDEO_RUNTIME" ~= "lua5.4" or os.getenv "APIVIDEO_PRELOAD" then
  return
end

local here, library

-- What a script prints. A lookup takes 1.2 s; `server` is what the name leads
-- to, `pace` says how long something took at most.
local function run(script, variable)
  return service.run(
    ("env LD_PRELOAD='%s' SLOW_LOOKUP=1.2 %s"):format(library, variable or ""), [[
      local core = require "apivideo.core"
      local sleep = require("socket").sleep
      local server = require "spec.support.cut".new "HTTP/1.1 404 No\r\n\r\n"
      local function new(options)
        options.base_url = "https://name.slow:" .. server.port
        options.driver, options.proxy = "step", ""
        return require "apivideo.safe".new(options)
      end
      local function is_brief(work, ...)
        local begun = core.now()
        work(...)
        return core.now() - begun < 0.5
      end
      -- Moves the client that long; whether no step took long.
      local function move(client, seconds)
        local over, brief = core.now() + seconds, true
        while core.now() < over do
          brief = is_brief(client.step, client, 0.01) and brief
          server:serve()
          sleep(0.002) -- a step without calls does not wait
        end
        return brief
      end
      local STARTS = {
        get_token = function(client)
          return client.core:start("get_token", "to1tcmSFHeYY5KzyhOqVKMKb")
        end,
        create_token = function(client)
          return client.core:start("create_token", {})
        end,
        upload = function(client)
          return client.core:start("upload_with_upload_token", "to1tcmSFHeYY5KzyhOqVKMKb", {
            source = "0123456789", offset = 0, size = 10, file_name = "a.mp4",
          })
        end,
      }
      local function end_of(call) return select(2, pcall(call.result, call)).kind end
    ]] .. script)
end

lazy_setup(function()
  here = place.new()
  library = here:file "slow_lookups.so"
  here:run(("cc -shared -fPIC -o '%s' '%s/spec/support/slow_lookups.c' -ldl"):format(
    library, os.getenv "PWD"))
end)

lazy_teardown(function() here:close() end)

describe("the lookup of a name", function()
  for _, operation in ipairs { "get_token", "create_token", "upload" } do
    for _, watched in ipairs { "", "client:fd()" } do
      local title = operation .. (watched ~= "" and ", watched" or "")

      it("holds nobody up who gave it up after connect_timeout: " .. title, function()
        assert.equal("timeout\ttrue\t1\tfalse\ttrue\ttrue\t0\n", run(([[
          local client = new { connect_timeout = 0.2, retries = 0, timeout = 9 }
          %s
          local call = STARTS.%s(client)
          local brief = move(client, 0.7)
          local kind, err = end_of(call), select(2, pcall(call.result, call))
          local again = STARTS.%s(client)
          brief = move(client, 0.8) and brief
          print(kind, call:done(), again:done() and 1, err.ambiguous,
            brief, is_brief(client.close, client), #server.heard)
        ]]):format(watched, operation, operation)))
      end)
    end
  end

  it("holds nobody up who gave it up otherwise", function()
    assert.equal("true\ttrue\ttrue\ttrue\n", run [[
      local client = new { connect_timeout = 5, retries = 0, timeout = 0.2 }
      local late, dropped = STARTS.get_token(client), STARTS.get_token(client)
      local brief = move(client, 0.1)
      local cancelled = is_brief(dropped.cancel, dropped)
      brief = move(client, 0.5) and brief
      STARTS.get_token(client)
      move(client, 0.1)
      print(brief, cancelled, late:done(), is_brief(client.close, client))
    ]])
  end)

  it("ends, where libcurl waits for it, behind a client that is closed", function()
    assert.equal("true\n", run([[
      local brief = true
      for _ = 1, 8 do
        local client = new {}
        client:fd()
        STARTS.get_token(client)
        move(client, 0.02)
        brief = is_brief(client.close, client) and brief
      end
      collectgarbage()
      sleep(1.5)
      print(brief)
    ]], "OLD_LIBCURL=1"))
  end)

  it("is waited for within connect_timeout", function()
    assert.equal("tls\n", run [[
      local client = new { connect_timeout = 5, retries = 0 }
      local call = STARTS.get_token(client)
      while not call:done() do move(client, 0.1) end
      print(end_of(call))
    ]])
  end)
end)

-- Whatever the connection is waited for.
describe("connect_timeout", function()
  it("is over in a handshake that hangs, however long the lookup took", function()
    assert.equal("timeout\ttrue\n", run [[
      local listener = require("socket").bind("127.0.0.1", 0)
      local client = require "apivideo.safe".new {
        base_url = "https://localhost:" .. select(2, listener:getsockname()),
        driver = "step", connect_timeout = 0.3, retries = 0, proxy = "",
      }
      local call = STARTS.create_token(client)
      local brief = move(client, 0.8)
      print(call:done() and end_of(call), brief)
    ]])
  end)

  it("is of each attempt", function()
    assert.equal("timeout\t2\n", run [[
      local client = new { connect_timeout = 0.2, retries = 1 }
      local call = STARTS.create_token(client)
      while not call:done() do move(client, 0.1) end
      print(end_of(call), select(2, pcall(call.result, call)).attempts)
    ]])
  end)
end)
