-- What a client makes of servers whose identity cannot be established, with
-- authorities and certificates of our own.

local apivideo = require "apivideo"
local authority = require "spec.support.authority"
local cut = require "spec.support.cut"
local https = require "spec.support.https"
local place = require "spec.support.place"
local service = require "spec.support.service"

local TOKEN = "to1tcmSFHeYY5KzyhOqVKMKb"

local here, port, url

local function client_of(options)
  local all = { base_url = url, api_key = "a_tls_key" }
  for name, value in pairs(options or {}) do all[name] = value end
  return apivideo.new(all)
end

-- Calls both a read and a create in vain, and the read again when all is
-- right, unless the case cannot be put right. Returns the errors, what the
-- server received meanwhile, and the token of the call after.
local function call_in_vain(case)
  local server = https(here, port, case.server or {})
  local client = client_of {
    ca_file = here:file(case.ca_file or "trusted.pem"), retries = 1,
  }
  local tokens = client.upload_tokens
  local errors = {
    service.failure(tokens.get_token, tokens, TOKEN),
    service.failure(tokens.create_token, tokens),
  }
  local received = server:close()
  local after
  if not case.lasting then
    if case.repair then case.repair() end
    server = https(here, port, {})
    after = tokens:get_token(TOKEN)
    server:close()
  end
  client:close()
  return errors, received, after
end

-- What is wrong with the certificate or the authorities: there is no point in
-- trying again. The words are those of OpenSSL's editions and our own.
local UNTRUSTED = {
  { "has expired", server = { certificate = "expired" },
    words = "certificate has expired" },
  { "is not valid yet", server = { certificate = "future" },
    words = "certificate is not yet valid" },
  { "is for another host", server = { certificate = "elsewhere" },
    words = "target %w+ %w+ '127%.0%.0%.1'" },
  { "is not for servers", server = { certificate = "client" },
    words = "certificate purpose" },
  { "is by an unknown authority", server = { certificate = "stranger" },
    words = "tls: no trusted authority vouches" },
  { "is by itself", server = { certificate = "self-signed" },
    words = "self.signed certificate" },
}

local function put_right(name)
  return function() here:write(name, here:read "trusted.pem") end
end

-- The server is right, what the client was given is not. libcurl keeps for a
-- day what it once read from a file.
local MISLED = {
  { "of another authority", ca_file = "unknown.pem", lasting = true,
    words = "tls: no trusted authority vouches" },
  { "that does not exist", ca_file = "absent.pem",
    repair = put_right "absent.pem",
    words = "tls: the CA file cannot be read, or .*/absent%.pem" },
  { "that is no PEM", ca_file = "text.pem",
    repair = put_right "text.pem",
    words = "tls: the CA file .* holds no certificate: .*/text%.pem" },
  { "that is a directory", ca_file = ".", lasting = true,
    words = "tls: the CA file cannot be read, or" },
}

-- The handshake does not come so far: another attempt may.
local UNABLE = {
  { "offers TLS 1.1 only", server = { protocols = "TLSv1.1" },
    words = "tls: no version of TLS from 1%.2 on is in common" },
  { "offers TLS 1.0 only", server = { protocols = "TLSv1" },
    words = "tls: no version of TLS from 1%.2 on is in common" },
  { "does not speak TLS at all", server = { plain = true },
    words = "tls: what the server says on this port is not TLS" },
}

-- The promises of all cases; `attempts` is how many they take.
local function fails(case, attempts)
  local errors, received, after

  setup(function()
    errors, received, after = call_in_vain(case)
  end)

  it("is a failure of kind tls", function()
    for _, err in ipairs(errors) do
      assert.equal("tls", err.kind)
      assert.is_nil(err.status)
      assert.is_false(err.ambiguous)
    end
  end)

  it("is tried " .. attempts .. " times", function()
    assert.equal(attempts, errors[1].attempts)
    assert.equal(attempts, errors[2].attempts)
    assert.equal(attempts > 1, errors[1].retryable)
  end)

  it("is named in the message", function()
    for _, err in ipairs(errors) do
      assert.truthy(err.message:find(case.words), err.message)
    end
  end)

  it("gets not one byte of a request", function()
    for _, request in ipairs(received) do
      assert.is_nil(request.request:find("upload", 1, true), request.request)
      -- A server without TLS takes a handshake for a request.
      assert.is_true(case.server ~= nil and case.server.plain)
    end
  end)

  if case.lasting then return end
  it("leaves the client usable", function()
    assert.equal(TOKEN, after.token)
  end)
end

describe("a server over TLS", function()
  setup(function()
    here = place.new()
    authority(here)
    here:write("text.pem", "No certificate is in here.\n")
    port = place.free_port()
    url = "https://127.0.0.1:" .. port
  end)

  teardown(function()
    here:close()
  end)

  describe("whose certificate is right", function()
    it("is called, by its address and by its name", function()
      for _, host in ipairs { "127.0.0.1", "localhost" } do
        local server = https(here, port, {})
        local client = client_of {
          base_url = "https://" .. host .. ":" .. port,
          ca_file = here:file "trusted.pem",
        }
        assert.equal(TOKEN, client.upload_tokens:get_token(TOKEN).token)
        client:close()
        local received = server:close()
        assert.equal(1, #received)
        assert.equal("GET /upload-tokens/" .. TOKEN .. " HTTP/1.1",
          received[1].request)
      end
    end)

    it("is called with TLS 1.2, too", function()
      local server = https(here, port, { protocols = "TLSv1.2" })
      local client = client_of { ca_file = here:file "trusted.pem" }
      assert.equal(TOKEN, client.upload_tokens:create_token().token)
      client:close()
      assert.equal(1, #server:close())
    end)
  end)

  for _, case in ipairs(UNTRUSTED) do
    describe("whose certificate " .. case[1], function()
      fails(case, 1)
    end)
  end

  for _, case in ipairs(MISLED) do
    describe("with a ca_file " .. case[1], function()
      fails(case, 1)
    end)
  end

  for _, case in ipairs(UNABLE) do
    describe("that " .. case[1], function()
      fails(case, 2)
    end)
  end

  -- Otherwise the cases above would prove nothing.
  for option, protocol in pairs { tls1 = "TLSv1", tls1_1 = "TLSv1.1" } do
    it("can really offer " .. protocol .. " only", function()
      local server = https(here, port, { protocols = protocol })
      here:run(("printf 'GET / HTTP/1.0\\r\\n\\r\\n' | openssl s_client -%s "
        .. "-cipher DEFAULT@SECLEVEL=0 -quiet -connect 127.0.0.1:%d | "
        .. "grep -q to1tcmSFHeYY5KzyhOqVKMKb"):format(option, port))
      assert.equal(1, #server:close())
    end)
  end
end)

-- A handshake that ends in the middle.

local CUTS = {
  { "after the client's first message", "",
    "tls: the connection ended in the TLS handshake" },
  { "in the middle of the server's first message",
    "\22\3\3\0\122\2\0\0\118\3\3",
    "tls: the connection ended in the TLS handshake" },
  { "after bytes that are no TLS", "\0\1\2\3\4\5\6\7",
    "tls: what the server says on this port is not TLS" },
}

describe("a handshake that is cut", function()
  for _, case in ipairs(CUTS) do
    local name, answer, words = case[1], case[2], case[3]
    for operation, argument in pairs { get_token = TOKEN, create_token = {} } do
      it(name .. " is tls and tried again: " .. operation, function()
        local server = cut.new(answer)
        local client = client_of {
          base_url = "https://127.0.0.1:" .. server.port, retries = 1,
        }
        local err = server:fail(client, operation, argument)
        assert.equal("tls", err.kind)
        assert.is_false(err.ambiguous)
        assert.equal(2, err.attempts)
        assert.equal(2, #server.heard)
        assert.is_nil(table.concat(server.heard):find("upload", 1, true))
        assert.truthy(err.message:find(words), err.message)
        client:close()
        server:close()
      end)
    end
  end
end)

-- What the environment may change, in processes of their own.

local SCRIPT = [[
local ca_file = os.getenv "CA_FILE"
local client = require "apivideo".new {
  api_key = "a_tls_key", retries = 0, ca_file = ca_file,
}
local tokens = client.upload_tokens
local ok, result = pcall(tokens.get_token, tokens, "to1tcmSFHeYY5KzyhOqVKMKb")
print(ok and result.token or result.message)
]]

-- For OpenSSL: whatever it is asked to take for good.
local LENIENT = [[
openssl_conf = all

[all]
ssl_conf = ssl

[ssl]
system_default = lenient

[lenient]
MinProtocol = TLSv1
CipherString = DEFAULT@SECLEVEL=0
VerifyMode = Once
]]

describe("the environment", function()
  local server

  -- What a process prints that has these variables. "%%" is the place.
  local function with(variables)
    return service.run(("env -u SSL_CERT_FILE APIVIDEO_BASE_URL=%s %s"):format(
      url, (variables:gsub("%%", here.path))), SCRIPT)
  end

  setup(function()
    here = place.new()
    authority(here)
    here:write("lenient.conf", LENIENT)
    here:write(".curlrc", "insecure\n")
    port = place.free_port()
    url = "https://127.0.0.1:" .. port
    server = https(here, port, {})
  end)

  teardown(function()
    server:close()
    here:close()
  end)

  it("names the trusted authorities in SSL_CERT_FILE", function()
    assert.equal(TOKEN .. "\n", with "SSL_CERT_FILE=%/trusted.pem")
    local output = with "SSL_CERT_FILE=%/unknown.pem"
    assert.truthy(output:find("^get_token: tls: "), output)
  end)

  it("is beaten by ca_file", function()
    assert.equal(TOKEN .. "\n",
      with "SSL_CERT_FILE=%/unknown.pem CA_FILE=%/trusted.pem")
    local output = with "SSL_CERT_FILE=%/trusted.pem CA_FILE=%/unknown.pem"
    assert.truthy(output:find("^get_token: tls: "), output)
  end)

  it("has its bundle read once for all connections", function()
    local copy = here:file "copy.pem"
    local output = service.run(([[
      sandbox/sandbox --tls -- sh -c '
        cp "$SSL_CERT_FILE" %s && SSL_CERT_FILE=%s exec "$@"' sh]])
      :format(copy, copy), [[
        local client = require "apivideo".new()
        local function reused()
          local _, response = client.upload_tokens:list()
          return response.reused
        end
        reused()
        os.remove(os.getenv "SSL_CERT_FILE")
        -- Late answers: calls at the same time need connections of their own.
        local control = io.popen("curl -s --cacert $APIVIDEO_CA_FILE -d "
          .. "'[{\"delay\":0.1,\"times\":2}]' $APIVIDEO_BASE_URL/sandbox/faults")
        control:read "*a"
        control:close()
        local first, second =
          client:spawn(reused), client:spawn(reused)
        print(first:await(), second:await())
      ]])
    assert.equal("true\tfalse\n", output)
  end)

  it("is named when its SSL_CERT_FILE cannot be read", function()
    local output = with "SSL_CERT_FILE=%/absent.pem"
    assert.truthy(output:find "^get_token: tls: .*/absent%.pem", output)
  end)

  for _, variables in ipairs {
    "SSL_CERT_FILE=", "SSL_CERT_DIR=%", "CURL_CA_BUNDLE=%/trusted.pem",
    "HOME=%", "CURL_HOME=%", "OPENSSL_CONF=%/lenient.conf",
  } do
    it("cannot turn verification off with " .. variables, function()
      local output = with(variables)
      assert.truthy(output:find("^get_token: tls: no trusted authority"), output)
    end)
  end

  it("cannot bring TLS 1.1 back", function()
    server:close()
    server = https(here, port, { protocols = "TLSv1.1" })
    local output =
      with "CA_FILE=%/trusted.pem OPENSSL_CONF=%/lenient.conf"
    assert.truthy(output:find("^get_token: tls: .*1%.2"), output)
    assert.equal(0, #server:close())
    server = https(here, port, {})
  end)
end)
