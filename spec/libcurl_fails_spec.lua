-- libcurl itself fails: what it says is what a call says, and memory is only
-- told of where there was none.

local place = require "spec.support.place"
local service = require "spec.support.service"

-- It takes a program to be run, and to be told what fails; sanitizers insist on
-- being loaded first.
if os.getenv "APIVIDEO_RUNTIME" ~= "lua5.4" or os.getenv "APIVIDEO_PRELOAD" then
  return
end

local here, library, plan

-- What a script prints; `fails` says what fails from then on.
local function run(script)
  service.reset()
  service.faults { { delay = 0.05 } } -- so that it is waited for
  return service.run(
    ("env LD_PRELOAD='%s' APIVIDEO_LIBCURL='%s'"):format(library, plan), [[
      local apivideo = require "apivideo.safe"
      local function fails(what)
        local file = io.open(os.getenv "APIVIDEO_LIBCURL", "w")
        file:write(what)
        file:close()
      end
      local function heal() os.remove(os.getenv "APIVIDEO_LIBCURL") end
      local function tell(ok, result, err)
        if not ok then return print(result) end
        print(err.kind, err.message:match "^[^:]+: [^:]+: (.-) %(",
          err.ambiguous, err.retryable)
      end
    ]] .. script)
end

lazy_setup(function()
  here = place.new()
  library, plan = here:file "libcurl.so", here:file "plan"
  here:run(("cc -shared -fPIC -o '%s' '%s/spec/support/libcurl.c' -Wl,--no-as-needed -lcurl -ldl"):format(
    library, os.getenv "PWD"))
end)

lazy_teardown(function() here:close() end)

-- Functions, what to do before, and what is known of a create by then.
local FUNCTIONS = {
  { "curl_multi_perform", "", "false" },
  { "curl_multi_socket_action", "client:fd()", "false" },
  { "curl_multi_add_handle", "", "false" },
  { "curl_multi_poll", "", "%a+" },
}

-- curl_multi_strerror()'s words for some codes.
local CODES = {
  { 1, "Invalid multi handle" }, { 4, "Internal error" },
  { 5, "Invalid socket argument" },
  { 8, "API function called from within callback" },
  { 12, "Un" }, -- an unknown one, where it is older than that
}

describe("where libcurl fails", function()
  for _, case in ipairs(FUNCTIONS) do
    local name, before, ambiguous = case[1], case[2], case[3]

    it("calls say so, and later ones succeed: " .. name, function()
      for _, code in ipairs(CODES) do
        local output = run(([[
          local client = apivideo.new()
          %s
          fails "%s %d"
          tell(pcall(client.upload_tokens.create_token, client.upload_tokens))
          heal()
          print(client.upload_tokens:list() ~= nil)
        ]]):format(before, name, code[1]))
        assert.matches(("^connection\tlibcurl cannot go on: %s[^\n]*\t%s\ttrue\ntrue\n$")
          :format(code[2], ambiguous), output)
      end
    end)

    it("calls say that there is no memory only then: " .. name, function()
      assert.equal("not enough memory\ntrue\n", run(([[
        local client = apivideo.new()
        %s
        fails "%s 3"
        tell(pcall(client.upload_tokens.create_token, client.upload_tokens))
        heal()
        print(client.upload_tokens:list() ~= nil)
      ]]):format(before, name)))
    end)
  end
end)

describe("where libcurl has no memory for the head of an answer", function()
  it("calls say that, and not that the answer is wrong", function()
    assert.equal("not enough memory\n", run [[
      local cut = require "spec.support.cut"
      local server = cut.new("HTTP/1.1 200 OK\r\nX-A: " .. ("x"):rep(60000))
      local client = require "apivideo".new {
        base_url = "http://127.0.0.1:" .. server.port, retries = 0,
      }
      fails "memory 20000"
      local call = client.core:start("list")
      while not call:done() do
        client.core:step(0.002)
        server:serve()
      end
      print(select(2, pcall(call.result, call)))
    ]])
  end)
end)
