-- What an upload tells while it is on its way, and what becomes of it when who
-- is told fails.

local place = require "spec.support.place"
local process = require "spec.support.process"
local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

local PART = uploads.PART
local UPLOAD = uploads.UPLOAD

-- Lua 5.1 cannot yield out of pcall: there, an error in a task passes by what
-- would tidy up after it.
local CATCHES = _VERSION ~= "Lua 5.1" or jit ~= nil

describe("an upload", function()
  local client, token

  uploads.with_client(function(...) client, token = ... end)

  local function upload(...) return uploads.send(client, token, ...) end

  local function pieces_of(data) return uploads.pieces(data, 1000000) end

  -- --- progress ---------------------------------------------------------------

  -- Fails unless each report is more than the one before, and the last one is
  -- all of it.
  local function assert_grows(reports, size)
    local before = 0
    for _, p in ipairs(reports) do
      assert(p.uploaded_bytes > before, "it does not grow")
      assert(p.uploaded_bytes <= size, "there is more than there is")
      before = p.uploaded_bytes
    end
    assert.equal(size, before)
  end

  local function reports_of(source, options)
    local reports = {}
    options = options or {}
    options.on_progress = function(p) reports[#reports + 1] = p end
    upload(source, options)
    return reports
  end

  it("reports progress that grows, up to all of it", function()
    local size = 2 * PART + 1
    local reports = reports_of { data = uploads.data(size) }
    assert_grows(reports, size)
    assert.is_true(#reports >= 3)
    for _, p in ipairs(reports) do
      assert.equal(size, p.total_bytes)
      assert.equal(3, p.parts)
      assert.is_true(p.part >= 1 and p.part <= 3)
      assert.is_true(p.bytes_per_second > 0 and p.bytes_per_second < 1e12)
    end
  end)

  it("reports progress within a part", function()
    service.faults { { match = UPLOAD, delay = 0.3 } }
    local reports = reports_of { data = "a film" }
    assert.equal(6, reports[1].uploaded_bytes)
    assert.equal(1, #reports) -- the answer adds nothing
  end)

  it("reports progress of several parts at once", function()
    local size = 4 * PART
    assert_grows(reports_of({ data = uploads.data(size) }, { parallel = 3 }),
      size)
  end)

  it("reports progress that grows when parts are sent again", function()
    service.faults {
      { match = UPLOAD },
      { match = UPLOAD, status = 503, delay = 0.2,
        headers = { ["Retry-After"] = 0 }, times = 2 },
    }
    local size = 2 * PART + 1
    assert_grows(reports_of { data = uploads.data(size) }, size)
    assert.equal(5, #uploads.requests())
  end)

  it("of a reader reports the total when it is known", function()
    local size = 2 * PART + 1
    local reports = reports_of(pieces_of(uploads.data(size)))
    assert_grows(reports, size)
    assert.is_nil(reports[1].total_bytes)
    assert.is_nil(reports[1].parts)
    assert.equal(size, reports[#reports].total_bytes)
    assert.equal(3, reports[#reports].parts)
  end)

  it("reports integers", function()
    if not math.type then return end
    for _, p in ipairs(reports_of { data = uploads.data(PART + 1) }) do
      for _, name in ipairs { "uploaded_bytes", "total_bytes", "part", "parts" } do
        assert.equal("integer", math.type(p[name]), name)
      end
    end
  end)

  it("may make calls of its own while it reports", function()
    local seen = 0
    local function look()
      seen = seen + #client.upload_tokens:list().data
    end
    local data = uploads.data(PART + 1)
    uploads.assert_one(upload({ data = data },
      { on_progress = look, on_state = look }), data)
    assert.is_true(seen >= 2)
    if not CATCHES then return end
    client:spawn(upload, { data = data },
      { on_progress = look, on_state = look }):await()
    assert.is_true(seen >= 4)
  end)

  -- --- errors of who is told ----------------------------------------------------

  for _, name in ipairs { "on_progress", "on_state" } do
    it("ends with an error in " .. name .. ", as it was raised", function()
      for _, mistake in ipairs { "a mistake", { "a table" }, false } do
        local ok, err = pcall(upload, { data = uploads.data(2 * PART) }, {
          [name] = function() error(mistake, 0) end,
        })
        assert.is_false(ok)
        assert.equal(mistake, err)
        assert.equal(0, client:step(0))
      end
    end)

    it("in a task ends with an error in " .. name .. ", too", function()
      service.faults { { match = UPLOAD }, { match = UPLOAD, delay = 5, times = 9 } }
      local count = 0
      local task = client:spawn(upload, { data = uploads.data(4 * PART) }, {
        parallel = 2, [name] = function(it)
          count = count + 1
          local late = name == "on_state" or it.uploaded_bytes > PART
          if late then error("a mistake", 0) end
        end,
      })
      local ok, err = pcall(task.await, task)
      assert.same({ false, "a mistake" }, { ok, err })
      if not CATCHES then -- what was in flight is given up with the memory
        task = nil -- luacheck: ignore 311
        for _ = 1, 4 do collectgarbage() end
      end
      assert.equal(0, client:step(0))
      local before = count
      client:step(0.05)
      assert.equal(before, count)
    end)
  end

  it("leaves no file open after an error of who is told", function()
    local path = uploads.file("mistake.mp4", uploads.data(PART + 1))
    pcall(upload, path, { on_progress = function() error "a mistake" end })
    assert.is_false(process.has_open(path))
  end)

  -- --- readers ------------------------------------------------------------------

  describe("of a reader", function()
    -- Gives so many bytes and then does something else.
    local function reader(bytes, otherwise)
      local data, given = uploads.data(bytes), false
      return function()
        if given then return otherwise() end
        given = true
        return data
      end
    end

    it("that raises ends, and says why", function()
      local err = service.failure(upload,
        reader(2 * PART, function() error("the camera is gone", 0) end))
      assert.equal("file", err.kind)
      assert.equal("the camera is gone", err.cause)
      assert.matches("the reader failed: the camera is gone", err.message)
      assert.equal("1-1", err.upload.sent)
      assert.is_false(uploads.only_video().complete)
    end)

    it("that raises a table ends, and keeps it", function()
      local cause = { "the camera is gone" }
      local err = service.failure(upload,
        reader(1, function() error(cause) end))
      assert.equal("file", err.kind)
      assert.equal(cause, err.cause)
      assert.same({}, uploads.requests())
    end)

    it("that gives what is no string ends", function()
      for _, it in ipairs { 5, true, false, {} } do
        local err = service.failure(upload,
          reader(10, function() return it end))
        assert.equal("file", err.kind)
        assert.matches("must give strings, and nil at the end; it gave",
          err.message)
      end
      assert.same({}, uploads.requests())
    end)

    it("that gives nothing ends", function()
      for _, first in ipairs { "", false } do
        local given = not first
        local err = service.failure(upload, function()
          if given then return nil end
          given = true
          return first
        end)
        assert.equal("file", err.kind)
        assert.matches("are empty", err.message)
      end
      assert.same({}, uploads.requests())
    end)

    it("that gives empty pieces goes on", function()
      local pieces = { "a", "", "b", "", "" }
      local at = 0
      local video = upload(function()
        at = at + 1
        return pieces[at]
      end)
      uploads.assert_one(video, "ab")
    end)

    it("is never asked again after its end", function()
      local asked = 0
      upload(function()
        asked = asked + 1
        return asked <= 3 and uploads.data(PART) or nil
      end, { parallel = 3 })
      assert.equal(4, asked)
    end)

    it("that yields in a task holds nobody up", function()
      local data, at = uploads.data(PART + 1), 1
      local task = client:spawn(upload, function()
        coroutine.yield()
        local piece = data:sub(at, at + 1999999)
        at = at + #piece
        return piece ~= "" and piece or nil
      end)
      uploads.assert_one(task:await(), data)
    end)

    it("that waits for other calls in a task may do so", function()
      local tokens = {}
      local task = client:spawn(upload, function()
        if #tokens == 3 then return nil end
        tokens[#tokens + 1] = client.upload_tokens:create_token().token
        return tokens[#tokens]
      end)
      uploads.assert_one(task:await(), table.concat(tokens))
    end)

    it("whose last part failed can go on with another reader", function()
      service.faults { { match = UPLOAD }, { match = UPLOAD, status = 404 } }
      local data = uploads.data(PART + 10)
      local err = service.failure(upload, pieces_of(data))
      assert.equal("not_found", err.kind)
      uploads.assert_one(
        upload(pieces_of(data), { resume = err.upload }), data)
    end)
  end)

  it("beside a listing keeps nobody waiting", function()
    service.faults { { match = UPLOAD, delay = 0.3 } }
    local task = client:spawn(upload, { data = "a film" })
    local page = client.upload_tokens:list()
    assert.equal(1, #page.data)
    assert.equal("running", task.state)
    assert(place.wait(function()
      client:step(0.01)
      return task.state == "done"
    end))
  end)
end)
