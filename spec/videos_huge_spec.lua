-- The largest file that the service takes, most of which is a hole: offsets go
-- far beyond 2^32.

local core = require "apivideo.core"
local sandbox = require "spec.support.sandbox_http"
local Sent = require "apivideo.videos.part_set"
local service = require "spec.support.service"
local source = require "apivideo.videos.source"
local state = require "apivideo.videos.resume_state"
local uploads = require "spec.support.uploads"

local PART = uploads.PART
local SIZE = 30 * 2 ^ 30
local COUNT = 6144

-- What stands in the hole, and where.
local MARKS = {
  { 0, "the first byte" },
  { 2 ^ 32 - 5, "across 2^32" },
  { SIZE - 13, "the last byte" },
}

-- Bytes of the file.
local function bytes_at(offset, size)
  local bytes = ("\0"):rep(size)
  for _, mark in ipairs(MARKS) do
    local at = mark[1] - offset
    if at >= 0 and at + #mark[2] <= size then
      bytes = bytes:sub(1, at) .. mark[2] .. bytes:sub(at + #mark[2] + 1)
    end
  end
  return bytes
end

describe("a file of 30 GiB", function()
  local client, token, path, opened

  setup(function()
    path = uploads.path "huge.mp4"
    uploads.run("truncate -s 32212254720 huge.mp4")
    for _, mark in ipairs(MARKS) do
      uploads.run(("printf '%s' | dd of=huge.mp4 bs=1 oflag=seek_bytes "
        .. "seek=%.0f conv=notrunc"):format(mark[2], mark[1]))
    end
  end)

  teardown(function() os.remove(path) end)

  before_each(function()
    service.reset()
    client = service.client { retries = 0 }
    token = client.upload_tokens:create_token({ ttl = 3600 }).token
    opened = assert(source.open(path, { chunk_size = PART }, token))
  end)

  after_each(function()
    opened.parts:close()
    client:close()
  end)

  it("has as many parts as it takes", function()
    assert.equal(SIZE, opened.parts.size)
    assert.equal(COUNT, opened.parts.count)
    assert.equal(PART, opened.parts.chunk_size)
    local count, at = 0, 0
    for part in function() return opened.parts:take() end do
      count = count + 1
      if part.offset ~= at or part.number ~= count then error "no plan" end
      at = at + part.size
    end
    assert.equal(COUNT, count)
    assert.equal(SIZE, at)
  end)

  -- The part of that number.
  local function part_of(number)
    opened.parts.sent = number == 1 and Sent.new()
      or Sent.parse("1-" .. ("%d"):format(number - 1))
    return opened.parts:take()
  end

  -- Sends a part's bytes as a video of its own, whose digest can be seen.
  local function sent_alone(part)
    local it = core.new { base_url = service.url }
    local call = it:start("upload_with_upload_token", token, {
      source = part.source, offset = part.offset, size = part.size,
      file_name = "part.mp4",
    })
    repeat it:step(1) until call:done()
    local id = call:result().video_id
    it:close()
    return sandbox.video(id)
  end

  for name, number in pairs {
    ["first part"] = 1, ["part at 2^32"] = 820, ["last part"] = COUNT,
  } do
    it("has its own bytes in its " .. name, function()
      local part = part_of(number)
      assert.equal(number, part.number)
      assert.equal(COUNT, part.total)
      assert.equal((number - 1) * PART, part.offset)
      local expected = bytes_at(part.offset, part.size)
      assert.is_truthy(expected:find "[^%z]")
      local stored = sent_alone(part)
      assert.equal(PART, stored.size)
      assert.equal(uploads.sha256(expected), stored.sha256)
    end)
  end

  it("is gone on with at its last part", function()
    local id = uploads.container()
    opened.parts.sent = Sent.parse("1-" .. ("%d"):format(COUNT - 1))
    local video = client.videos:upload_with_upload_token(token, path, {
      resume = state.of {
        video_id = id, file_name = "huge.mp4", parts = opened.parts,
        reached = true,
      },
    })
    assert.equal(id, video.video_id)
    assert.same({ "part 6144/6144" }, uploads.ranges())
    local parts = uploads.only_video().parts
    assert.equal(1, #parts)
    assert.equal(PART, parts[1].size)
  end)

  it("is begun with its first part", function()
    service.faults {
      { match = { path = "/upload" } },
      { match = { path = "/upload" }, status = 404 },
    }
    local last
    local err = service.failure(client.videos.upload_with_upload_token,
      client.videos, token, path, {
        chunk_size = PART, on_progress = function(p) last = p end,
      })
    assert.equal("1-1", err.upload.sent)
    assert.equal(SIZE, err.upload.size)
    assert.same({ "part 1/6144", "part 2/6144" }, uploads.ranges())
    assert.equal(SIZE, last.total_bytes)
    assert.equal(COUNT, last.parts)
  end)
end)
