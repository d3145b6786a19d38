-- What a host does, or what runs in it, while a call is begun, in flight or
-- read: finalizers, hooks, programs that it starts, another directory.

local core = require "apivideo.core"
local needs = require "spec.support.needs"
local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"

-- Of the sanitizers, which keep what was freed.
local ASAN_OPTIONS = os.getenv "ASAN_OPTIONS"

local function finish(client, call)
  while not call:done() do client:step(1) end
  return call
end

-- Sockets of a program that is started now which lead to the sandbox.
local function inherited()
  local port = ("%04X"):format(service.url:match ":(%d+)$")
  local leads = {}
  for line in io.lines "/proc/net/tcp" do
    local remote, inode =
      line:match "^ *%d+: %S+ %x+:(%x+) %S+ %S+ %S+ %S+ +%d+ +%d+ (%d+)"
    if remote == port then leads[inode] = true end
  end
  local count = 0
  local pipe = io.popen "ls -l /proc/self/fd"
  for inode in pipe:read "*a":gmatch "socket:%[(%d+)%]" do
    if leads[inode] then count = count + 1 end
  end
  pipe:close()
  return count
end

-- MiB that this process has.
local function memory()
  for line in io.lines "/proc/self/status" do
    local size = line:match "^VmRSS:%s+(%d+) kB"
    if size then return size / 1024 end
  end
end

describe("a host", function()
  local client

  service.with_client(function(...) client = ... end, nil, "apivideo.core")

  it("can begin a call in a finalizer at the end of its state", function()
    -- Lua finalizes nothing that is made then.
    local prefix = ("env ASAN_OPTIONS=%s:detect_leaks=0"):format(
      ASAN_OPTIONS or "")
    local output = service.run(prefix, ([[
      local function finalize()
        local apivideo = require "apivideo"
        local client = apivideo.new {
          base_url = %q, api_key = %q, auth = "bearer",
        }
        print(#client.upload_tokens:list().data)
      end
      if newproxy then
        keep = newproxy(true)
        getmetatable(keep).__gc = finalize
      else
        keep = setmetatable({}, { __gc = finalize })
      end
      require "apivideo" -- what it needs is younger, and is finalized before
    ]]):format(service.url, service.key))
    assert.truthy(output == "0\n" or output:find "closed", output)
  end)

  it("can close a file while its part is read", function()
    local file = assert(core.file(uploads.file("short", "abc")))
    local part = setmetatable(
      { source = file, offset = 0, size = 3, file_name = "short" },
      { __index = function() file:close() end })
    local ok, message = pcall(client.start, client,
      "upload_with_upload_token", UNKNOWN, part)
    assert.is_false(ok)
    assert.truthy(message:find("the file was closed", 1, true), message)
  end)

  -- Calls a function of ours, whose first `passed` calls in C a hook lets pass:
  -- it raises in the next. Gives what pcall does.
  local function interrupt(passed, called, ...)
    local calls, is_on = 0, false
    debug.sethook(function()
      if not is_on then return end
      calls = calls + 1
      if calls <= passed then return end
      debug.sethook()
      error("interrupted", 0)
    end, "c")
    local ok, value = pcall(function(...)
      is_on = true
      local value = called(...)
      is_on = false
      return value
    end, ...)
    debug.sethook()
    return ok, value
  end

  it("can interrupt the reading of a result, which is still there", function()
    local interruptions, read = 0, false
    while not read do
      local call = finish(client, client:start "create_token")
      local err
      read, err = interrupt(interruptions, call.result, call)
      if not read then
        assert.equal("interrupted", err)
        interruptions = interruptions + 1
        assert.truthy(call:result().token)
      end
    end
    assert.is_true(interruptions > 1)
  end)

  it("can interrupt an operation, which raises its error", function()
    local interruptions, ok, value = 0, false, nil
    while not ok do
      ok, value = interrupt(interruptions, client.create_token, client)
      if not ok then
        assert.equal("interrupted", value)
        assert.equal(0, client:in_flight())
        interruptions = interruptions + 1
      end
    end
    assert.truthy(value and value.token)
    assert.is_true(interruptions > 1)
  end)

  it("starts programs that inherit no connection", function()
    client:list()
    assert.equal(0, inherited())
  end)

  local it_measures = ASAN_OPTIONS
    and needs.skip "not measured under the sanitizers" or it
  it_measures("does not fill up with the bodies of failures", function()
    local body = ("x"):rep(2 * 1024 * 1024)
    service.faults { { status = 404, body = body, times = 40 } }
    pcall(client.get_token, client, UNKNOWN)
    local before = memory()
    for _ = 2, 40 do
      local err = service.failure(client.get_token, client, UNKNOWN)
      assert.equal("not_found", err.kind)
    end
    assert.is_true(memory() - before < 20, memory() - before .. " MiB")
  end)

  it("can change its directory during an upload", function()
    local lfs = require "lfs"
    local here = lfs.currentdir()
    uploads.run "mkdir -p a b; printf abc >a/film; printf defg >b/film"
    local there = uploads.file("there", ""):match "^(.*)/"
    assert(lfs.chdir(there .. "/a"))
    local file = assert(core.file "film")
    assert(lfs.chdir(there .. "/b"))
    local call = client:start("upload_with_upload_token",
      client:create_token().token,
      { source = file, offset = 0, size = 3, file_name = "film" })
    assert(lfs.chdir(here))
    assert.truthy(finish(client, call):result().video_id)
    file:close()
  end)
end)
