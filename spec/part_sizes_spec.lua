-- How a file is cut into parts: numbers alone.

local plan = require "apivideo.videos.part_sizes"

local MIB = 2 ^ 20
local GIB = 2 ^ 30

-- Fails unless the parts of such a file follow each other from its first byte
-- to its last, each of them as large as the others but the last.
local function assert_parts(size, chunk_size)
  local count, at = plan.count(size, chunk_size), 0
  for number = 1, count do
    local offset, part = plan.range(number, size, chunk_size)
    if offset ~= at then error("part " .. number .. " is elsewhere", 2) end
    local right = number < count and part == chunk_size
      or number == count and part >= 1 and part <= chunk_size
    if not right then error("part " .. number .. " has " .. part, 2) end
    at = offset + part
  end
  assert.equal(size, at)
end

describe("a plan", function()
  it("cuts a file from its first byte to its last", function()
    for _, chunk_size in ipairs { 1, 2, 3, 7, 10 } do
      for size = 1, 50 do assert_parts(size, chunk_size) end
    end
    for _, size in ipairs { 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 10 * MIB } do
      assert_parts(size, 5 * MIB)
    end
  end)

  it("has one part where one is enough", function()
    assert.equal(1, plan.count(1, 5 * MIB))
    assert.equal(1, plan.count(5 * MIB, 5 * MIB))
    assert.equal(2, plan.count(5 * MIB + 1, 5 * MIB))
  end)

  it("has no empty part behind an exact multiple", function()
    assert.equal(3, plan.count(15 * MIB, 5 * MIB))
    assert.same({ 10 * MIB, 5 * MIB },
      { plan.range(3, 15 * MIB, 5 * MIB) })
  end)

  it("counts to the last byte of 30 GiB", function()
    for _, size in ipairs { 30 * GIB - 1, 30 * GIB, 4 * GIB + 1 } do
      for _, chunk_size in ipairs { 5 * MIB, 50 * MIB, 128 * MIB } do
        assert_parts(size, chunk_size)
      end
    end
    assert.equal(6144, plan.count(30 * GIB, 5 * MIB))
  end)

  it("keeps to the size that was wanted", function()
    for _, size in ipairs { 1, 5 * MIB, 30 * GIB, 50000 * MIB } do
      assert.equal(5 * MIB, plan.chunk_size(size, 5 * MIB))
    end
  end)

  it("has larger parts where there would be too many", function()
    for _, size in ipairs {
      50000 * MIB + 1, 60000 * MIB, 60000 * MIB + 1, 1024 * GIB, 2 ^ 50,
    } do
      local chunk_size = plan.chunk_size(size, 5 * MIB)
      assert.is_true(chunk_size > 5 * MIB)
      assert.equal(0, chunk_size % MIB)
      assert.is_true(plan.count(size, chunk_size) <= plan.MOST_PARTS)
      -- A MiB less would be too little.
      assert.is_true(plan.count(size, chunk_size - MIB) > plan.MOST_PARTS)
    end
    assert_parts(60000 * MIB + 1, plan.chunk_size(60000 * MIB + 1, 5 * MIB))
  end)

  if math.type then
    it("gives integers", function()
      local size = math.tointeger(30 * GIB)
      local chunk_size = plan.chunk_size(2 * size, math.tointeger(5 * MIB))
      local numbers = {
        chunk_size, plan.count(size, chunk_size),
        plan.range(2, size, chunk_size),
      }
      for i = 1, 4 do assert.equal("integer", math.type(numbers[i])) end
    end)
  end
end)
