-- The code blocks of docs/ run, and print what their pages say; those marked
-- "ignore" do not.
--
-- A block of Lua is a script of its own. Those of the guide begin with its
-- first one. What stands behind "-->" is printed.
-- The blocks of a page for the shell run one after the other, in one shell
-- that begins in the checkout. A block of Lua that has the name of a file is
-- in that file. A block of text behind them is what they print.

local documented = require "spec.support.documented"
local markdown = require "spec.support.markdown"
local place = require "spec.support.place"
local service = require "spec.support.service"
local shell = require "spec.support.shell"

local ON_ONE = os.getenv "APIVIDEO_RUNTIME" == "lua5.4"
  and not os.getenv "APIVIDEO_GC"

local PAGES = {}
for path in shell.output "ls docs/*.md":gmatch "%S+" do
  PAGES[#PAGES + 1] = path
end

-- White space is one blank, so that tables may be aligned.
local function plain(text)
  return (text:gsub("%s+", " "))
end

-- Fails unless all are in the output, in their order; "…" is anything.
local function assert_printed(output, expected)
  local printed, from = plain(output), 1
  for _, text in ipairs(expected) do
    for piece in (plain(text) .. "…"):gmatch "(.-)…" do
      local _, last = printed:find(piece, from, true)
      assert.truthy(last, ("%s\nis not in\n%s"):format(text, output))
      from = last + 1
    end
  end
end

-- --- Lua ---------------------------------------------------------------------

local function assert_says(script)
  local output = documented.run(script .. '\nprint "the end"')
  local expected = {}
  for text in script:gmatch "%-%->%s*([^\n]+)" do
    expected[#expected + 1] = text
  end
  expected[#expected + 1] = "the end"
  assert_printed(output, expected)
end

-- The blocks of a page as scripts that run.
local function scripts(path)
  local found = markdown.blocks_of(markdown.read(path), "lua")
  if path == "docs/guide.md" then
    local first = table.remove(found, 1)
    for i, block in ipairs(found) do found[i] = first .. "\n" .. block end
  end
  return found
end

for _, path in ipairs(PAGES) do
  local found = scripts(path)
  if #found > 0 then
    describe(path, function()
      documented.use_folder()
      before_each(service.reset)

      for i, script in ipairs(found) do
        it("has a block that prints what it says: " .. i, function()
          assert_says(script)
        end)
      end
    end)
  end
end

-- --- a shell -----------------------------------------------------------------

if not ON_ONE then return end

-- Pages whose commands are run elsewhere, and where.
local ELSEWHERE = { ["docs/cli.md"] = "spec/cli_docs_spec.lua" }

-- Commands that open a shell: it takes the rest of the page.
local OPENS = "^%./run sandbox %-%- sh$"

-- What the shell gets of a page, and what it prints.
local function session(path)
  local first, lines, expected = nil, {}, {}
  local runs = false
  for _, block in ipairs(markdown.blocks(markdown.read(path))) do
    local name = block.info:match "^lua ([%w_]+%.lua)$"
    if block.info == "sh" and block.text:find(OPENS) then
      assert(#lines == 0, path .. " opens a shell after other commands")
      first = block.text
    elseif block.info == "sh" then
      lines[#lines + 1] = block.text
      runs = true
    elseif name then
      lines[#lines + 1] = ("cat >%s <<'END OF FILE'\n%s\nEND OF FILE"):format(
        name, block.text)
    elseif block.info == "text" and runs then
      expected[#expected + 1] = block.text
    else
      runs = false
    end
  end
  return first, table.concat(lines, "\n"), expected
end

for _, path in ipairs(PAGES) do
  local first, commands, expected = session(path)
  if commands ~= "" and not ELSEWHERE[path] then
    describe(path, function()
      before_each(service.reset)
      teardown(service.reset)

      it("has commands that print what it says", function()
        local here = place.new()
        finally(function() here:close() end)
        local script = here:write("session", commands .. "\necho the end\n")
        local output = shell.output(("TMPDIR=%s %s <%s 2>&1"):format(
          here.path, first or "sh", script))
        expected[#expected + 1] = "the end"
        assert_printed(output, expected)
        -- What the sandbox says to a control that is wrong.
        assert.falsy(output:find('{"error"', 1, true), output)
      end)
    end)
  end
end
