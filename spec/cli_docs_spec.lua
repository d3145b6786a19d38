-- docs/cli.md has every command and option, and its commands run.

local cli = require "spec.support.cli"
local literals = require "spec.support.literals"
local messages = require "spec.support.messages"
local service = require "spec.support.service"

if not cli.tested then return end

local file = assert(io.open "docs/cli.md")
local PAGE = file:read "*a"
file:close()

-- Files whose texts are no messages: help, tables and questions, patterns,
-- scripts of shells.
local function is_quiet(path)
  if path:find("/completion/", 1, true) then return true end
  for _, name in ipairs { "arguments", "token", "token_rows", "purge", "progress_bar" } do
    if path:find("/" .. name .. ".lua", 1, true) then return true end
  end
  return false
end

-- Nor are these: all is well, or cannot be known; what a shell or a pattern is.
local QUIET = {}
for _, text in ipairs {
  'IFS= read -r line && printf "%s\\n" "$line"', "no HTTP/2", "none: libcurl asks the system",
  "the name has an address", "it is open", "the certificate is trusted", "not reached",
  "not used: the service is on this machine", "not checked: see ", "right, within a minute",
  "the proxy looks the name up", "the answer has no date", "the proxy wants a user name", "it is accepted",
  "bad argument #%d+ to '[%w_]+' %((.*)%)$", "%s is video %s",
} do
  QUIET[text] = true
end

-- The lines of a command's help that list commands, or nil.
local function commands_in(help)
  local list = {}
  for name in ((help .. "\n"):match "\nCommands:\n(.-)\n\n" or ""):gmatch "\n?   (%l+) +%u" do
    list[#list + 1] = name
  end
  return list
end

-- The part of the page that is about a command, or else all of it.
local function section(command)
  return PAGE:match("\n### " .. command .. "\n(.-)\n##") or PAGE
end

local function assert_documented(command, help)
  local common = PAGE:match "\n## Commands\n(.-)\n###"
  for option in (help:match "\nOptions:\n(.*)" or ""):gmatch "\n   [^\n]-(%-%-[%l-]+)" do
    local there = (section(command) .. common):find("[` ]" .. option:gsub("%-", "%%-") .. "[ `]")
    assert.truthy(there, ("%s %s is not in docs/cli.md"):format(command, option))
  end
end

describe("docs/cli.md", function()
  setup(service.reset)

  it("has every command and option", function()
    local count = 0
    local function look_at(command)
      local help = cli.run(command .. " --help")
      assert_documented(command, "\n" .. help)
      local commands = commands_in(help)
      for _, name in ipairs(commands) do look_at((command .. " " .. name):gsub("^ ", "")) end
      if #commands == 0 then
        count = count + 1
        assert.truthy(PAGE:find("`apivideo " .. command, 1, true), command)
      end
    end
    look_at ""
    assert.equal(8, count)
  end)

  it("has every message", function()
    local all = PAGE:gsub("<[^<>\n]*>", "\1")
    local missing = {}
    for path in assert(io.popen "find lua/apivideo/cli -name '*.lua'"):lines() do
      for _, text in ipairs(is_quiet(path) and {} or literals.read(path)) do
        for _, piece in ipairs(QUIET[text] and {} or messages.pieces(text)) do
          if not all:find(piece, 1, true) then missing[#missing + 1] = path .. ": " .. text end
        end
      end
    end
    assert.equal("", table.concat(missing, "\n"))
  end)

  it("has commands that run, one after the other", function()
    cli.file("movie.mp4", ("movie."):rep(2 * 2^20))
    local script = {}
    for block in PAGE:gmatch "\n```sh\n(.-)\n```" do script[#script + 1] = block end
    assert.is_true(#script > 5)
    local _, errors, status = cli.shell("set -e\n" .. table.concat(script, "\n"))
    assert.equal("", errors)
    assert.equal(0, status)
  end)
end)
