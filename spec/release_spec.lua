-- What a release is made of can be made: the versions agree, the rockspec names
-- the archive, and the manual page says all that --help says.

local apivideo = require "apivideo"
local cli = require "spec.support.cli"
local place = require "spec.support.place"
local service = require "spec.support.service"
local shell = require "spec.support.shell"

if not cli.tested then return end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

describe("the version", function()
  it("is the same in the core, in Lua and on top of CHANGELOG.md", function()
    local core = read("src/core/types.h"):match '#define APV_VERSION "(.-)"'
    assert.equal(core, apivideo._VERSION)
    assert.equal(core, (read("CHANGELOG.md"):match "\n## ([%d.]+)"))
  end)
end)

describe("the rockspec of a release", function()
  local function globals_of(text)
    local globals = {}
    assert(load(text, "rockspec", "t", globals))()
    return globals
  end

  it("is that of the checkout, but for its version and its archive", function()
    local released = globals_of(output_of "root=.; . run.d/release.sh; release_rockspec 1.2.3 abc")
    assert.equal("1.2.3-1", released.version)
    assert.same({ url = "file://apivideo-1.2.3.tar.gz", md5 = "abc" }, released.source)
    local expected = globals_of(read "apivideo-scm-1.rockspec")
    expected.version, expected.source = released.version, released.source
    assert.same(expected, released)
  end)

  it("says where the archive is to be had", function()
    local released = globals_of(
      output_of "RELEASE_URL=https://example.org/a; root=.; . run.d/release.sh; release_rockspec 1.2.3 abc")
    assert.equal("https://example.org/a/apivideo-1.2.3.tar.gz", released.source.url)
  end)
end)

describe("the zip for Windows", function()
  local function date_in(root)
    return output_of(("root=%s; . run.d/windows-zip.sh; windows_date"):format(shell.quote(root)))
  end

  it("is as old as what was committed, or as the archive that it is made from", function()
    local here = place.new()
    here:run [[
      git init -q
      GIT_COMMITTER_DATE='1600000000 +0000' git -c user.name=a -c user.email=a@b commit -q --allow-empty -m a
      mkdir archive
      touch -d @1700000000 archive/LICENSE]]
    assert.equal("1600000000\n", date_in(here.path))
    assert.equal("1700000000\n", date_in(here:file "archive"))
    here:close()
  end)
end)

-- One space between words.
local function words(text)
  return (text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))
end

-- What a reader of a page in troff sees.
local function shown(page)
  local text = ("\n" .. page):gsub("\n%.[BS][SH]? ", "\n"):gsub("\n%.[%u%l][^\n]*", "")
  return words((text:gsub("\\%-", "-"):gsub("\\&", ""):gsub("\\e", "\\")))
end

describe("the manual page", function()
  local page

  setup(function()
    page = shown(output_of(service.interpreter() .. " packaging/man.lua"))
  end)

  local function assert_says(help)
    for block in (help .. "\n"):gmatch "(.-)\n\n" do
      local heading, text = block:match "^(%u%l+):%s+(.*)$"
      -- Each command has a section of its own.
      if heading ~= "Commands" then
        assert.truthy(page:find(words(text or block), 1, true), block)
      end
    end
  end

  -- Looks at a command, and at those below it. → how many there are
  local function look_at(command)
    local help = cli.run(command .. " --help")
    assert_says(help)
    local count = 1
    for name in ((help .. "\n"):match "\nCommands:\n(.-)\n\n" or ""):gmatch "\n?   (%l+) +%u" do
      count = count + look_at(command .. " " .. name)
    end
    return count
  end

  it("has every word of every command's --help", function()
    assert.is_true(look_at "" >= 10)
  end)
end)
