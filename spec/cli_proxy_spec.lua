-- Proxies of the environment, as the command line tells of them: which one is
-- in use and why, and never its password.

local cli = require "spec.support.cli"
local cjson = require("cjson").new()
local needs = require "spec.support.needs"
local place = require "spec.support.place"
local proxies = require "spec.support.proxies"
local proxy = require "apivideo.util.proxy"
local service = require "spec.support.service"

if not cli.tested then return end

local PASSWORD = "canary7word"
-- The sandbox excepts this machine.
local ELSEWHERE = "no_proxy= NO_PROXY= APIVIDEO_BASE_URL=https://localhost:1 "

-- What is a URL to nobody, or leads nowhere; the password is in all of them.
local URLS = {
  "http://bob:%s@127.0.0.1:99999", "http://bob:x@%s@127.0.0.1:3128", "http://bob:x?%s@127.0.0.1:3128",
  "http://bob:%s x@127.0.0.1:3128", "http://bob:x/%s@127.0.0.1:3128", "http://bob:%s#x@127.0.0.1:3128",
  "http://bob:%s@", "ftp://bob:%s@127.0.0.1:3128", "http://bob:%s@no such host:3128",
  "http://bob:%s@nowhere.invalid:3128", "http://bob:%s@127.0.0.1:1", "bob:%s@127.0.0.1:1",
  "socks5h://bob:%s@127.0.0.1:1", "http:\\\\bob:%s@127.0.0.1:1", "bob:x/y@%s@127.0.0.1:1",
}

local function all_of(script)
  local written, errors, status = cli.shell(script)
  return written .. errors, status
end

describe("the password of a proxy", function()
  for _, form in ipairs(URLS) do
    local url = form:format(PASSWORD)
    it("is shown by no command: " .. form, function()
      for _, variable in ipairs { "https_proxy", "ALL_PROXY" } do
        for _, command in ipairs { "doctor", "doctor --json", variable == "ALL_PROXY" and "--json doctor" or nil } do
          local text, status = all_of(("%s%s='%s' apivideo %s"):format(ELSEWHERE, variable, url, command))
          assert.is_nil(text:find("canary", 1, true), text)
          assert.matches(variable, text)
          assert.is_true(status > 0)
        end
      end
    end)
  end
end)

describe("a proxy of the environment", function()
  it("is named where it may be what is wrong, with its variable", function()
    local url = "http://bob:" .. PASSWORD .. "@127.0.0.1:" .. place.free_port()
    local text, status = all_of(ELSEWHERE .. "https_proxy=" .. url .. " apivideo token list")
    assert.matches("connection: .*; the way is through the proxy http://127%.0%.0%.1:%d+, from https_proxy\n$", text)
    assert.equal(1, status)
  end)

  it("that can be none is misuse, in the variable's name", function()
    local text, status = all_of(ELSEWHERE .. "ALL_PROXY='http://a b' apivideo token list")
    assert.matches("^apivideo: misuse: ALL_PROXY is not the URL of a proxy, such as [^\n]+\n$", text)
    assert.equal(2, status)
  end)

  -- Tokens to be deleted, and files with a token: two of each.
  for _, command in ipairs { "token delete --yes one two", "upload --token toABC one.mp4 two.mp4" } do
    needs.it "tinyproxy"("is asked once where it refuses: " .. command, function()
      local here = place.new()
      cli.shell "printf x >one.mp4; printf x >two.mp4"
      local guarded = proxies.tinyproxy(here, { user = "bob", password = PASSWORD })
      local text, status =
        all_of(("%shttps_proxy=http://bob:x@%s apivideo %s"):format(ELSEWHERE, guarded.address, command))
      guarded:stop()
      here:close()
      assert.equal(1, select(2, text:gsub("the proxy wants a user name", "")), text)
      assert.equal(1, status)
    end)
  end

  it("is not used to this machine without TLS", function()
    service.reset()
    for _, variable in ipairs { "http_proxy", "HTTP_PROXY", "all_proxy" } do
      local text, status = all_of(variable .. "=http://127.0.0.1:1 apivideo token list")
      assert.equal("", text)
      assert.equal(0, status)
    end
  end)

  it("is in what the doctor finds", function()
    local function finding(variables)
      local written = cli.shell(ELSEWHERE .. variables .. " apivideo doctor --json")
      local found = {}
      for _, it in ipairs(cjson.decode(written).findings) do found[it.name] = it end
      return found
    end
    local found = finding "https_proxy=http://bob:x@127.0.0.1:1"
    assert.equal("http://127.0.0.1:1, from https_proxy", found.proxy.message)
    assert.equal("failed", found.connection.state)
    assert.matches("is the proxy of https_proxy the right one%?", found.connection.advice)
    assert.equal("none", finding "https_proxy=http://127.0.0.1:1 no_proxy=localhost".proxy.message)
    found = finding "https_proxy=http://nowhere.invalid:1"
    assert.equal("failed", found.DNS.state)
    assert.matches("https_proxy", found.DNS.advice)
    found = finding "https_proxy='http://bob:x y@127.0.0.1'"
    assert.equal("failed", found.proxy.state)
    assert.matches("^https_proxy is not the URL", found.proxy.message)
  end)

end)

describe("the way to a service", function()
  local getenv = os.getenv
  local variables

  before_each(function()
    variables = {}
    os.getenv = function(name) return variables[name] end -- luacheck: ignore 122
  end)
  after_each(function() os.getenv = getenv end) -- luacheck: ignore 122

  local function through(url)
    local way = proxy.of(url)
    return way and way.variable
  end

  it("is by the first of the variables that says something", function()
    assert.is_nil(through "https://a.video")
    variables.ALL_PROXY = "d"
    assert.equal("ALL_PROXY", through "https://a.video")
    variables.all_proxy = "c"
    assert.equal("all_proxy", through "https://a.video")
    variables.HTTPS_PROXY = "b"
    assert.equal("HTTPS_PROXY", through "https://a.video")
    variables.https_proxy = ""
    assert.equal("HTTPS_PROXY", through "HTTPS://a.video")
    variables.https_proxy = "a"
    assert.equal("https_proxy", through "https://a.video")
    variables.http_proxy = "e"
    assert.is_nil(through "http://127.0.0.1:80")
  end)

  for exceptions, hosts in pairs {
    ["*"] = { yes = { "ws.api.video", "127.0.0.1", "[::1]:443" }, no = {} },
    ["api.video"] = { yes = { "api.video", "WS.API.video.:443" }, no = { "wsapi.video", "api.video.org" } },
    [".api.video"] = { yes = { "api.video", "ws.api.video/x" }, no = { "myapi.video" } },
    ["a, API.video ,b"] = { yes = { "ws.api.video", "a", "b" }, no = { "c" } },
    ["127.0.0.0/8 10.1.2.3/32"] = { yes = { "127.9.9.9:1", "10.1.2.3" }, no = { "128.0.0.1", "10.1.2.4" } },
    ["0.0.1"] = { yes = {}, no = { "127.0.0.1" } },
    ["[::1]"] = { yes = { "[::1]", "[::1]:8" }, no = { "[::2]" } },
    ["::1"] = { yes = { "[::1]" }, no = { "[fe80::1]" } },
    [" "] = { yes = {}, no = { "a" } },
  } do
    it("is straight to the exceptions of " .. exceptions, function()
      variables.https_proxy, variables.NO_PROXY = "http://p", exceptions
      for _, host in ipairs(hosts.yes) do assert.is_nil(through("https://" .. host), host) end
      for _, host in ipairs(hosts.no) do assert.equal("https_proxy", through("https://" .. host), host) end
      variables.no_proxy = "other"
      for _, host in ipairs(hosts.yes) do assert.equal("https_proxy", through("https://" .. host), host) end
    end)
  end
end)
