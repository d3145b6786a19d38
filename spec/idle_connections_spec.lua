-- A server closes connections that are idle, over TLS with a farewell that not
-- every libcurl takes for one. What must happen once happens once, and nobody
-- is told otherwise.

local apivideo = require "apivideo"
local authority = require "spec.support.authority"
local https = require "spec.support.https"
local place = require "spec.support.place"

local IDLE = 1 -- seconds

describe("a connection that its server closed when it was idle", function()
  local here

  setup(function()
    here = place.new()
    authority(here)
  end)

  teardown(function() here:close() end)

  local function wait_until_closed(server)
    assert(server:is_connected())
    assert(place.wait(function() return not server:is_connected() end))
  end

  for name, options in pairs {
    ["over TLS 1.2"] = { protocols = "TLSv1.2" },
    ["over TLS 1.3"] = { protocols = "TLSv1.3" },
    ["without TLS"] = { plain = true },
  } do
    it("carries no request that must happen once: " .. name, function()
      local port = place.free_port()
      options.idle = IDLE
      local server = https(here, port, options)
      local client = apivideo.new {
        base_url = (options.plain and "http" or "https") .. "://127.0.0.1:" .. port,
        api_key = "key", ca_file = here:file "trusted.pem", retries = 0,
      }
      local tokens = client.upload_tokens
      tokens:create_token()
      wait_until_closed(server)
      local _, response = tokens:create_token()
      assert.equal(1, response.attempts)
      client:close()
      assert.equal(2, #server:close())
    end)
  end

  it("does not make a token that never was one that is gone", function()
    local port = place.free_port()
    local server = https(here, port, { protocols = "TLSv1.3", idle = IDLE })
    local client = apivideo.new {
      base_url = "https://127.0.0.1:" .. port, api_key = "key",
      ca_file = here:file "trusted.pem",
    }
    client.upload_tokens:get_token "to1"
    wait_until_closed(server)
    local _, response = client.upload_tokens:delete_token "to1"
    assert.equal(1, response.attempts)
    assert.is_nil(response.already_gone)
    client:close()
    assert.equal(2, #server:close())
  end)
end)
