-- What a host that draws frames can count on: with driver = "step", a step
-- that does not wait is short, whatever there is to do.

local apivideo = require "apivideo"
local authority = require "spec.support.authority"
local https = require "spec.support.https"
local place = require "spec.support.place"
local process = require "spec.support.process"

local TOKEN = "to1tcmSFHeYY5KzyhOqVKMKb"
local CALLS = 64

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

  -- How long one takes is measured in bench/embedding. Without a limit, one of
  -- them would open ten or so.
  it("leaves connections to be opened to those that follow", function()
    local answers = 0
    for _ = 1, CALLS do
      client:spawn(function()
        client.upload_tokens:get_token(TOKEN)
        answers = answers + 1
      end)
    end
    local most, open = 0, process.sockets()
    repeat
      local in_flight = client:step(0)
      local now_open = process.sockets()
      most, open = math.max(most, now_open - open), now_open
    until in_flight == 0
    assert.equal(CALLS, answers)
    assert.is_true(most <= 4, most)
  end)
end)
