-- The promises of the script sandbox/sandbox: what it prints, what it hands to
-- a command, and that it leaves nothing behind.
local socket = require "socket"

-- Runs a shell script in which $t is an empty directory that the sandboxes
-- use for their files, and checks that it is empty again. -> what the script
-- wrote and its status.
local function shell(script)
  local pipe = assert(io.popen([[
    t=$(mktemp -d); export t TMPDIR="$t/a b"; mkdir "$TMPDIR"
    status=0; (]] .. script .. [[) 2>&1 </dev/null || status=$?
    left=$(ls -A "$TMPDIR"); rm -rf "$t"
    echo "status $status, left: $left"]]))
  local output = pipe:read("*a")
  pipe:close()
  local text, status, left = output:match("^(.-)status (%d+), left: (.-)\n$")
  assert.equal("", left)
  return text, tonumber(status)
end

local function is_served(url)
  local connection = socket.connect("127.0.0.1", tonumber(url:match("%d+$")))
  if connection then connection:close() end
  return connection ~= nil
end

-- Starts a sandbox as $pid and waits for its line, $ready.
local START = [[
  mkfifo "$t/out"; sandbox/sandbox %s >"$t/out" & pid=$!
  exec 5<"$t/out"; read -r ready <&5; echo "$ready";
]]

describe("the script of the sandbox", function()
  it("says so where there is no folder for its files", function()
    for _, name in ipairs { "/nonexistent", "$t/no such" } do
      local text, status = shell(('TMPDIR="%s" sandbox/sandbox -- true'):format(name))
      assert.matches("^sandbox: TMPDIR: there is no folder /?[^\n]+\n$", text)
      assert.equal(1, status)
    end
  end)

  describe("with a command", function()
    it("hands it address and key, and prints nothing itself", function()
      local text = shell [[sandbox/sandbox -- sh -c '
        echo "$APIVIDEO_BASE_URL $APIVIDEO_API_KEY"']]
      assert.matches("^http://127%.0%.0%.1:%d+ sandbox_key\n$", text)
      assert.is_false(is_served(text:match("^%S+")))
    end)

    it("serves before it runs the command", function()
      assert.equal("200", (shell [[sandbox/sandbox -- sh -c '
        curl -s -o "$t/body" -w "%{http_code}" -u "$APIVIDEO_API_KEY:" \
          "$APIVIDEO_BASE_URL/upload-tokens"']]))
    end)

    it("excepts itself from the user's proxies", function()
      for _, given in ipairs { "https_proxy", "ALL_PROXY" } do
        for _, exceptions in ipairs { "no_proxy=", "no_proxy=a.test", "NO_PROXY=a.test", "no_proxy='*'" } do
          local variables = given .. "=http://127.0.0.1:1 " .. exceptions
          assert.equal("200", (shell(variables .. [[ sandbox/sandbox --tls -- sh -c ']]
            .. [[curl -s -o "$t/body" -w "%{http_code}" --cacert "$SSL_CERT_FILE" -u "$APIVIDEO_API_KEY:" \
              "$APIVIDEO_BASE_URL/upload-tokens"']])))
        end
      end
    end)

    it("exits with its status", function()
      local _, status = shell "sandbox/sandbox -- sh -c 'exit 7'"
      assert.equal(7, status)
    end)

    it("hands arguments and input through", function()
      assert.equal("a b|in\n", (shell [[
        echo in | sandbox/sandbox -- sh -c 'printf "%s|" "$1"; cat' sh "a b"
      ]]))
    end)

    it("lets it be interrupted, as the commands of a shell are", function()
      local _, status = shell "sandbox/sandbox -- sh -c 'kill -INT $$; exit 7'"
      assert.equal(130, status)
    end)

    it("stops it when told to stop", function()
      local text = shell [[
        mkfifo "$t/pid"
        sandbox/sandbox -- sh -c 'echo $$ >"$t/pid"; exec sleep 60' & pid=$!
        read -r command <"$t/pid"; kill -TERM $pid; wait $pid
        echo $?; kill -0 "$command" 2>/dev/null && echo alive]]
      assert.equal("143\n", text)
    end)
  end)

  describe("alone", function()
    for name, number in pairs { TERM = 143, HUP = 129 } do
      it("leaves nothing behind after " .. name, function()
        local text = shell(START:format("") .. ([[
          kill -%s $pid; wait $pid; echo $?]]):format(name))
        local url, status =
          text:match("^sandbox ready: (http://127%.0%.0%.1:%d+)\n(%d+)\n$")
        assert.equal(number, tonumber(status))
        assert.is_false(is_served(url))
      end)
    end

    it("leaves nothing behind when interrupted at any time", function()
      for _, seconds in ipairs { "0.01", "0.03", "0.1", "0.4" } do
        local _, status = shell("timeout --preserve-status -s INT " .. seconds
          .. " sandbox/sandbox")
        assert.equal(130, status)
      end
    end)

    it("stops a server that had no ear for its first signal", function()
      local _, status = shell [[
        nginx=$(PATH="$PATH:/usr/local/sbin:/usr/sbin" command -v nginx)
        cat >"$t/nginx" <<SCRIPT
        #!/bin/sh
        [ "\$1" = -V ] && exec $nginx -V
        trap : TERM
        kill -INT \$PPID
        sleep 0.3
        exec $nginx "\$@"
SCRIPT
        sed -i 's/^ *//' "$t/nginx"; chmod +x "$t/nginx"
        PATH="$t:$PATH" timeout -k 1 20 sandbox/sandbox]]
      assert.equal(130, status)
    end)

    it("leaves nothing behind when it is killed", function()
      local text = shell(START:format("") .. [[
        kill -KILL $pid
        for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
          if [ -z "$(ls -A "$TMPDIR")" ]; then break; fi
          sleep 0.2
        done]])
      assert.is_false(is_served(text:match("http://127%.0%.0%.1:%d+")))
    end)

    it("can be there more than once", function()
      local text = shell(START:format("") .. [[
        sandbox/sandbox -- sh -c 'echo "other: $APIVIDEO_BASE_URL"'
        kill -TERM $pid; wait $pid]])
      local one, other = text:match("ready: (%S+)\nother: (%S+)\n$")
      assert.is_string(one)
      assert.not_equal(one, other)
    end)

    it("works from a path with spaces that cannot be written to", function()
      local text, status = shell [[
        cp -R sandbox "$t/a copy"; chmod -R a-w "$t/a copy"
        "$t/a copy/sandbox" -- true; status=$?
        chmod -R u+w "$t/a copy"; exit $status]]
      assert.same({ "", 0 }, { text, status })
    end)
  end)

  describe("with --port", function()
    it("serves there, and says so when somebody else does", function()
      local text, status = shell [[
        sandbox/sandbox -- sh -c '
          sandbox/sandbox --port "${APIVIDEO_BASE_URL##*:}"']]
      assert.equal(1, status)
      assert.matches("^sandbox: port %d+ is already in use\n$", text)
      local port = shell [[sandbox/sandbox -- sh -c '
        echo "${APIVIDEO_BASE_URL##*:}"']]:match("%d+")
      text = shell(("sandbox/sandbox --port %s -- sh -c "
        .. "'echo $APIVIDEO_BASE_URL'"):format(port))
      assert.equal("http://127.0.0.1:" .. port .. "\n", text)
    end)
  end)

  describe("with --tls", function()
    local CURL = [[curl -s -o "$t/body" -w "%{http_version} %{http_code}"]]

    it("has a certificate that its authority vouches for", function()
      for _, host in ipairs { "127.0.0.1", "localhost" } do
        assert.equal("1.1 401", (shell([[sandbox/sandbox --tls -- sh -c ']]
          .. CURL .. [[ --cacert "$APIVIDEO_CA_FILE" --http2 \
          "https://]] .. host .. [[:${APIVIDEO_BASE_URL##*:}/upload-tokens"'
        ]])))
      end
    end)

    it("is not believed without it", function()
      local _, status = shell([[sandbox/sandbox --tls -- sh -c '
        unset SSL_CERT_FILE; ]] .. CURL .. [[ "$APIVIDEO_BASE_URL/"']])
      assert.equal(60, status)
    end)

    it("speaks HTTP/2 with --http2", function()
      assert.equal("2 401", (shell([[sandbox/sandbox --tls --http2 -- sh -c ']]
        .. CURL .. [[ --cacert "$SSL_CERT_FILE" --http2 \
        "$APIVIDEO_BASE_URL/upload-tokens"']])))
    end)

    it("says where the authority's certificate is", function()
      local text = shell(START:format("--tls") .. [[
        read -r second <&5; echo "$second"; [ -f "${ready#ca file: }" ] && echo
        kill -TERM $pid; wait $pid]])
      assert.matches("^ca file: .+\nsandbox ready: https://[%d.:]+\n\n$", text)
    end)
  end)

  describe("called wrongly", function()
    for options, message in pairs {
      ["--prot 1"] = "unknown option '%-%-prot'",
      ["--port"] = "%-%-port needs a number",
      ["--port x"] = "%-%-port must be from 1 to 65535, not 'x'",
      ["--port 08080"] = "%-%-port must be from 1 to 65535, not '08080'",
      ["--port 70000"] = "not '70000'",
      ["--"] = "no command after %-%-",
    } do
      it("refuses " .. options, function()
        local text, status = shell("sandbox/sandbox " .. options)
        assert.equal(2, status)
        assert.matches("^sandbox: [^\n]*" .. message .. "[^\n]*\n$", text)
      end)
    end

    it("explains itself", function()
      local text, status = shell "sandbox/sandbox --help"
      assert.equal(0, status)
      assert.matches("^usage: sandbox", text)
    end)
  end)
end)
