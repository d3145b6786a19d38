-- TLS that fails when an upload sets out, and when a later part needs another
-- connection: not one byte of a part leaves. So nothing is uncertain: it can be
-- begun anew, or gone on with.

local authority = require "spec.support.authority"
local broken = require "spec.support.broken_uploads"
local faults = require "spec.support.faults"
local https = require "spec.support.https"
local place = require "spec.support.place"
local sandbox = require "spec.support.sandbox_http"
local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

local RETRIES = 1

local CLOSED = { { "await" }, { "close" } }

-- Either of a server with that certificate or of what a connection meets. What
-- is wrong with a certificate stays wrong; whether a handshake that breaks is
-- of TLS or of the connection is libcurl's to say.
local FAULTS = {
  { "a certificate that has expired", certificate = "expired" },
  { "a certificate for another host", certificate = "elsewhere" },
  { "a certificate of an unknown authority", certificate = "stranger" },
  { "a handshake that is closed", steps = CLOSED, attempts = 1 + RETRIES },
  { "a handshake that ends in an alert", attempts = 1 + RETRIES,
    steps = { { "await" }, { "send", "\21\3\3\0\2\2\40" }, { "close" } } },
}

local here
local servers = {} -- by their certificate; each passes on to the sandbox

local function open_server(certificate)
  local own = place.new()
  own:run(("cp '%s'/*.pem '%s/server.key' ."):format(here.path, here.path))
  local port = place.free_port()
  local server = https(own, port, {
    certificate = certificate, upstream = broken.upstream,
  })
  server.steps = { { "tunnel", port } }
  servers[certificate] = server
end

describe("an upload and", function()
  local gate, client, token, forbid

  setup(function()
    here = place.new()
    authority(here)
    open_server "valid"
    for _, fault in ipairs(FAULTS) do
      if fault.certificate then open_server(fault.certificate) end
    end
  end)

  teardown(function()
    for _, server in pairs(servers) do
      server:close()
      server.place:close()
    end
    here:close()
  end)

  before_each(function()
    service.reset()
    forbid = broken.allow(broken.SMALL)
    token = sandbox.create_token().token
  end)

  after_each(function()
    client:close()
    gate:close()
    forbid()
  end)

  -- What the connections meet, one after the other.
  local function open(script)
    gate = faults.open { greets = true, script = script }
    client = service.client {
      base_url = "https://127.0.0.1:" .. gate.port, retries = RETRIES,
      ca_file = here:file "trusted.pem",
    }
  end

  -- Every connection leads to the server that is right, but those from `first`
  -- on, as many as there are attempts.
  local function open_with(fault, first)
    local script = {}
    for i = 1, 9 do script[i] = servers.valid.steps end
    for i = first, first + (fault.attempts or 1) - 1 do
      script[i] = fault.steps or servers[fault.certificate].steps
    end
    open(script)
  end

  local function upload(source, options)
    options = options or { chunk_size = broken.SMALL }
    return client.videos:upload_with_upload_token(token, source.path, options)
  end

  -- Fails unless the error is what the fault must lead to, with so many parts
  -- at the service.
  local function check(err, fault, parts)
    assert.is_true(err.kind == "tls"
      or fault.steps ~= nil and err.kind == "connection", err.message)
    assert.equal("upload_with_upload_token", err.operation)
    assert.equal(fault.attempts or 1, err.attempts)
    assert.is_false(err.ambiguous)
    assert.is_nil(err.status)
    assert.equal(parts, #uploads.requests())
    assert.equal(parts + err.attempts, gate:log().connections)
    if fault.certificate then
      assert.is_true(servers[fault.certificate]:is_untouched())
    end
  end

  for _, fault in ipairs(FAULTS) do
    describe(fault[1], function()
      for source, words in pairs {
        parts = "at the first part", whole = "of a whole file",
      } do
        it(words .. ": nothing is sent, and it can be begun anew", function()
          local film = broken.sources(broken.SMALL)[source]
          open_with(fault, 1)
          local err = service.failure(upload, film)
          check(err, fault, 0)
          assert.is_nil(err.upload)
          assert.same({}, sandbox.control("GET", "videos"))
          uploads.assert_one(upload(film), film.data)
        end)
      end

      it("in the middle: it can be gone on with", function()
        local film = broken.sources(broken.SMALL).parts
        open_with(fault, 2)
        local err = service.failure(upload, film)
        check(err, fault, 1)
        assert.equal("1-1", err.upload.sent)
        assert.is_false(uploads.only_video().complete)
        uploads.assert_one(upload(film, { resume = err.upload }), film.data)
        assert.equal(3, #uploads.requests())
      end)
    end)
  end

  it("one handshake before each part that is closed: it is one video", function()
    local film = broken.sources(broken.SMALL).parts
    local good = servers.valid.steps
    open { CLOSED, good, CLOSED, good, CLOSED, good }
    uploads.assert_one(upload(film), film.data)
    assert.equal(3, #uploads.requests())
    assert.equal(6, gate:log().connections)
  end)
end)
