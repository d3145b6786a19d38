-- What a host that draws frames can count on: with driver = "step", a step
-- that does not wait is short, whatever there is to do.

local apivideo = require "apivideo"
local authority = require "spec.support.authority"
local https = require "spec.support.https"
local patience = require "spec.support.patience"
local place = require "spec.support.place"
local socket = require "socket"

local TOKEN = "to1tcmSFHeYY5KzyhOqVKMKb"
local CALLS = 64
local FRAME = 1 / 60

describe("a step that does not wait", function()
  local here, server, client

  setup(function()
    here = place.new()
    authority(here)
    local port = place.free_port()
    server = https(here, port, {})
    client = apivideo.new {
      base_url = "https://127.0.0.1:" .. port, api_key = "a_key",
      ca_file = here:file "trusted.pem", driver = "step",
      max_connections = CALLS,
    }
  end)

  teardown(function()
    client:close()
    server:close()
    here:close()
  end)

  it("is over within a frame while 64 connections open", function()
    local answers, longest = 0, 0
    for _ = 1, CALLS do
      client:spawn(function()
        client.upload_tokens:get_token(TOKEN)
        answers = answers + 1
      end)
    end
    repeat
      local start = socket.gettime()
      local in_flight = client:step(0)
      longest = math.max(longest, socket.gettime() - start)
      socket.sleep(0.002)
    until in_flight == 0
    assert.equal(CALLS, answers)
    assert.is_true(longest < patience(FRAME), longest * 1000 .. " ms")
  end)
end)
