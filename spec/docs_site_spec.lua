-- The site that docs/site/build makes of the pages, as somebody with a browser
-- meets it: from a server, and from the files alone.

-- A browser is slow, and the same beside every runtime.
if os.getenv "APIVIDEO_RUNTIME" ~= "luajit" then return end
if os.getenv "APIVIDEO_GC" or os.getenv "APIVIDEO_PRELOAD" then return end

local browser = require "spec.support.browser"
local needs = require "spec.support.needs"
local place = require "spec.support.place"
local shell = require "spec.support.shell"

local it = needs.it("mkdocs", "chromium", "chromedriver")

local SITE = shell.root .. "/build/docs"
local PICTURES = os.getenv "APIVIDEO_BUILD" .. "/page"
local WIDE, NARROW = { 1280, 900 }, { 360, 740 }

-- Keys, as WebDriver has them.
local ENTER, ESCAPE = "\238\128\135", "\238\128\140"

describe("the site of the documentation", function()
  local here, page, pages, served

  lazy_setup(function()
    local built = shell.lines "docs/site/build 2>&1 && echo it is built"
    assert.same({ "it is built" }, built)
    pages = shell.lines("cd '" .. SITE .. "' && ls *.html docs/*.html")
    here = place.new()
    local port = place.free_port()
    here:serve(port, "server.log", "python3", "-m", "http.server",
      "--bind", "127.0.0.1", "--directory", SITE, tostring(port))
    served = ("http://127.0.0.1:%d/"):format(port)
    page = browser.start()
    os.execute("mkdir -p '" .. PICTURES .. "'")
  end)

  lazy_teardown(function()
    page:close()
    here:close()
  end)

  before_each(function() page:resize(WIDE[1], WIDE[2]) end)

  local function picture(name)
    page:picture(("%s/docs-%s.png"):format(PICTURES, name))
  end

  it("has the same pages when it is made from an archive, without git", function()
    here:run(([[
      mkdir archive
      tar -c -C '%s' --exclude ./build --exclude .git --exclude node_modules . |
        tar -x -C archive
      cd archive
      lua5.4 docs/site/gather.lua ../gathered]]):format(shell.root))
    assert.same({}, shell.lines(("diff -r build/docs-source '%s'"):format(
      here:file "gathered")))
  end)

  for name, address in pairs {
    ["from a server"] = function() return served end,
    ["without a server"] = function() return "file://" .. SITE .. "/" end,
  } do
    it("opens " .. name .. ", and nothing is missing", function()
      page:open(address() .. "index.html")
      assert.equal("apivideo", page:text "h1")
      assert.equal("", page:complaints())
      picture(name:gsub(" ", "-"))
    end)

    it("finds what is typed, " .. name, function()
      page:open(address() .. "index.html")
      page:type("#search", "walk promises")
      page:wait "document.querySelectorAll('#found a').length > 1"
      picture("search-" .. name:gsub(" ", "-"))
      page:type("#search", ENTER) -- goes to the first
      page:wait "location.hash === '#what-a-walk-promises'"
      assert.truthy(page:evaluate "location.pathname":find "docs/reference.html$")
      assert.equal("", page:complaints())
    end)
  end

  it("says so when nothing is found", function()
    page:open(served .. "docs/guide.html")
    page:type("#search", "xylophone")
    page:wait "!document.getElementById('found').hidden"
    assert.equal("Nothing was found.", page:text "#found")
  end)

  it("closes what was found on Escape", function()
    page:open(served .. "docs/guide.html")
    page:type("#search", "token")
    page:wait "!document.getElementById('found').hidden"
    page:type("#search", ESCAPE)
    page:wait "document.getElementById('found').hidden"
  end)

  it("fits a narrow window: what is wider scrolls by itself", function()
    page:resize(NARROW[1], NARROW[2])
    local wide = {}
    for _, path in ipairs(pages) do
      page:open(served .. path)
      local width = page:evaluate "document.documentElement.scrollWidth"
      if width > NARROW[1] then wide[#wide + 1] = path .. " " .. width end
    end
    assert.same({}, wide)
    page:open(served .. "docs/reference.html")
    picture "narrow"
  end)

  it("shows its pages on a narrow window when asked", function()
    page:resize(NARROW[1], NARROW[2])
    page:open(served .. "index.html")
    local shown = "getComputedStyle(document.getElementById('pages')).visibility"
    assert.equal("hidden", page:evaluate(shown))
    page:click "#menu"
    assert.equal("visible", page:evaluate(shown))
    picture "menu"
    page:click "#pages a[href='docs/guide.html']"
    page:wait "location.pathname.endsWith('/docs/guide.html')"
    assert.equal("hidden", page:evaluate(shown))
  end)
end)
