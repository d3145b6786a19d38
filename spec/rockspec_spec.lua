-- The rockspec names every file there is, and what luarocks installs by it
-- works elsewhere.

local needs = require "spec.support.needs"
local service = require "spec.support.service"
local shell = require "spec.support.shell"

local ROCKSPEC = "apivideo-scm-1.rockspec"

local function files(pattern)
  local found = {}
  for path in shell.must("find " .. pattern):gmatch "[^\n]+" do
    found[#found + 1] = path
  end
  table.sort(found)
  return found
end

-- The globals that the rockspec sets.
local function read_rockspec()
  local globals = {}
  if setfenv then -- luacheck: ignore 113
    setfenv(assert(loadfile(ROCKSPEC)), globals)() -- luacheck: ignore 113
  else
    assert(loadfile(ROCKSPEC, "t", globals))()
  end
  return globals
end

describe("the rockspec", function()
  local modules = read_rockspec().build.modules

  it("names every Lua file by the module that it is", function()
    local expected = {}
    for _, path in ipairs(files "lua -name '*.lua'") do
      local name = path:gsub("^lua/", ""):gsub("%.lua$", "")
      name = name:gsub("/init$", ""):gsub("/", ".")
      expected[name] = path
    end
    local listed = {}
    for name, module in pairs(modules) do
      if type(module) == "string" then listed[name] = module end
    end
    assert.same(expected, listed)
  end)

  it("names every C file", function()
    local listed = {}
    for _, path in ipairs(modules["apivideo.core"].sources) do
      listed[#listed + 1] = path
    end
    table.sort(listed)
    assert.same(files "src -name '*.c'", listed)
  end)
end)

-- Where a runtime's rocks are, by its version of Lua. The others would only
-- show the same again, as would a run that collects all the time.
local VERSIONS = { ["lua5.4"] = "5.4", ["lua5.1"] = "5.1", luajit = "5.1" }
local runtime = os.getenv "APIVIDEO_RUNTIME"
local version = VERSIONS[runtime]
if not version or os.getenv "APIVIDEO_GC" then return end

local USE = [[
local tokens = require("apivideo").new().upload_tokens
local made = tokens:create_token { ttl = 60 }
print(tokens:get_token(made.token).token == made.token)
]]

describe("what luarocks installs", function()
  local it = needs.it "luarocks"
  local directory, tree, module

  -- luarocks leaves objects beside the sources, so it gets a copy of them.
  lazy_setup(function()
    directory = shell.must("mktemp -d"):gsub("\n", "")
    tree = directory .. "/tree"
    module = ("%s/lib/lua/%s/apivideo/core.so"):format(tree, version)
    local copy = directory .. "/copy"
    shell.must(([[
      mkdir '%s' && cp -R bin src lua LICENSE %s '%s' && cd '%s' &&
      find . -name '*.o' -exec rm {} + &&
      env -u LUA_PATH -u LUA_CPATH luarocks --lua-version %s make \
        --deps-mode none --tree '%s' %s]]):format(
      copy, ROCKSPEC, copy, copy, version, tree, ROCKSPEC))
  end)

  lazy_teardown(function()
    shell.must("rm -rf '" .. directory .. "'")
  end)

  it("works outside of the checkout", function()
    service.reset()
    local path = ("%s/share/lua/%s"):format(tree, version)
    local file = assert(io.open(directory .. "/use.lua", "w"))
    file:write(USE)
    file:close()
    local output = shell.must(([[cd '%s' &&
      LUA_PATH='%s/?.lua;%s/?/init.lua' \
      LUA_CPATH='%s/lib/lua/%s/?.so;;' %s use.lua]]):format(
      directory, path, path, tree, version, runtime))
    assert.equal("true\n", output)
  end)

  -- In a tree of the user's, `--local`, it finds the rest by itself.
  it("has the command line", function()
    local path = ("%s/share/lua/%s"):format(tree, version)
    local output = shell.must(([[cd '%s' &&
      LUA_PATH='%s/?.lua;%s/?/init.lua;;' \
      LUA_CPATH='%s/lib/lua/%s/?.so;;' '%s/bin/apivideo' --version]]):format(
      directory, path, path, tree, version, tree))
    assert.equal("apivideo 0.1.0\n", output)
  end)

  it("exports one symbol", function()
    local symbols = shell.must("nm -D --defined-only '" .. module .. "'")
    assert.matches("^%x+ T luaopen_apivideo_core\n$", symbols)
  end)
end)
