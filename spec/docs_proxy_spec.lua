-- The commands of the pages that begin with the sandbox, on a machine on which
-- a proxy is set: it knows nothing of this machine.

local markdown = require "spec.support.markdown"

-- It takes as long on every runtime.
if os.getenv "APIVIDEO_RUNTIME" ~= "lua5.4" or os.getenv "APIVIDEO_GC" then return end

local PROXIES = {}
for _, name in ipairs { "http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY" } do
  PROXIES[#PROXIES + 1] = ("%s=http://user:word@127.0.0.1:1"):format(name)
end

local found = {}
for path in assert(io.popen "ls README.md docs/*.md examples/README.md"):lines() do
  for line in markdown.read(path):gmatch "[^\n]+" do
    local is_one = line:find "^%./run sandbox [^%[…]*%-%- " or line:find "^sandbox/sandbox [^%[…]*%-%- "
    if is_one and not line:find "%-%- sh$" and not line:find "embed" then
      found[#found + 1] = { path = path, line = line }
    end
  end
end

describe("where a proxy is set", function()
  it("there are such commands", function()
    assert.is_true(#found >= 5)
  end)

  for _, it_found in ipairs(found) do
    it(("runs what %s has: %s"):format(it_found.path, it_found.line), function()
      local script = ("export %s; unset no_proxy NO_PROXY; { %s\n} 2>&1; echo status=$?"):format(
        table.concat(PROXIES, " "), it_found.line)
      local pipe = assert(io.popen(script))
      local output = pipe:read "*a"
      pipe:close()
      assert.matches("status=0\n$", output)
      assert.is_nil(output:find("ailed to connect", 1, true), output)
    end)
  end
end)
