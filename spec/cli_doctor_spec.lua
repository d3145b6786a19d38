-- The command that says what is wrong, and what to do.

local cli = require "spec.support.cli"
local cjson = require("cjson").new()
local place = require "spec.support.place"
local service = require "spec.support.service"

if not cli.tested then return end

-- The findings by their names. `variables` stand before the command.
local function findings(variables)
  local written, errors, status = cli.shell((variables or "") .. " apivideo doctor --json")
  assert(errors == "", errors)
  local list = {}
  for _, it in ipairs(cjson.decode(written).findings) do list[it.name] = it end
  return list, status
end

describe("doctor", function()
  before_each(service.reset)

  it("finds all well at the sandbox", function()
    local found, status = findings()
    for name, it in pairs(found) do assert.equal("ok", it.state, name) end
    assert.matches("apivideo 0.2.0, Lua", found.versions.message)
    assert.matches("^%d+%.%d+%.%d+, %w+", found.libcurl.message)
    assert.matches("^/.*, %d+ certificates$", found["CA file"].message)
    assert.equal(0, status)
  end)

  it("gives lines with tabs in a pipe", function()
    local written = cli.run "doctor"
    assert.matches("\nok\tkey\tit is accepted\n$", written)
  end)

  it("has one line for a finding, whatever is named in it", function()
    local written = cli.run "doctor --api-key-file \"$(printf 'no\\tkey\\033[31m\\n.txt')\""
    assert.matches("\nfailed\tkey\t%-%-api%-key%-file: no%?key%?%[31m%?.txt: No such file or directory\t", written)
  end)

  it("finds a key that is not accepted", function()
    local found, status = findings "APIVIDEO_API_KEY=another"
    assert.equal("failed", found.key.state)
    assert.truthy(found.key.advice)
    assert.equal("ok", found.clock.state)
    assert.equal(1, status)
  end)

  it("warns where there is no key, since uploads need none", function()
    local found, status = findings "APIVIDEO_API_KEY="
    assert.equal("warning", found.key.state)
    assert.matches("APIVIDEO_API_KEY", found.key.advice)
    assert.equal(0, status)
  end)

  it("finds an account that is suspended", function()
    service.settings { suspended = true }
    assert.matches("Suspended", findings().key.message)
  end)

  it("finds a name that nobody knows", function()
    local found, status = findings "APIVIDEO_BASE_URL=https://nowhere.invalid"
    assert.equal("failed", found.DNS.state)
    assert.matches("getent hosts nowhere.invalid", found.DNS.advice)
    for _, name in ipairs { "connection", "TLS", "clock", "key" } do
      assert.equal("unknown", found[name].state, name)
    end
    assert.equal("not checked: see DNS", found.clock.message)
    assert.equal("not checked: see DNS", found.key.message)
    assert.equal(1, status)
  end)

  it("finds that nobody answers", function()
    local port, keeper = place.dead_port()
    local url = "https://127.0.0.1:" .. port
    local found = findings("APIVIDEO_BASE_URL=" .. url)
    keeper:close()
    assert.equal("ok", found.DNS.state)
    assert.equal("failed", found.connection.state)
    assert.truthy(found.connection.advice:find(url, 1, true))
    assert.equal("unknown", found.TLS.state)
  end)

  it("finds that what answers speaks no TLS", function()
    local found = findings("APIVIDEO_BASE_URL=" .. service.url:gsub("^http:", "https:"))
    assert.equal("ok", found.connection.state)
    assert.equal("failed", found.TLS.state)
    assert.matches("UTC: is it right%?", found.TLS.advice)
  end)

  it("finds a CA file without a certificate, and one that is not there", function()
    cli.file("empty.pem", "")
    assert.matches("holds no certificate", findings "SSL_CERT_FILE=empty.pem"["CA file"].message)
    local found, status = findings "SSL_CERT_FILE=nowhere.pem"
    assert.equal("failed", found["CA file"].state)
    assert.matches("ca%-certificates", found["CA file"].advice)
    assert.equal(1, status)
  end)

  it("counts one certificate as one", function()
    cli.file("one.pem", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
    assert.equal("one.pem, 1 certificate", findings "SSL_CERT_FILE=one.pem"["CA file"].message)
  end)

  it("blames a CA file that is none, not the date", function()
    cli.file("empty.pem", "")
    local variables = "APIVIDEO_BASE_URL=" .. service.url:gsub("^http:", "https:") .. " SSL_CERT_FILE="
    for _, name in ipairs { "empty.pem", "nowhere.pem" } do
      local found = findings(variables .. name)
      assert.equal("failed", found.TLS.state)
      assert.equal("see CA file", found.TLS.advice)
    end
  end)

  it("finds a clock that is wrong", function()
    service.faults { { headers = { Date = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 7230) } } }
    local found, status = findings()
    assert.equal("failed", found.clock.state)
    assert.equal("2 h behind", found.clock.message)
    assert.equal(1, status)
  end)

  for status, code in pairs { [301] = "moved", [302] = "elsewhere", [307] = "login", [308] = "v2" } do
    it("finds a redirect, and where it leads to: " .. status, function()
      local target = "https://api.example.test/" .. code
      service.faults { { status = status, headers = { Location = target }, body = "" } }
      local found, exit = findings()
      assert.equal("failed", found.answer.state)
      assert.truthy(found.answer.message:find("points to " .. target .. ",", 1, true))
      assert.matches("APIVIDEO_BASE_URL", found.answer.advice)
      assert.equal("unknown", found.key.state)
      assert.equal(1, exit)
    end)
  end

  it("does not show the user and password of where a redirect leads to", function()
    local target = "https://u:pa55@portal.example/login"
    service.faults { { status = 302, headers = { Location = target }, body = "" } }
    local written = cli.run "doctor"
    assert.truthy(written:find("points to https://…@portal.example/login,", 1, true), written)
    assert.is_nil(written:find "pa55")
  end)

  for what, fault in pairs {
    ["a page"] = { status = 200, body = "<html>", headers = { ["Content-Type"] = "text/html; charset=utf-8" } },
    ["a page of XHTML"] =
      { status = 403, body = "<html>", headers = { ["Content-Type"] = "application/xhtml+xml" } },
    ["words"] = { status = 200, body = "Welcome", headers = { ["Content-Type"] = "text/plain" } },
    ["the status for it"] = { status = 511, body = "" },
    ["a page that refuses"] = { status = 403, body = "<html>", headers = { ["Content-Type"] = "text/html" } },
    ["a page that asks who it is"] = { status = 401, body = "<html>", headers = { ["Content-Type"] = "TEXT/HTML" } },
  } do
    it("finds a portal that wants a login: " .. what, function()
      service.faults { fault }
      local found = findings()
      assert.equal("failed", found.answer.state)
      assert.matches("a portal of this network that wants a login first", found.answer.advice)
      assert.equal("unknown", found.key.state)
    end)
  end

  it("tells a name server that does not answer from a connection that fails", function()
    local way = require "apivideo.cli.commands.doctor.way"
    for message, expected in pairs {
      ["list: timeout: Resolving timed out after 5000 milliseconds"] = { "DNS", "name server does not answer" },
      ["list: timeout: Connection timed out after 5000 milliseconds"] = { "connection", "a firewall may be" },
      ["list: timeout: no connection within 5 s (GET /upload-tokens)"] = { "connection", "a firewall may be" },
      ["list: timeout: SSL connection timeout"] = { "TLS", "a firewall may be" },
    } do
      local err = { kind = "timeout", message = message }
      assert.equal(expected[1], way.failed_step(err))
      for _, it in ipairs(way.look("https://a.test", nil, err)) do
        if it.state == "failed" then
          assert.equal(expected[1], it.name)
          assert.matches(expected[2], it.advice)
        end
      end
    end
  end)

  it("tells a service that does not answer from one that is out of reach", function()
    local way = require "apivideo.cli.commands.doctor.way"
    local err = { kind = "timeout", message = "list: timeout: no answer within 10 s (GET /x)", retryable = true }
    assert.equal("answer", way.failed_step(err))
    for _, it in ipairs(way.look("https://a.test", nil, err)) do assert.equal("ok", it.state) end
    assert.matches("unwell", way.advice_of_answer("https://a.test", err))
  end)

  it("says who looks the name up, which of SOCKS not every kind of proxy does", function()
    local way = require "apivideo.cli.commands.doctor.way"
    for scheme, expected in pairs {
      ["socks5://"] = { "the name has an address", "; with socks5h:// it looks the name up$" },
      ["SOCKS4://"] = { "the name has an address", "; with socks4a:// it looks the name up$" },
      ["socks5h://"] = { "the proxy looks the name up", "no_proxy$" },
      [""] = { "the proxy looks the name up", "no_proxy$" },
    } do
      local proxy = { shown = scheme .. "127.0.0.1:1080", variable = "all_proxy" }
      assert.equal(expected[1], way.look("https://a.test", proxy)[1].message)
      local err = { kind = "connection", message = "Could not resolve host: a.test" }
      assert.matches(expected[2], way.look("https://a.test", proxy, err)[1].advice)
    end
  end)

  it("finds that what answers is another service", function()
    service.faults { { status = 200, body = "<html>" } }
    local found, status = findings()
    assert.equal("failed", found.answer.state)
    assert.matches("does this address lead to api.video", found.answer.advice)
    assert.equal("unknown", found.key.state)
    assert.equal(1, status)
  end)

  it("says that an answer which is none hides the key", function()
    for _, fault in ipairs {
      { status = 302, headers = { Location = "https://api.example.test" }, body = "" },
      { status = 404 }, { status = 503 }, { status = 511 }, { status = 200, body = "<html>" },
    } do
      service.faults { fault }
      assert.equal("not checked: see answer", findings().key.message)
    end
  end)

  it("finds that the rate limit is reached", function()
    service.faults { { status = 429 } }
    assert.matches("^the rate limit is reached", findings().answer.advice)
  end)

  it("finds that the service is unwell", function()
    service.faults { { status = 503 } }
    local found, status = findings()
    assert.equal("failed", found.answer.state)
    assert.matches("try again", found.answer.advice)
    assert.equal(1, status)
  end)
end)
