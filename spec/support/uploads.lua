-- What specs upload, and what the sandbox made of it.

local place = require "spec.support.place"
local sandbox = require "spec.support.sandbox_http"
local service = require "spec.support.service"

local uploads = {}

uploads.PART = 5 * 1024 * 1024 -- bytes of the smallest part

-- What the sandbox's faults call the requests that bring a file.
uploads.UPLOAD = { method = "POST", path = "/upload" }

local LINE = 1024 -- bytes that begin with where they are

-- Bytes of which none could be elsewhere unnoticed. Made once for each size:
-- they are large.
local made = {}

function uploads.data(size)
  if made[size] then return made[size] end
  local filler = ("."):rep(LINE - 9) .. "\n"
  local lines = {}
  for i = 1, math.ceil(size / LINE) do
    lines[2 * i - 1] = ("%08d"):format(i)
    lines[2 * i] = filler
  end
  made[size] = table.concat(lines):sub(1, size)
  return made[size]
end

-- A temporary directory with files to be uploaded; it goes with the process.
local here

-- The path of a file of that name with these bytes.
function uploads.file(name, data)
  here = here or place.new()
  return here:write(name, data)
end

-- Runs a shell script where the files are.
function uploads.run(script)
  here = here or place.new()
  here:run(script)
end

function uploads.path(name)
  here = here or place.new()
  return here:file(name)
end

local function first_word_of(command)
  local pipe = assert(io.popen(command))
  local word = pipe:read("*a"):match "^%w+"
  pipe:close()
  return word
end

local digests = {}

function uploads.sha256(data)
  if digests[data] then return digests[data] end
  local path = uploads.file("digest", data)
  digests[data] = first_word_of("sha256sum <'" .. path .. "'")
  os.remove(path)
  return digests[data]
end

-- A function that gives bytes in pieces of that size, as a reader does.
function uploads.pieces(data, size)
  local at = 1
  return function()
    local piece = data:sub(at, at + size - 1)
    at = at + #piece
    return piece ~= "" and piece or nil
  end
end

-- Uploads in the smallest parts, if nothing else is said.
function uploads.send(client, token, source, options)
  options = options or {}
  if not options.resume then
    options.chunk_size = options.chunk_size or uploads.PART
  end
  return client.videos:upload_with_upload_token(token, source, options)
end

-- Gives each spec of the block in which it is called a client and an upload
-- token, see service.with_client: `set(client, token)`.
function uploads.with_client(set, options, module)
  service.with_client(function(client)
    set(client, sandbox.create_token().token)
  end, options, module)
end

-- The requests that brought a file, in their order.
function uploads.requests()
  local list = {}
  for _, request in ipairs(sandbox.control("GET", "log")) do
    if request.path:find("^/upload%?") then list[#list + 1] = request end
  end
  return list
end

-- Their Content-Range headers, false where there was none.
function uploads.ranges()
  local ranges = {}
  for i, request in ipairs(uploads.requests()) do
    ranges[i] = request.headers["content-range"] or false
  end
  return ranges
end

-- The only video there is, as the sandbox has it.
function uploads.only_video()
  local list = sandbox.control("GET", "videos")
  assert(#list == 1, "there are " .. #list .. " videos")
  return sandbox.video(list[1].videoId)
end

-- Fails unless one file became one video, byte by byte.
function uploads.assert_one(video, data)
  local stored = uploads.only_video()
  assert(stored.videoId == video.video_id, "it is another video")
  assert(stored.complete, "the video is not complete")
  assert(stored.size == #data, "it has " .. stored.size .. " bytes")
  assert(stored.sha256 == uploads.sha256(data), "its bytes are others")
  return stored
end

-- A video without a file, made by other means. → its id
function uploads.container(title)
  local status, video =
    sandbox.call("POST", "/videos", { title = title or "a container" })
  assert(status == 201)
  return video.videoId
end

return uploads
