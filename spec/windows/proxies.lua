-- Proxies, with TLS of Windows behind them.

local apivideo = require "apivideo"
local authority = require "spec.support.authority"
local https = require "spec.support.https"
local needs = require "spec.support.needs"
local place = require "spec.support.place"
local proxies = require "spec.support.proxies"
local service = require "spec.support.service"

local TOKEN = "to1tcmSFHeYY5KzyhOqVKMKb"

describe("a proxy, on Windows,", function()
  local here, port

  local function get(proxy)
    local client = apivideo.new {
      base_url = "https://localhost:" .. port, api_key = "a_key", retries = 0,
      ca_file = here:file "trusted.pem", proxy = proxy,
    }
    local token = client.upload_tokens:get_token(TOKEN)
    client:close()
    return token.token
  end

  setup(function()
    here = place.new()
    authority(here)
    port = place.free_port()
    https(here, port, {})
  end)

  teardown(function()
    here:close()
  end)

  needs.it "tinyproxy"("of HTTP carries a call, with a password, too", function()
    local open = proxies.tinyproxy(here)
    assert.equal(TOKEN, get("http://" .. open.address))
    assert.equal(1, open:asked_for(port, 1))
    open:close()
    local login = { user = "somebody", password = "secret" }
    local guarded = proxies.tinyproxy(here, login)
    assert.equal(TOKEN, get("http://somebody:secret@" .. guarded.address))
    local err = service.failure(get, "http://" .. guarded.address)
    assert.equal("connection", err.kind)
    guarded:close()
  end)

  needs.it "microsocks"("of SOCKS 5 carries a call", function()
    local login = { user = "somebody", password = "secret" }
    local proxy = proxies.socks(here, login)
    assert.equal(TOKEN, get("socks5h://somebody:secret@" .. proxy.address))
    proxy:close()
  end)

  it("that is not there is named", function()
    local nobody = place.free_port()
    local err = service.failure(get, "http://127.0.0.1:" .. nobody)
    assert.matches("the proxy cannot be reached", err.message, 1, true)
  end)
end)
