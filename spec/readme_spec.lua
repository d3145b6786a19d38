-- Every code block of README.md runs.

local documented = require "spec.support.documented"
local markdown = require "spec.support.markdown"
local service = require "spec.support.service"
local shell = require "spec.support.shell"

local README = markdown.read "README.md"

-- Commands that are not run here, and why.
local ELSEWHERE = {
  ["./run test"] = "runs this spec",
}

-- A home of its own for every block; and for luarocks, which leaves objects
-- beside the sources and in the folder it is in, a copy of these. Newer ones
-- call the home of root nobody's, unless it is named.
local SETUP = [[
set -eu
HOME=$(mktemp -d)
export HOME
trap 'rm -rf "$HOME"' EXIT
luarocks() (
  cp -R apivideo-scm-1.rockspec LICENSE bin lua src "$HOME"
  cd "$HOME"
  for word; do
    shift
    case $word in
      --local) set -- "$@" --tree "$HOME/.luarocks" ;;
      *) set -- "$@" "$word" ;;
    esac
  done
  command luarocks "$@"
)
]]

-- Runs a block, which must come to its end and print what it says.
local function assert_says(block)
  local output = documented.run(block .. '\nprint "the end"')
  assert.truthy(output:find "the end\n$", output)
  local printed = output:gsub("%s+", " ")
  for expected in block:gmatch "%-%->%s*([^\n]+)" do
    assert.truthy(printed:find(expected, 1, true), expected)
  end
end

describe("README", function()
  documented.use_folder()
  before_each(service.reset)

  it("has a first script that prints what it says", function()
    local output = documented.run(markdown.blocks_of(README, "lua")[1])
    assert.equal(markdown.blocks_of(README, "text")[1] .. "\n", output)
  end)

  it("has Lua blocks that run one after the other, and says what they print",
    function()
      assert_says(table.concat(markdown.blocks_of(README, "lua"), "\n"))
    end)

  for _, block in ipairs(markdown.blocks_of(README, "sh")) do
    if not ELSEWHERE[block] then
      it("has a command that runs: " .. block:gsub("\n.*", " …"), function()
        local script = os.tmpname()
        local file = assert(io.open(script, "w"))
        file:write(SETUP, block, "\n")
        file:close()
        local output, status = shell.run("sh " .. script)
        os.remove(script)
        assert.equal(0, status, output)
      end)
    end
  end
end)
