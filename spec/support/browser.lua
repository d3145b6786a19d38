-- Chromium without a window, as a user of it sees pages: driven by WebDriver,
-- see https://www.w3.org/TR/webdriver2/. It goes when it is closed, and also
-- when this process is gone.

local cjson = require "cjson"
local http = require "socket.http"
local ltn12 = require "ltn12"
local mime = require "mime"
local place = require "spec.support.place"

local PATIENCE = 60 -- seconds that a page may take to become as expected

-- Under this name an element stands in what is sent and received.
local ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

local browser = {}
local Browser = {}
Browser.__index = Browser

-- One command. -> its value
function Browser:command(method, path, fields)
  local body = method == "POST" and cjson.encode(fields or {})
  local pieces = {}
  local ok, status = http.request {
    method = method,
    url = ("http://127.0.0.1:%d/session%s"):format(self.port, path),
    headers = {
      ["content-type"] = "application/json",
      ["content-length"] = body and #body or nil,
    },
    source = body and ltn12.source.string(body) or nil,
    sink = ltn12.sink.table(pieces),
  }
  assert(ok, status)
  local value = cjson.decode(table.concat(pieces)).value
  if status ~= 200 then
    error(("%s: %s"):format(value.error, value.message), 2)
  end
  return value
end

function Browser:call(method, path, fields)
  return self:command(method, "/" .. self.session .. path, fields)
end

local SOON = 5000 -- milliseconds until an element is there, at most

-- What it may do without is turned off: it is to talk to nobody else. Root
-- has no sandbox to put pages into.
local function capabilities(here)
  return { capabilities = { alwaysMatch = {
    acceptInsecureCerts = true,
    timeouts = { implicit = SOON },
    ["goog:loggingPrefs"] = { browser = "ALL" },
    ["goog:chromeOptions"] = { args = {
      "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run",
      "disable-background-networking", "disable-component-update",
      "disable-sync", "disable-dev-shm-usage", "remote-debugging-pipe",
      "user-data-dir=" .. here:file "profile",
    } },
  } } }
end

function browser.start()
  local here = place.new()
  local port = place.free_port()
  local self = setmetatable({ place = here, port = port }, Browser)
  self.stop = here:serve(port, "driver.log", "env", "HOME=" .. here.path,
    "TMPDIR=" .. here.path, "chromedriver", "--port=" .. port)
  self.session = self:command("POST", "", capabilities(here)).sessionId
  return self
end

function Browser:close()
  self:call("DELETE", "")
  self.stop()
  self.place:close()
end

function Browser:open(url)
  self:call("POST", "/url", { url = url })
end

-- The size of what is seen of a page, in CSS's pixels.
function Browser:resize(width, height)
  self:call("POST", "/goog/cdp/execute", {
    cmd = "Emulation.setDeviceMetricsOverride",
    params = {
      width = width, height = height, deviceScaleFactor = 1, mobile = false,
    },
  })
end

-- The only element that a CSS selector finds.
function Browser:find(selector)
  local ok, found = pcall(self.call, self, "POST", "/element",
    { using = "css selector", value = selector })
  if ok then return found[ELEMENT] end
  error(("%s\n%s has: %s"):format(found, self:call("GET", "/url"),
    self:call("GET", "/source")), 2)
end

function Browser:click(selector)
  self:call("POST", "/element/" .. self:find(selector) .. "/click")
end

-- Types into an element; a chooser of files takes their paths.
function Browser:type(selector, text)
  self:call("POST", "/element/" .. self:find(selector) .. "/value",
    { text = text })
end

-- The text of an element as it is seen: "" when it is hidden.
function Browser:text(selector)
  return self:call("GET", "/element/" .. self:find(selector) .. "/text")
end

-- What assistive technology calls an element, and what it takes it for.
function Browser:label(selector)
  return self:call("GET", "/element/" .. self:find(selector)
    .. "/computedlabel")
end

function Browser:role(selector)
  return self:call("GET", "/element/" .. self:find(selector)
    .. "/computedrole")
end

-- What an expression of JavaScript gives in the page.
function Browser:evaluate(expression)
  return self:call("POST", "/execute/sync",
    { script = "return " .. expression, args = { cjson.null } })
end

-- Waits until an expression is true there.
function Browser:wait(expression)
  if place.wait(function() return self:evaluate(expression) end, PATIENCE) then
    return
  end
  error(("%s did not become true, but the page says: %s"):format(
    expression, self:text "body"), 2)
end

-- Writes what is seen to a file.
function Browser:picture(path)
  local file = assert(io.open(path, "wb"))
  file:write((mime.unb64(self:call("GET", "/screenshot"))))
  file:close()
end

-- What the page complained of since this was asked for last: errors of its
-- scripts, requests that failed or were not allowed.
function Browser:complaints()
  local messages = {}
  for _, entry in ipairs(self:call("POST", "/se/log", { type = "browser" })) do
    messages[#messages + 1] = entry.message
  end
  return table.concat(messages, "\n")
end

return browser
