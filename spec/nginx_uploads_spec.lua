-- Uploads inside nginx: who waits for one holds nobody else up, and one whose
-- request has gone is given up.

-- nginx runs LuaJIT; the module of another runtime does not fit.
if not jit then return end

local nginx = require "spec.support.nginx"
local patience = require "spec.support.patience"
local place = require "spec.support.place"
local service = require "spec.support.service"
local silent_server = require "spec.support.silent_server"
local socket = require "socket"
local uploads = require "spec.support.uploads"

-- Memory is collected all the time, which takes all the time.
local COLLECTS = os.getenv "APIVIDEO_GC" == "1"

local PART = uploads.PART
local UPLOAD = uploads.UPLOAD

-- What the locations share.
local SHARED = [[
local shared = {}
shared.client = require("apivideo").new { base_url = "%s", api_key = "none" }
shared.silent = require("apivideo").new { base_url = "%s", api_key = "none" }
shared.path, shared.token = "%s", "%s"

function shared.upload(options)
  return shared.client.videos:upload_with_upload_token(shared.token,
    shared.path, options)
end

-- To where nobody answers.
function shared.hang(options)
  options.video_id, options.chunk_size = "vi1", 5242880
  local ok, err = pcall(shared.silent.videos.upload_with_upload_token,
    shared.silent.videos, "to1", shared.path, options)
  shared.words = ok and "done" or err.kind
end

return shared
]]

local LOCATIONS = [[
location = /upload {
  content_by_lua_block {
    local video = require("shared").upload { chunk_size = 5242880, parallel = 2 }
    ngx.say(video.video_id)
  }
}
location = /whole {
  content_by_lua_block { ngx.say(require("shared").upload().video_id) }
}
location = /progress {
  content_by_lua_block {
    local before = 0
    local video = require("shared").upload {
      chunk_size = 5242880, on_progress = function(p)
        assert(p.uploaded_bytes > before)
        before = p.uploaded_bytes
        ngx.sleep(0.001)
      end,
    }
    ngx.say(video.video_id)
    ngx.log(ngx.NOTICE, "uploaded: ", before)
  }
}
location = /timer {
  content_by_lua_block {
    local shared = require "shared"
    local video
    ngx.timer.at(0, function() video = shared.upload() end)
    while not video do ngx.sleep(0.005) end
    ngx.say(video.video_id)
  }
}
location = /session {
  content_by_lua_block {
    local shared = require "shared"
    local session = shared.client.videos:progressive_upload(shared.token)
    local file = assert(io.open(shared.path, "rb"))
    for piece in function() return file:read(3000000) end do
      session:upload_part(piece)
      ngx.sleep(0.001)
    end
    file:close()
    ngx.say(session:upload_last_part("").video_id)
  }
}
location = /hang { content_by_lua_block { require("shared").hang { parallel = 3 } } }
location = /hang_and_tell {
  content_by_lua_block {
    require("shared").hang { parallel = 3, on_progress = function() end }
  }
}
location = /hang_in_task {
  content_by_lua_block {
    local shared = require "shared"
    shared.silent:spawn(shared.hang, { parallel = 3 }):await()
  }
}
location = /close { content_by_lua_block { require("shared").silent:close() } }
location = /words { content_by_lua_block { ngx.say(require("shared").words) } }
location = /ping { content_by_lua_block { ngx.say "pong" } }
location = /header_filter {
  content_by_lua_block { ngx.say "served" }
  header_filter_by_lua_block {
    local _, words = pcall(require("shared").upload)
    ngx.header["X-Words"] = words
  }
}
]]

describe("in nginx, an upload", function()
  local server, listener, data

  before_each(function()
    service.reset()
    local setup = service.client()
    local token = setup.upload_tokens:create_token({ ttl = 3600 }).token
    setup:close()
    data = uploads.data(3 * PART + 1)
    local url
    listener, url = silent_server()
    server = nginx.start {
      server = LOCATIONS,
      files = { ["shared.lua"] = SHARED:format(service.url, url,
        uploads.file("film.mp4", data), token) },
    }
  end)

  after_each(function()
    server:close()
    listener:close()
  end)

  for name, what in pairs {
    upload = "in parts", whole = "in one request", timer = "in a timer",
    session = "of pieces",
  } do
    it(what .. " is one video", function()
      local _, body = server:get("/" .. name)
      uploads.assert_one({ video_id = body:match "^(vi%w+)\n$" }, data)
      assert.equal("", server:troubles())
    end)
  end

  it("reports progress that grows, to who may wait meanwhile", function()
    local _, body = server:get "/progress"
    uploads.assert_one({ video_id = body:match "^(vi%w+)\n$" }, data)
    assert.matches("uploaded: " .. #data, server.place:read "error.log")
    assert.equal("", server:troubles())
  end)

  it("holds nobody up", function()
    service.faults { { match = UPLOAD, delay = 0.3 } }
    local waiting = server:send "/upload"
    assert(place.wait(function() return #uploads.requests() == 1 end))
    assert.equal("pong\n", (select(2, server:get "/ping")))
    assert.is_nil(uploads.requests()[1].status)
    local _, body = nginx.receive(waiting)
    uploads.assert_one({ video_id = body:match "^(vi%w+)\n$" }, data)
  end)

  it("is misuse in a phase that cannot wait", function()
    local _, _, head = server:get "/header_filter"
    assert.matches("'upload_with_upload_token' cannot wait in nginx's phase "
      .. "header_filter", head)
    assert.same({}, uploads.requests())
  end)

  -- The connections of three parts whose heads have arrived.
  local function arrived()
    local connections = {}
    for i = 1, 3 do
      connections[i] = assert(listener:accept())
      connections[i]:settimeout(5)
      repeat until assert(connections[i]:receive "*l") == ""
    end
    return connections
  end

  -- Seconds until the other end has closed all of them.
  local function seconds_until_closed(connections)
    local from = socket.gettime()
    for _, connection in ipairs(connections) do
      local why
      repeat why = select(2, connection:receive(65536)) until why
      assert.equal("closed", why)
      connection:close()
    end
    return socket.gettime() - from
  end

  for _, path in ipairs { "/hang", "/hang_and_tell", "/hang_in_task" } do
    it("is given up with its request: " .. path, function()
      local request = server:send(path)
      local connections = arrived()
      request:close()
      local took = seconds_until_closed(connections)
      assert.is_true(took < patience(COLLECTS and 5 or 0.5), took .. " s")
      assert.equal("", server:troubles())
      -- and the client is there for others
      assert.matches("^vi", (select(2, server:get "/whole")))
    end)
  end

  it("ends when the client is closed", function()
    local request = server:send "/hang"
    local connections = arrived()
    server:get "/close"
    nginx.receive(request)
    assert.equal("cancelled\n", (select(2, server:get "/words")))
    seconds_until_closed(connections)
  end)
end)
