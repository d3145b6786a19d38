-- Which parts of an upload have arrived.

local random = require "spec.support.random"
local Sent = require "apivideo.videos.part_set"

local function with(...)
  local sent = Sent.new()
  for _, number in ipairs { ... } do sent:add(number) end
  return sent
end

describe("the parts that have arrived", function()
  it("are none at first", function()
    assert.equal("", tostring(Sent.new()))
    assert.is_false(Sent.new():has(1))
  end)

  it("are told in short", function()
    assert.equal("1-1", tostring(with(1)))
    assert.equal("1-3", tostring(with(1, 2, 3)))
    assert.equal("2", tostring(with(2)))
    assert.equal("1-2,4", tostring(with(4, 2, 1)))
    assert.equal("2,10,9999", tostring(with(9999, 2, 10)))
  end)

  it("close gaps in whatever order they come", function()
    local sent = with(2, 4, 1)
    assert.equal(2, sent.upto)
    sent:add(3)
    assert.equal(4, sent.upto)
    assert.same({}, sent.beyond)
  end)

  it("may come twice", function()
    assert.equal("1-2", tostring(with(1, 2, 2, 1)))
    assert.equal("1-1,3", tostring(with(1, 3, 3, 1)))
  end)

  it("are known again", function()
    local sent = with(1, 2, 5)
    for number, is_there in pairs { true, true, false, false, true, false } do
      assert.equal(is_there, sent:has(number))
    end
  end)

  it("are read as they were written", function()
    local draw = random(5)
    for _ = 1, 200 do
      local sent = Sent.new()
      for _ = 1, draw(0, 12) do sent:add(draw(1, 15)) end
      local read = Sent.parse(tostring(sent))
      assert.equal(sent.upto, read.upto)
      assert.same(sent.beyond, read.beyond)
    end
  end)

  it("are not read where something else is written", function()
    for _, text in ipairs {
      "x", "1", "1-", "-1", "2-3", "1-2-3", "1-2,", ",2", "1-2,2", "1-2,3",
      "4,2", "2,2", "1-2 ,4", "1-2, 4", " ", "0", "1-0", "1-02", "01", "1-2,04",
      "1-1.5", "2,-3", "0x2", "1e3",
    } do
      assert.is_nil(Sent.parse(text), text)
    end
  end)
end)
