-- Every script of examples/ runs, and prints what stands at its end.

local files = require "spec.support.files"
local service = require "spec.support.service"

local LONGEST = 40 -- lines
local DEMO = "visited, each once +101.*left +0"
  .. ".*part 4 of 4 .*24 MiB\n.*film%.mp4, vi%w+\n.*Done%."

-- What is in the folder, but for the index.
local function entries()
  local pipe = assert(io.popen "ls examples")
  local names = {}
  for name in pipe:lines() do
    if name ~= "README.md" then names[#names + 1] = name end
  end
  pipe:close()
  return names
end

-- The pattern of a line that stands at a script's end: anything may be where
-- angle brackets are.
local function pattern_of(line)
  local pattern = line:gsub("%p", "%%%0"):gsub("%%<[^>]*%%>", ".+")
  return "^" .. pattern .. "$"
end

local function shown_in(script)
  local lines = {}
  for line in script:gmatch "\n%-%-> ([^\n]*)" do lines[#lines + 1] = line end
  return lines
end

-- The lines that were printed; columns are apart by one space.
local function printed_in(output)
  local lines = {}
  for line in output:gmatch "([^\n]*)\n" do
    lines[#lines + 1] = line:gsub("\t", " ")
  end
  return lines
end

describe("examples", function()
  local film = os.tmpname()

  setup(function()
    local file = assert(io.open(film, "w"))
    file:write "a film"
    file:close()
  end)

  before_each(service.reset)

  teardown(function() os.remove(film) end)

  for _, name in ipairs(entries()) do
    local script = name:find "%.lua$" and files.read("examples/" .. name)

    if name == "demo.lua" then
      it("demo.lua shows what it should", function()
        local output = service.run("", script)
        assert.truthy(output:find(DEMO), output)
      end)
    elseif script then
      it(name .. " prints what stands at its end", function()
        local output = service.run("", script, film)
        local printed, shown = printed_in(output), shown_in(script)
        assert.is_true(#shown > 0)
        assert.equal(#shown, #printed, output)
        for i, line in ipairs(shown) do
          assert.matches(pattern_of(line), printed[i])
        end
      end)

      it(name .. " fits on a screen", function()
        local _, lines = script:gsub("\n", "\n")
        assert.is_true(lines <= LONGEST, lines .. " lines")
      end)
    end
  end

  it("are all in the index, and nothing else is", function()
    local listed = {}
    for name in files.read "examples/README.md":gmatch "%]%(([^)]+)%)" do
      listed[#listed + 1] = name
    end
    table.sort(listed)
    local there = entries()
    table.sort(there)
    assert.same(there, listed)
  end)
end)
