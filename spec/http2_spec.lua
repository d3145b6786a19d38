-- Over TLS libcurl speaks HTTP/2 with a server that does: its failures are to
-- look like those of HTTP/1.1.

local service = require "spec.support.service"

-- Runs a script under a sandbox of its own that serves HTTP/2; `tokens`, `fail`
-- (orders a fault) and `failure` are there for it. -> what it prints.
local function run(script)
  return service.run("env APIVIDEO_LOG= sandbox/sandbox --http2 --", [[
    local core = require "apivideo.core"
    local client = require "apivideo".new { retries = 2 }
    local tokens = client.upload_tokens
    local function fail(fault)
      local control = io.popen("curl -s --cacert $APIVIDEO_CA_FILE -d '"
        .. fault .. "' $APIVIDEO_BASE_URL/sandbox/faults")
      control:read "*a"
      control:close()
    end
    local function failure(...)
      local ok, err = pcall(...)
      assert(not ok and core.is_error(err), err)
      return err
    end
  ]] .. script)
end

describe("over HTTP/2", function()
  it("calls succeed", function()
    local output = run [[
      local token, response = tokens:create_token()
      print(response.status, tokens:get_token(token.token).ttl)
    ]]
    assert.equal("200\t0\n", output)
  end)

  it("calls that are made at once share one connection", function()
    local output = run [[
      local opened = 0
      client:parallel({ 1, 2, 3, 4, 5, 6, 7, 8 }, function()
        local _, response = tokens:list()
        if not response.reused then opened = opened + 1 end
      end)
      print(opened)
    ]]
    assert.equal("1\n", output)
  end)

  it("a read is repeated when the connection closes", function()
    local output = run [[
      fail '[{"close":true,"times":2}]'
      local _, response = tokens:list()
      print(response.status, response.attempts > 1)
    ]]
    assert.equal("200\ttrue\n", output)
  end)

  it("a read that cannot be repeated fails as connection", function()
    local output = run [[
      fail '[{"close":true,"times":9}]'
      local err = failure(tokens.list, tokens)
      print(err.kind, err.attempts, err.retryable)
    ]]
    assert.equal("connection\t3\ttrue\n", output)
  end)

  it("what must be sent once waits for a connection of its own here, not in libcurl", function()
    local output = run [[
      local few = require "apivideo".new { max_connections = 2, idle_timeout = 1.5, retries = 0 }
      few.upload_tokens:list()
      local token = few.upload_tokens:create_token { ttl = 60 }.token
      fail '[{"delay":0.6,"times":9,"match":{"method":"POST","path":"/upload"}}]'
      local videos = few:parallel({ 1, 2, 3, 4, 5, 6 }, function()
        return few.videos:upload_with_upload_token(token, { data = "film" })
      end)
      print(videos.n)
    ]]
    assert.equal("6\n", output)
  end)

  it("a create is sent once when the connection closes", function()
    local output = run [[
      tokens:list()
      fail '[{"close":true,"after":true,"match":{"method":"POST","path":"/upload-tokens"}}]'
      local err = failure(tokens.create_token, tokens)
      print(err.kind, err.attempts, err.ambiguous,
        tokens:list().pagination.items_total)
    ]]
    assert.equal("connection\t1\ttrue\t1\n", output)
  end)
end)
