-- What a page links to is there: in README, docs/ and the examples.

if os.getenv "APIVIDEO_RUNTIME" ~= "lua5.4" or os.getenv "APIVIDEO_GC" then
  return
end

local markdown = require "spec.support.markdown"
local shell = require "spec.support.shell"

local PAGES = shell.lines [[
  ls README.md CHANGELOG.md docs/*.md examples/README.md examples/*/README.md]]

-- "docs/../examples" is "examples".
local function normal(path)
  local count
  repeat
    path, count = path:gsub("[^/]+/%.%./", "", 1)
  until count == 0
  return path
end

-- What a link of a page leads to: a path and perhaps an anchor.
local function resolve(page, target)
  local path, anchor = target:match "^([^#]*)#?(.*)$"
  if path == "" then return page, anchor end
  return normal(page:match "^(.-)[^/]*$" .. path), anchor
end

local function is_there(path)
  return #shell.lines(("ls -d '%s' 2>/dev/null"):format(path)) == 1
end

-- Calls a function with each link to something of ours.
local function each_link(page, visit)
  for _, target in ipairs(markdown.links(markdown.read(page))) do
    if not target:find "^%a+:" then visit(target, resolve(page, target)) end
  end
end

describe("the pages", function()
  for _, page in ipairs(PAGES) do
    it("link to what is there: " .. page, function()
      each_link(page, function(target, path, anchor)
        assert.truthy(is_there(path), target)
        if anchor ~= "" then
          local anchors = markdown.anchors(markdown.read(path))
          assert.truthy(anchors[anchor], target)
        end
      end)
    end)
  end

  it("say in words what their pictures show, and the pictures are light", function()
    local shown = {}
    for _, page in ipairs(PAGES) do
      for words, target in markdown.prose(markdown.read(page)):gmatch "!%[([^%]]*)%]%(([^)]+)%)" do
        local path = resolve(page, target)
        assert.is_true(#words >= 40, page .. ": " .. words)
        assert.is_true(#markdown.read(path) < 60 * 1024, path)
        shown[path] = true
      end
    end
    for _, path in ipairs(shell.lines "ls docs/pictures/*") do
      assert.truthy(shown[path], path)
    end
  end)

  it("link outside over https only", function()
    for _, page in ipairs(PAGES) do
      for _, target in ipairs(markdown.links(markdown.read(page))) do
        local scheme = target:match "^(%a+):"
        assert.truthy(scheme == nil or scheme == "https", target)
      end
    end
  end)

  it("can all be reached from README", function()
    local reached, left = { ["README.md"] = true }, { "README.md" }
    while left[1] do
      each_link(table.remove(left), function(_, path)
        local is_new = path:find "%.md$" and not reached[path]
        if is_new and is_there(path) then
          reached[path] = true
          left[#left + 1] = path
        end
      end)
    end
    for _, page in ipairs(PAGES) do
      assert.truthy(reached[page] or page == "CHANGELOG.md", page)
    end
  end)

  it("name files that there are, in the design's map of promises", function()
    local map = markdown.section(markdown.read "docs/design.md", "Where things are")
    local count = 0
    for line in map:gmatch "[^\n]+" do
      local files = line:match "^|.*|([^|]*)|$"
      for path in (files or ""):gmatch "`([%w_/]+%.[cl]u?a?)`" do
        if not path:find "^src/" then path = "lua/apivideo/" .. path end
        assert.truthy(is_there(path), path)
        count = count + 1
      end
    end
    assert.is_true(count >= 20)
  end)

  it("are in the site's list, those of docs/ all of them", function()
    local listed = markdown.read "docs/site/mkdocs.yml"
    for _, page in ipairs(shell.lines "ls docs/*.md") do
      assert.truthy(listed:find(": " .. page .. "\n", 1, true), page)
    end
  end)
end)
