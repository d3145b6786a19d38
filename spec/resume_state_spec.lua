-- The state of an upload as a table that somebody keeps.

local cjson = require "cjson"
local Sent = require "apivideo.videos.part_set"
local state = require "apivideo.videos.resume_state"

-- A transfer as far as its state is concerned.
local function transfer(parts)
  local all = {
    kind = "file", size = 12345678901, chunk_size = 5242880,
    sent = assert(Sent.parse "1-3,5"),
    fingerprint = function() return "print" end,
  }
  for name, value in pairs(parts or {}) do all[name] = value end
  return {
    video_id = "vi1", file_name = "a.mp4", parts = all, reached = true,
  }
end

local function copy(it)
  local other = {}
  for key, value in pairs(it) do other[key] = value end
  return other
end

describe("an upload's state", function()
  local it_all

  before_each(function() it_all = state.of(transfer()) end)

  it("is a plain table of texts, numbers and a boolean", function()
    local check = it_all.check
    assert.is_string(check)
    it_all.check = nil
    assert.same({
      version = 1, video_id = "vi1", file_name = "a.mp4", source = "file",
      size = 12345678901, chunk_size = 5242880, sent = "1-3,5",
      fingerprint = "print", reached = true,
    }, it_all)
    assert.is_nil(getmetatable(it_all))
  end)

  it("is none while there is no video", function()
    local without = transfer()
    without.video_id = nil
    assert.is_nil(state.of(without))
  end)

  it("is read as it was written", function()
    local read = assert(state.read(it_all))
    assert.equal("vi1", read.video_id)
    assert.equal("a.mp4", read.file_name)
    assert.equal("file", read.source)
    assert.equal(12345678901, read.size)
    assert.equal(5242880, read.chunk_size)
    assert.equal("print", read.fingerprint)
    assert.equal("1-3,5", tostring(read.sent))
  end)

  it("is read when JSON was made of it meanwhile", function()
    local read = assert(state.read(cjson.decode(cjson.encode(it_all))))
    assert.equal(12345678901, read.size)
    if math.type then assert.equal("integer", math.type(read.size)) end
    if math.type then assert.equal("integer", math.type(read.chunk_size)) end
  end)

  it("is read when nobody knew the size", function()
    local without = transfer { kind = "pieces" }
    without.parts.size = nil
    local read = assert(state.read(state.of(without)))
    assert.is_nil(read.size)
    assert.equal("pieces", read.source)
  end)

  it("is not read when any of it was changed", function()
    for field, other in pairs {
      video_id = "vi2", file_name = "b.mp4", source = "data", size = 5,
      fingerprint = "other", chunk_size = 5242881, sent = "1-4,5",
      check = "0123456789abcdef", reached = false,
    } do
      local changed = copy(it_all)
      changed[field] = other
      local read, problem = state.read(changed)
      assert.is_nil(read, field)
      assert.equal("it was changed", problem)
    end
  end)

  it("is not read when something is missing or of another type", function()
    for field in pairs(it_all) do
      for _, other in ipairs { false, true, {}, 0 / 0 } do
        local changed = copy(it_all)
        changed[field] = other or nil
        if changed[field] ~= it_all[field] then
          assert.is_nil((state.read(changed)), field)
        end
      end
    end
  end)

  it("is not read when it is no state", function()
    for _, other in ipairs { 1, "x", true, print } do
      local read, problem = state.read(other)
      assert.is_nil(read)
      assert.equal("it is a " .. type(other), problem)
    end
    assert.is_nil((state.read {}))
  end)

  it("says when it is from a version to come", function()
    it_all.version = 2
    local read, problem = state.read(it_all)
    assert.is_nil(read)
    assert.equal("it is from a newer version of apivideo", problem)
  end)
end)
