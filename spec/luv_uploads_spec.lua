-- Uploads under luv: a coroutine waits for its parts, and libuv's loop goes on.

local loop = require "spec.support.uv_loop"
local patience = require "spec.support.patience"
local service = require "spec.support.service"
local socket = require "socket"
local uploads = require "spec.support.uploads"
local uv = require "luv"

local PART = uploads.PART
local UPLOAD = uploads.UPLOAD

describe("an upload under luv", function()
  local client, token
  local data = uploads.data(3 * PART + 1)

  -- Failures are returned, because Lua 5.1 cannot yield out of pcall.
  uploads.with_client(function(...) client, token = ... end,
    { driver = "luv" }, "apivideo.safe")

  local function upload(...) return uploads.send(client, token, ...) end

  it("is one video, while the loop goes on", function()
    service.faults { { match = UPLOAD }, { match = UPLOAD, delay = 0.3 } }
    local ticks, video = 0, nil
    local timer = uv.new_timer()
    timer:start(10, 10, function() ticks = ticks + 1 end)
    loop.run(function()
      video = upload({ data = data }, { parallel = 2 })
      timer:close()
    end)
    uploads.assert_one(video, data)
    assert.is_true(ticks >= 5, ticks)
    assert.is_false(uv.loop_alive())
  end)

  it("of a file or a reader is one, too", function()
    local path = uploads.file("film.mp4", data)
    local file = assert(io.open(path, "rb"))
    for _, source in ipairs {
      path, function()
        loop.sleep(0.001) -- luv's own wait inside of the reader
        return file:read(2000000)
      end,
    } do
      service.reset()
      local setup = service.client()
      token = setup.upload_tokens:create_token().token
      setup:close()
      local video
      loop.run(function() video = upload(source) end)
      uploads.assert_one(video, data)
    end
    file:close()
  end)

  it("of pieces is one, too", function()
    local video
    loop.run(function()
      local session = client.videos:progressive_upload(token)
      for at = 1, #data, 3000000 do
        session:upload_part(data:sub(at, at + 2999999))
        loop.sleep(0.001)
      end
      video = session:upload_last_part ""
    end)
    uploads.assert_one(video, data)
  end)

  it("beside others is one of them", function()
    local titles = {}
    local function body(name)
      return function()
        local video = upload({ data = data }, { file_name = name })
        titles[#titles + 1] = video.title
      end
    end
    loop.run(body "a", body "b", body "c")
    table.sort(titles)
    assert.same({ "a", "b", "c" }, titles)
  end)

  it("reports progress that grows", function()
    local before, video = 0, nil
    loop.run(function()
      video = upload({ data = data }, { on_progress = function(p)
        assert(p.uploaded_bytes > before)
        before = p.uploaded_bytes
      end })
    end)
    uploads.assert_one(video, data)
    assert.equal(#data, before)
  end)

  it("ends at once when its task is cancelled", function()
    service.faults {
      { match = UPLOAD }, { match = UPLOAD, delay = 60, times = 2 },
    }
    local seconds, err
    local task = client:spawn(function()
      err = select(2, upload({ data = data }, { parallel = 2 }))
    end)
    loop.run(function()
      while #uploads.requests() < 3 do loop.sleep(0.01) end
      local from = socket.gettime()
      task:cancel()
      seconds = socket.gettime() - from
    end)
    assert.equal("cancelled", err.kind)
    assert.equal("1-1", err.upload.sent)
    assert.is_true(seconds < patience(0.5), seconds)
    assert.is_false(uv.loop_alive())
  end)

  it("ends when the client is closed", function()
    service.faults { { match = UPLOAD }, { match = UPLOAD, delay = 60 } }
    local err
    loop.run(function()
      err = select(2, upload({ data = data }))
    end, function()
      while #uploads.requests() < 2 do loop.sleep(0.01) end
      client:close()
    end)
    assert.equal("cancelled", err.kind)
    assert.equal("1-1", err.upload.sent)
    assert.is_false(uv.loop_alive())
  end)

  it("is refused outside of a coroutine", function()
    for _, call in ipairs {
      function() upload { data = data } end,
      function()
        client.videos:progressive_upload(token):upload_part "x"
      end,
    } do
      assert.matches("would hold up luv's loop here", service.misuse(call))
    end
    assert.same({}, uploads.requests())
  end)
end)
