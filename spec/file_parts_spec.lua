-- The parts of what is there as a whole.

local Meter = require "apivideo.videos.progress"
local Sent = require "apivideo.videos.part_set"
local Stored = require "apivideo.videos.file_parts"

local function new(size, chunk_size)
  return Stored.new {
    kind = "data", source = "the source", size = size, chunk_size = chunk_size,
    identify = function() return "print" end,
  }
end

-- Its parts in short: number, "/", total, "@", offset, "+", size.
local function words_of(parts)
  local words = {}
  for part in function() return parts:take() end do
    assert(part.source == "the source")
    words[#words + 1] = ("%s/%s@%.0f+%.0f"):format(part.number or "-",
      part.total or "-", part.offset, part.size)
  end
  return table.concat(words, " ")
end

describe("what is there as a whole", function()
  it("has parts one after the other", function()
    assert.equal("1/3@0+3 2/3@3+3 3/3@6+2", words_of(new(8, 3)))
    assert.equal("1/2@0+3 2/2@3+3", words_of(new(6, 3)))
  end)

  it("has one part without a number where that is enough", function()
    assert.equal("-/-@0+3", words_of(new(3, 3)))
    assert.equal("-/-@0+1", words_of(new(1, 3)))
  end)

  it("has no part again that has arrived", function()
    for sent, words in pairs {
      ["1-1"] = "2/3@3+3 3/3@6+2", ["1-2"] = "3/3@6+2", ["1-3"] = "",
      ["2"] = "1/3@0+3 3/3@6+2", ["1-1,3"] = "2/3@3+3",
    } do
      local parts = new(8, 5)
      parts:resume { chunk_size = 3, sent = assert(Sent.parse(sent)) }
      assert.equal(words, words_of(parts), sent)
    end
  end)

  it("knows how many bytes have arrived", function()
    for sent, bytes in pairs {
      [""] = 0, ["1-1"] = 3, ["1-2"] = 6, ["1-3"] = 8, ["3"] = 2,
      ["1-1,3"] = 5, ["2"] = 3,
    } do
      local parts = new(8, 3)
      parts:resume { chunk_size = 3, sent = assert(Sent.parse(sent)) }
      assert.equal(bytes, parts:arrived(), sent)
    end
  end)

  it("is looked at once, which may take long", function()
    local looks = 0
    local parts = Stored.new {
      kind = "data", source = "x", size = 1, chunk_size = 1,
      identify = function()
        looks = looks + 1
        return "print"
      end,
    }
    assert.equal(0, looks)
    for _ = 1, 3 do assert.equal("print", parts:fingerprint()) end
    assert.equal(1, looks)
  end)
end)

describe("progress", function()
  it("never goes back", function()
    local meter, reached = Meter.new(10), {}
    for i, bytes in ipairs { 10, 15, 12, 15, 20, 0, 21 } do
      reached[i] = meter:reach(bytes)
    end
    assert.same({ false, true, false, false, true, false, true }, reached)
    assert.equal(21, meter.bytes)
  end)

  it("has a rate, to which what had arrived before does not count", function()
    local meter = Meter.new(1e15)
    meter.started, meter.at = meter.started - 2, meter.at - 2
    meter:reach(1e15 + 2000)
    assert.is_true(meter.rate > 0 and meter.rate <= 1000, meter.rate)
  end)
end)
