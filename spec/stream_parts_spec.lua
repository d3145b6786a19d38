-- The parts of what comes piece by piece.

local Pieces = require "apivideo.videos.stream_parts"
local random = require "spec.support.random"
local Sent = require "apivideo.videos.part_set"

local GIB = 2 ^ 30

local function bytes_of(part)
  return part.source:sub(part.offset + 1, part.offset + part.size)
end

local function take_all(pieces)
  local parts = {}
  for part in function() return pieces:take() end do
    parts[#parts + 1] = part
  end
  return parts
end

-- What the parts are, in short: number, "/", total, "=", bytes.
local function words_of(parts)
  local words = {}
  for i, part in ipairs(parts) do
    words[i] = ("%s/%s=%s"):format(part.number or "-", part.total or "*",
      bytes_of(part))
  end
  return table.concat(words, " ")
end

-- What becomes of pieces that are pushed, one after the other.
local function parts_of(chunk_size, list)
  local pieces, parts = Pieces.new(chunk_size), {}
  for i, piece in ipairs(list) do
    pieces:push(piece)
    pieces.ended = i == #list
    for _, part in ipairs(take_all(pieces)) do parts[#parts + 1] = part end
  end
  return words_of(parts)
end

describe("pieces", function()
  it("become parts of one size, the last of which says so", function()
    assert.equal("1/*=abc 2/*=def 3/3=gh", parts_of(3, { "abcdefgh" }))
    assert.equal("1/*=abc 2/*=def 3/3=ghi", parts_of(3, { "abcdefghi" }))
    assert.equal("1/*=abc 2/2=d", parts_of(3, { "abcd" }))
  end)

  it("become the same parts however they are cut", function()
    for _, list in ipairs {
      { "a", "b", "c", "d", "e", "f", "g", "h" }, { "abc", "def", "gh" },
      { "abcdef", "gh" }, { "ab", "cdefg", "h" }, { "abcdefgh", "" },
      { "", "abcdefgh" }, { "abcd", "", "efgh", "" },
    } do
      assert.equal("1/*=abc 2/*=def 3/3=gh", parts_of(3, list))
    end
  end)

  it("become a whole file where one part is enough", function()
    assert.equal("-/*=ab", parts_of(3, { "ab" }))
    assert.equal("-/*=abc", parts_of(3, { "abc" }))
    assert.equal("-/*=abc", parts_of(3, { "a", "b", "c", "" }))
  end)

  it("are held until they are known not to be the last", function()
    local pieces = Pieces.new(3)
    pieces:push "abc"
    assert.is_nil(pieces:take())
    pieces:push "d"
    assert.equal("1/*=abc", words_of(take_all(pieces)))
    pieces.ended = true
    assert.equal("2/2=d", words_of(take_all(pieces)))
    assert.is_nil(pieces:take())
  end)

  it("are not joined where a part is inside of one", function()
    local piece = "abcdefgh"
    local pieces = Pieces.new(3)
    pieces:push(piece)
    pieces.ended = true
    local parts = take_all(pieces)
    for i, part in ipairs(parts) do
      assert.equal(piece, part.source)
      assert.equal(3 * (i - 1), part.offset)
    end
  end)

  it("lose and repeat nothing, whatever their sizes", function()
    local draw = random(7)
    for _ = 1, os.getenv "APIVIDEO_GC" and 20 or 300 do
      local list, expected, chunk_size = {}, {}, draw(1, 9)
      for i = 1, draw(1, 12) do
        list[i] = ("abcdefghijklmnopqrstuvwxyz"):sub(1, draw(0, 12))
        expected[i] = list[i]
      end
      list[#list + 1] = "end"
      local words = " " .. parts_of(chunk_size, list)
      assert.equal(table.concat(expected) .. "end",
        (words:gsub(" [^=]*=", "")))
    end
  end)

  it("are asked for when there is too little for a part", function()
    local given, asked = { "ab", "cd", "efg" }, 0
    local pieces = Pieces.new(3, function(self)
      asked = asked + 1
      local piece = given[asked]
      if piece then self:push(piece) else self.ended = true end
    end)
    assert.equal("1/*=abc", words_of { pieces:take() })
    assert.equal(2, asked)
    assert.equal("2/*=def 3/3=g", words_of(take_all(pieces)))
    assert.equal(4, asked)
    assert.is_nil(pieces:take())
    assert.equal(4, asked) -- never again after the end
  end)

  it("are asked for later when there is nothing yet", function()
    local given, asked = { "ab", "", "cd", "" }, 0
    local pieces = Pieces.new(3, function(self)
      asked = asked + 1
      self:push(given[asked])
    end)
    assert.is_nil(pieces:take())
    assert.is_true(pieces.starved)
    assert.equal(2, asked)
    assert.equal("1/*=abc", words_of { pieces:take() })
    assert.is_false(pieces.starved)
    assert.is_nil(pieces:take())
    assert.is_true(pieces.starved)
  end)

  it("have a size when the last part is known, not earlier", function()
    local pieces = Pieces.new(3)
    pieces:push "abcd"
    take_all(pieces)
    assert.is_nil(pieces.size)
    assert.is_nil(pieces.count)
    pieces.ended = true
    take_all(pieces)
    assert.equal(4, pieces.size)
    assert.equal(2, pieces.count)
  end)

  -- --- what is wrong with them ------------------------------------------------

  it("may not be nothing at all", function()
    local pieces = Pieces.new(3)
    assert.is_nil(pieces:problem())
    pieces:push ""
    pieces.ended = true
    assert.is_nil(pieces:take())
    assert.matches("are empty", pieces:problem())
  end)

  it("may not be more than 30 GiB", function()
    local pieces = Pieces.new(3)
    pieces.bytes = 30 * GIB - 1
    pieces:push "a"
    assert.is_nil(pieces:problem())
    pieces:push "b"
    assert.matches("more than 30 GiB", pieces:problem())
  end)

  it("tell why there are no more", function()
    local pieces = Pieces.new(3)
    pieces.failure = { words = "the reader failed", cause = 5 }
    assert.same({ "the reader failed", 5 }, { pieces:problem() })
  end)

  -- --- where others broke off -------------------------------------------------

  describe("of which parts had arrived", function()
    local function resumed(sent, list, size)
      local pieces = Pieces.new(9)
      pieces:resume {
        chunk_size = 3, sent = assert(Sent.parse(sent)), size = size,
      }
      for _, piece in ipairs(list) do pieces:push(piece) end
      pieces.ended = true
      return words_of(take_all(pieces)), pieces
    end

    it("are passed over, and the rest is as it was", function()
      for _, list in ipairs {
        { "abcdefgh" }, { "abc", "def", "gh" }, { "abcde", "fgh" },
        { "a", "b", "c", "d", "e", "f", "g", "h" },
      } do
        assert.equal("2/*=def 3/3=gh", (resumed("1-1", list)))
        assert.equal("3/3=gh", (resumed("1-2", list)))
      end
    end)

    it("are sent again behind a gap", function()
      assert.equal("2/*=def 3/3=gh", (resumed("1-1,3", { "abcdefgh" })))
    end)

    it("are known as arrived", function()
      local _, pieces = resumed("1-2", { "abcdefgh" })
      assert.equal(6, pieces:arrived())
    end)

    it("are all, when the last is among them", function()
      local words, pieces = resumed("1-3", { "abcdefgh" }, 8)
      assert.equal("", words)
      assert.is_nil(pieces:problem())
      assert.equal(8, pieces:arrived())
    end)

    it("are all, when there was one", function()
      local words, pieces = resumed("1-1", { "a", "b" }, 2)
      assert.equal("", words)
      assert.is_nil(pieces:problem())
      assert.equal(2, pieces:arrived())
    end)

    it("must come again", function()
      -- The last one alone said that more was to come.
      for _, list in ipairs { { "abcdef" }, { "abcde" }, { "a" }, {} } do
        local words, pieces = resumed("1-2", list)
        assert.equal("", words)
        assert.is_string(pieces:problem())
      end
    end)

    it("must not end earlier or later than they did", function()
      for _, list in ipairs { { "abcdefg" }, { "abcdefghi" } } do
        local _, pieces = resumed("1-3", list, 8)
        assert.is_string(pieces:problem())
      end
    end)
  end)
end)
