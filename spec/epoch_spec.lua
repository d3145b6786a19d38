local apivideo = require "apivideo"
local service = require "spec.support.service"

local GOOD = {
  ["1970-01-01T00:00:00+00:00"] = 0,
  ["1970-01-01T00:00:00Z"] = 0,
  ["1969-12-31T23:59:59Z"] = -1,
  ["2020-12-02T10:26:46+00:00"] = 1606904806,
  ["2020-12-02T10:26:46.999+00:00"] = 1606904806,
  ["2020-12-02T15:56:46+05:30"] = 1606904806,
  ["2020-12-02T03:26:46-07:00"] = 1606904806,
  ["2020-12-02T10:26:46-0000"] = 1606904806,
  ["2000-02-29T12:00:00Z"] = 951825600,
  ["2024-02-29T00:00:00Z"] = 1709164800,
  ["2100-03-01T00:00:00Z"] = 4107542400,
  ["2016-12-31T23:59:60Z"] = 1483228800,
  ["9999-12-31T23:59:59Z"] = 253402300799,
}

local BAD = {
  "", "yesterday", "2020-12-02", "2020-12-02T10:26:46", "2020-13-02T10:26:46Z",
  "2020-00-02T10:26:46Z", "2020-12-00T10:26:46Z", "2020-12-32T10:26:46Z",
  "2021-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2020-12-02T24:00:00Z",
  "2020-12-02T10:60:00Z", "2020-12-02T10:26:61Z", "2020-12-02T10:26:46+24:00",
  "2020-12-02T10:26:46+00:60", "2020-12-02T10:26:46.Z", "2020-12-02T10:26:46Zx",
  " 2020-12-02T10:26:46Z", "2020-12-02T10:26:46Z\n", "20-12-02T10:26:46Z",
}

describe("epoch", function()
  for text, seconds in pairs(GOOD) do
    it("reads " .. text, function()
      local result = apivideo.epoch(text)
      assert.equal(seconds, result)
      assert.equal(("%d"):format(seconds), ("%s"):format(result))
    end)
  end

  for _, text in ipairs(BAD) do
    it(("refuses %q"):format(text), function()
      local message = service.misuse(apivideo.epoch, text)
      local expected =
        "bad argument #1 to 'epoch' (expected a date such as 2020-12-02T10"
      assert.truthy(message:find(expected, 1, true), message)
    end)
  end

  it("refuses what is no string", function()
    local message = service.misuse(apivideo.epoch, 5)
    assert.truthy(message:find("got 5)", 1, true), message)
  end)
end)
