-- What the command line reads and writes of times, sizes and JSON.

local columns_of = require "apivideo.cli.format.columns"
local duration = require "apivideo.cli.format.duration"
local json = require "apivideo.cli.format.json"
local progress_bar = require "apivideo.cli.terminal.progress_bar"
local shown = require "apivideo.cli.format.shown"
local size = require "apivideo.cli.format.size"

describe("a length of time", function()
  for text, seconds in pairs {
    ["0"] = 0, ["90"] = 90, ["90s"] = 90, ["15m"] = 900, ["2h"] = 7200,
    ["7d"] = 604800, ["1w"] = 604800, ["2147483647"] = 2147483647,
  } do
    it("can be " .. text, function()
      assert.equal(seconds, duration.read(text))
    end)
  end

  for _, text in ipairs { "", "h", "-1", "1.5h", "2 h", "2y", "0x10", "1e3", "2147483648", "99999w" } do
    it("cannot be '" .. text .. "'", function()
      local seconds, problem = duration.read(text)
      assert.is_nil(seconds)
      assert.truthy(problem:find("'" .. text .. "'", 1, true), problem)
    end)
  end

  for _, case in ipairs {
    { 0, "0 s" }, { 59, "59 s" }, { 60, "1 min" }, { 5400, "1 h 30 min" },
    { 172860, "2 d" }, { 90000, "1 d 1 h" },
  } do
    it(("of %d s is shown as %s"):format(case[1], case[2]), function()
      assert.equal(case[2], duration.words(case[1]))
    end)
  end
end)

describe("a size", function()
  local read = size.from_to("1K", "1G")

  for text, bytes in pairs {
    ["1024"] = 1024, ["1K"] = 1024, ["50M"] = 52428800, ["50MiB"] = 52428800, ["1G"] = 2^30,
  } do
    it("can be " .. text, function()
      assert.equal(bytes, read(text))
    end)
  end

  for _, text in ipairs { "", "M", "50MB", "50m", "-1", "1.5M" } do
    it("cannot be '" .. text .. "'", function()
      local bytes, problem = read(text)
      assert.is_nil(bytes)
      assert.matches("is not a size", problem)
    end)
  end

  it("is shown in whole bytes, also where it is an average", function()
    for bytes, words in pairs { [0] = "0 bytes", [500.5] = "500 bytes", [1023.9] = "1023 bytes" } do
      assert.equal(words, size.words(bytes))
    end
  end)

  it("is in its range", function()
    assert.equal("a size of '2G' is not from 1K to 1G", select(2, read "2G"))
    assert.equal("a size of '1' is not from 1K to 1G", select(2, read "1"))
  end)
end)

describe("JSON", function()
  it("has keys in their order, whole numbers and plain slashes", function()
    assert.equal('{"a":3600,"b":["x/y",{}],"c":false,"d":9007199254740992}',
      (json.encode { d = 2^53, c = false, b = { "x/y", {} }, a = 3600.0 }:gsub("%[%]", "{}")))
  end)

  it("has an empty list for an empty table", function()
    assert.equal('{"data":[]}', json.encode { data = {} })
  end)

  it("has null where a list has nothing", function()
    assert.equal('{"l":[null,null,1,null,{"a":true}]}', json.encode { l = { nil, nil, 1, nil, { a = true } } })
  end)

  it("has numbers beyond all that a double holds", function()
    assert.equal("[1e999,-1e999]", json.encode(json.decode "[1e400,-1e400]"))
  end)

  it("is indented for people", function()
    assert.equal('{\n  "a": [\n    1,\n    2\n  ],\n  "b": []\n}', json.encode({ a = { 1, 2 }, b = {} }, true))
  end)

  it("has U+FFFD for what is not UTF-8", function()
    local lost = "\239\191\189"
    for text, expected in pairs {
      ["a\0é€😀\244\143\191\191"] = "a\\u0000é€😀\244\143\191\191", -- all that is
      ["caf\233.mp4"] = "caf" .. lost .. ".mp4",
      ["é\195"] = "é" .. lost, -- cut off
      ["\192\175"] = lost:rep(2), -- longer than it need be
      ["\237\160\128"] = lost:rep(3), -- half of a pair
      ["\244\144\128\128"] = lost:rep(4), -- beyond Unicode
    } do
      assert.equal('"' .. expected .. '"', json.encode(text))
    end
  end)

  it("that is none is nil", function()
    assert.is_nil(json.decode "{")
  end)
end)

describe("a progress bar", function()
  local half = { uploaded_bytes = 50 * 2^20, total_bytes = 100 * 2^20, bytes_per_second = 10 * 2^20 }

  it("has rate and time left, and fits", function()
    for columns = 60, 200, 20 do
      local line = progress_bar("films/a.mp4", half, columns, false)
      assert.matches("^a.mp4  .*50%%  50.0 MiB of 100.0 MiB  10.0 MiB/s  5 s left$", line)
      assert.is_true(#line <= math.max(columns, 61), line)
    end
  end)

  it("has its share also where there is little room", function()
    for columns = 20, 60 do
      for _, name in ipairs { ("x"):rep(250), "film.mp4", ("夏"):rep(80) .. ".mp4" } do
        local line = progress_bar("films/" .. name, half, columns, true)
        assert.matches(" 50%%", columns_of.first(line, columns - 1))
      end
    end
  end)

  it("is half full at half of the way", function()
    local bar = progress_bar("a.mp4", half, 120, false):match "[#-]+"
    assert.equal(("#"):rep(#bar / 2) .. ("-"):rep(#bar / 2), bar)
  end)

  it("waits for the answer when all is sent", function()
    local all = { uploaded_bytes = 5, total_bytes = 5, bytes_per_second = 0 }
    assert.matches("100%%.*waiting for the answer$", progress_bar("a", all, 120, true))
  end)
end)

describe("the columns of a text", function()
  for text, columns in pairs {
    [""] = 0, ["plain.mp4"] = 9, ["é"] = 1, ["e\204\129"] = 1, ["夏休み"] = 6, ["ｅ"] = 2, ["한글"] = 4,
    ["\225\132\146\225\133\161\225\134\171"] = 2, -- 한, as macOS writes it in names
    ["か\227\130\153"] = 2, ["🎬"] = 2, ["ไม้"] = 2, ["नि"] = 2, ["עִברִית"] = 5, ["a\226\128\139b"] = 2,
    ["❤️"] = 2, ["𠀀"] = 2, ["★"] = 1, ["½"] = 1, ["\233"] = 1,
  } do
    it(("are %d: %s"):format(columns, text), function()
      assert.equal(columns, columns_of.text(text))
    end)
  end

  it("are cut between characters, and no mark is parted from what it is on", function()
    local text = "夏e\204\129休x"
    for most, expected in pairs {
      [0] = { "", "" }, { "", "x" }, { "夏", "x" }, { "夏e\204\129", "休x" }, { "夏e\204\129", "e\204\129休x" },
      { "夏e\204\129休", "e\204\129休x" }, { text, text },
    } do
      assert.equal(expected[1], columns_of.first(text, most), most)
      assert.equal(expected[2], columns_of.last(text, most), most)
    end
  end)

  it("are never more than there are in a line of progress", function()
    local half = { uploaded_bytes = 50 * 2^20, total_bytes = 100 * 2^20, bytes_per_second = 10 * 2^20 }
    for _, name in ipairs {
      ("夏"):rep(80) .. ".mp4", ("🎬"):rep(50), ("e\204\129"):rep(90), ("ไม้"):rep(40), ("x"):rep(250),
    } do
      for columns = 90, 200, 7 do
        local line = progress_bar("dir/" .. name, half, columns, true)
        assert.is_true(columns_of.text(line) <= columns, line)
      end
    end
  end)
end)

describe("a name on a terminal", function()
  it("has nothing that the terminal obeys", function()
    for name, expected in pairs {
      ["esc\27[31m.mp4"] = "esc?[31m.mp4", ["new\nline"] = "new?line", ["nel\194\133"] = "nel?",
      ["rtl\226\128\1744pm"] = "rtl?4pm", ["caf\233"] = "caf\239\191\189", ["夏🎬é"] = "夏🎬é",
    } do
      assert.equal(expected, shown(name))
    end
  end)
end)
