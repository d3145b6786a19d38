-- Hosts that forbid their programs to read globals that nobody declared, as
-- strict.lua and pl.strict do; each in a process of its own.

local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

-- What a host does, before the library is loaded and after.
local FORBID = [[
  local function forbid()
    setmetatable(_G, {
      __index = function(_, name) error("undeclared: " .. tostring(name), 2) end,
      __newindex = function(_, name) error("undeclared: " .. tostring(name), 2) end,
    })
  end
]]

local USE = ([[
  local client = apivideo.new { base_url = "%s", api_key = "%s", driver = DRIVER }
  local tokens = client.upload_tokens
  local token
  local function work()
    token = tokens:create_token { ttl = 600 }
    local next_token = tokens:iterate()
    assert(next_token().token == token.token)
    client:parallel({ 1, 2 }, function() return tokens:get_token(token.token) end)
    client.videos:upload_with_upload_token(token.token, { data = "x" })
    local session = client.videos:progressive_upload(token.token)
    assert(session:upload_part "x")
    session:upload_last_part()
    client:sleep(0.001)
    apivideo.epoch(token.created_at)
  end
  local task = client:spawn(work)
  client:run()
  task:await()
  client:spawn(error, "nobody awaits this")
  for _, auth in ipairs { "basic", "bearer" } do
    local other = apivideo.new { base_url = "%s", api_key = "wrong", auth = auth, log = function() end,
      driver = DRIVER }
    local failing = other:spawn(function() other.upload_tokens:list() end)
    other:run()
    local ok, err = pcall(failing.await, failing)
    print(ok, apivideo.is_error(err) and err.kind)
    other:close()
  end
  local ok, message = pcall(apivideo.new, { tiemout = 5 })
  print(ok, message:match 'did you mean "timeout"')
  collectgarbage()
  collectgarbage()
  client:close()
]]):format(service.url, service.key, service.url)

local WANTED = 'false\tunauthorized\nfalse\tunauthorized\nfalse\tdid you mean "timeout"\n'

describe("the library", function()
  before_each(service.reset)

  for _, name in ipairs { "apivideo", "apivideo.all" } do
    for _, driver in ipairs { "block", "step" } do
      for _, when in ipairs { "before", "after" } do
        it(("works where undeclared globals are forbidden %s it is loaded: %s, %s"):format(when, name,
          driver), function()
          local output = service.run("", ("local DRIVER = %q\n"):format(driver) .. FORBID
            .. (when == "before" and "forbid()\n" or "")
            .. ("local apivideo = require %q\n"):format(name)
            .. (when == "after" and "forbid()\n" or "") .. USE)
          local said, rest = output:match "^(apivideo: a task failed, and nobody awaited it: nobody awaits this\n)(.*)$"
          if not said then
            local at = output:find("apivideo: a task failed", 1, true)
            assert.truthy(at, output)
            rest = output:sub(1, at - 1)
          end
          assert.truthy(rest:find(WANTED, 1, true) or output:find(WANTED, 1, true), output)
          assert.is_nil(output:find("undeclared", 1, true), output)
        end)
      end
    end
  end

  it("loads without debug, io and os", function()
    local output = service.run("", FORBID .. ([[
      debug, io, os = nil, nil, nil
      forbid()
      local apivideo = require "apivideo"
      local client = apivideo.new { base_url = "%s", api_key = "%s", driver = "block" }
      local task = client:spawn(function() return client.upload_tokens:create_token({ ttl = 5 }).ttl end)
      print(task:await())
      print((pcall(client.upload_tokens.get_token, client.upload_tokens, "?")))
      client:spawn(error, "nobody awaits this")
      client:close()
    ]]):format(service.url, service.key))
    assert.equal("5\nfalse\n", output)
  end)

  it("tells nobody of what nobody awaits where stderr is gone", function()
    assert.equal("closed\n", service.run("", ([[
      local client = require("apivideo").new { base_url = "%s", api_key = "%s", driver = "block" }
      io.stderr = nil
      client:spawn(error, "nobody awaits this")
      client:run()
      client:close()
      print "closed"
    ]]):format(service.url, service.key)))
  end)

  for _, when in ipairs { "before", "after" } do
    it("uploads a file and keeps its state where io is gone, " .. when .. " it is loaded", function()
      local path = uploads.file("hosts.bin", uploads.data(2 * uploads.PART))
      local gone = "debug, io = nil, nil\n"
      local output = service.run("env APIVIDEO_LOG=debug", (when == "before" and gone or "") .. ([[
        local apivideo = require "apivideo"
        local client = apivideo.new { base_url = "%s", api_key = "%s" }
      ]]):format(service.url, service.key) .. (when == "after" and gone or "") .. ([[
        local token = client.upload_tokens:create_token().token
        local states = 0
        local video = client.videos:upload_with_upload_token(token, %q, { chunk_size = %d,
          on_state = function() states = states + 1 end })
        print(type(video.video_id), states)
      ]]):format(path, uploads.PART))
      assert.truthy(output:find("string\t2\n", 1, true), output)
    end)
  end
end)

