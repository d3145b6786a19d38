-- What is loaded when, on every runtime; each in a process of its own, since a
-- module is loaded once.

local service = require "spec.support.service"

-- Names of the library's modules that are loaded.
local LOADED = [[
  local names = {}
  for name in pairs(package.loaded) do
    if name:find "^apivideo" then names[#names + 1] = name end
  end
  table.sort(names)
  print(table.concat(names, "\n"))
]]

-- What the processes begin with; the sandbox has one token.
local CLIENT = ([[
  local apivideo = require "apivideo"
  local client = apivideo.new {
    base_url = "%s", api_key = "%s", driver = "block",
  }
  local tokens = client.upload_tokens
  local function count()
    local counted = 0
    for _ in tokens:iterate() do counted = counted + 1 end
    return counted
  end
]]):format(service.url, service.key)

local function run(script)
  return service.run("env -u APIVIDEO_LOG", CLIENT .. script)
end

-- Lines of the library's files that name a module for later.
local function named_for_later()
  local names = {}
  local pipe = assert(io.popen "grep -rhE 'lazy \"[a-z_.]+\"$' lua")
  for line in pipe:lines() do names[#names + 1] = line:match '"(.-)"' end
  pipe:close()
  assert(#names > 5, "few were found")
  return names
end

describe("a program", function()
  before_each(function()
    service.reset()
    service.make_tokens(1, 3600)
  end)

  it("loads for plain calls what they need, and no more", function()
    local output = run([[
      local token = tokens:create_token().token
      tokens:get_token(token)
      tokens:list()
      tokens:delete_token(token)
    ]] .. LOADED)
    assert.equal(table.concat({
      "apivideo",
      "apivideo.call.caller",
      "apivideo.client",
      "apivideo.core",
      "apivideo.driver.auto",
      "apivideo.driver.block",
      "apivideo.options",
      "apivideo.sched.current",
      "apivideo.tokens",
      "apivideo.util.call_options",
      "apivideo.util.host",
      "apivideo.util.lazy",
      "apivideo.util.misuse",
      "apivideo.videos",
    }, "\n") .. "\n", output)
  end)

  it("needs no files any more to make a client and plain calls", function()
    assert.equal("60\tnil\tnot_found\tclosed\n", service.run("env -u APIVIDEO_LOG", ([[
      local apivideo = require "apivideo"
      package.path, package.cpath = "nowhere/?.lua", "nowhere/?.so"
      local client = apivideo.new { base_url = "%s", api_key = "%s" }
      local tokens = client.upload_tokens
      local function kind_of(...) return select(2, pcall(...)).kind end
      local made = tokens:create_token { ttl = 60 }
      tokens:list()
      tokens:delete_token(made.token)
      local gone = kind_of(tokens.get_token, tokens, made.token)
      local idle = client:timeout()
      client:close()
      print(made.ttl, idle, gone, kind_of(tokens.list, tokens))
    ]]):format(service.url, service.key)))
  end)

  it("loads nothing later after apivideo.all", function()
    local output = service.run("", [[
      local apivideo = require "apivideo.all"
      assert(apivideo == require "apivideo")
    ]] .. LOADED)
    for _, name in ipairs(named_for_later()) do
      assert.truthy(output:find(name .. "\n", 1, true), name)
    end
  end)
end)

describe("what is loaded later", function()
  before_each(function()
    service.reset()
    service.make_tokens(1, 3600)
  end)

  it("is loaded once", function()
    assert.equal("1\t1\n", run [[
      count()
      package.loaded["apivideo.tokens.iterate"] = nil
      package.preload["apivideo.tokens.iterate"] = error
      print(count(), count())
    ]])
  end)

  it("can be loaded after it has failed, with what it needs itself", function()
    assert.equal("false\tno\n1\n", run [[
      package.preload["apivideo.tokens.walk_newest"] = function() error("no", 0) end
      print(pcall(count))
      package.preload["apivideo.tokens.walk_newest"] = nil
      print(count())
    ]])
  end)

  it("is no misuse where it fails: a driver that everybody has", function()
    local output = service.run("env -u APIVIDEO_LOG", [[
      local name, failure = "apivideo.driver.step", {}
      package.preload[name] = function() error(failure, 0) end
      local options = { driver = "step" }
      local _, problem = pcall(require "apivideo".new, options)
      package.preload[name] = nil
      print(problem == failure or problem, require "apivideo".new(options))
    ]])
    assert.matches("^true\tapivideo.client", output)
  end)

  it("says what kept it from being read, where descriptors lack", function()
    local output = service.run("sh -c 'ulimit -n 30; exec \"$@\"' sh env -u APIVIDEO_LOG", CLIENT .. [[
      local files = {}
      repeat
        local file = io.open "/dev/null"
        files[#files + 1] = file
      until not file
      local ok, problem = pcall(count)
      print(ok, problem)
    ]])
    assert.matches("module 'apivideo[%w._]+' cannot be loaded: [^\n]+: Too many open files\n", output)
    assert.is_nil(output:find("no file", 1, true))
  end)

  it("can be interrupted anywhere", function()
    assert.equal("true\t1\n", run [[
      if jit then jit.off() end -- compiled code calls no hooks
      local instructions, interruptions = 0, 0
      local function interrupt()
        debug.sethook()
        error("interrupted", 0)
      end
      local function begin_walk()
        debug.sethook(interrupt, "", instructions)
        tokens:iterate()
        debug.sethook()
      end
      repeat
        instructions = instructions + 1
        local begun, why = pcall(begin_walk)
        assert(begun or why == "interrupted", why)
        if not begun then interruptions = interruptions + 1 end
      until begun
      print(interruptions > 30, count())
    ]])
  end)

  -- luv only in that process: it bears being loaded once.
  for _, driver in ipairs { "step", "luv" } do
    it("is loaded with the first client of driver " .. driver, function()
      assert.equal("true\t3600\n", run(([[
        local has_luv = pcall(require, "luv")
        apivideo.new { driver = has_luv and "%s" or "step" }
        package.path = "nowhere/?.lua"
        print(package.loaded["apivideo.tokens.iterate"] ~= nil,
          tokens:iterate()().ttl)
      ]]):format(driver)))
    end)
  end

  it("is loaded with a client whose every call needs it", function()
    for _, option in ipairs { "log = function() end", 'auth = "bearer"' } do
      assert.equal("1\n", run(([[
        local talks = apivideo.new {
          base_url = "%s", api_key = "%s", driver = "block", %s
        }
        package.path = "nowhere/?.lua"
        print(#talks.upload_tokens:list().data)
      ]]):format(service.url, service.key, option)))
    end
  end)

  it("is loaded with an upload whose pieces come later", function()
    assert.equal("3\n", run [[
      local token = tokens:create_token().token
      local session = client.videos:progressive_upload(token)
      package.path = "nowhere/?.lua"
      session:upload_part "ab"
      session:upload_last_part "c"
      print(session.uploaded_bytes)
    ]])
  end)

  it("is loaded inside a coroutine", function()
    assert.equal("1\n", run [[
      print(coroutine.wrap(count)())
    ]])
  end)

  it("is loaded inside a task", function()
    assert.equal("3600\n", run [[
      local task = client:spawn(function()
        return tokens:iterate()().ttl -- Lua 5.1 cannot wait inside a loop's head
      end)
      print(task:await())
    ]])
  end)

  it("does not stand between misuse and its line", function()
    assert.matches("^%S+:%d+: bad argument #1 to 'epoch'", run [[
      print(select(2, pcall(function() apivideo.epoch(5) end)))
    ]])
  end)
end)
