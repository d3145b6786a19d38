local probe = require "apivideo.probe"

-- A date and its Unix seconds, by `date -d`.
local DATES = {
  { "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
  { "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
  { "Sun Nov  6 08:49:37 1994", 784111777 },
  { "Wed Nov 16 08:49:37 1994", 784975777 },
  { "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
  { "Tue, 29 Feb 2000 23:59:59 GMT", 951868799 },
  { "Thu, 29 Feb 2024 00:00:00 GMT", 1709164800 },
  { "Tue, 19 Jan 2038 03:14:08 GMT", 2147483648 },
  { "Fri, 31 Dec 9999 23:59:59 GMT", 253402300799 },
  { "Wednesday, 02-Dec-20 10:26:46 GMT", 1606904806 },
}

local NONE = {
  "", "12abc", "0", "yesterday", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37",
  "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 GMT ",
  "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
  "Sun, 31 Apr 1994 08:49:37 GMT", "Mon, 29 Feb 2023 00:00:00 GMT",
  "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
  "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
  "Wed, 31 Dec 1969 23:59:59 GMT", "Sun, 06 Nov -994 08:49:37 GMT",
  "Sun, 06 Nov 1994 08:49:37 GMT\0", "Sunday, 06-Nov-1994 08:49:37 GMT",
  "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 94", "Sun", "Sun,",
  "2020-12-02T10:26:46+00:00",
}

describe("an HTTP date", function()
  for _, case in ipairs(DATES) do
    it("is read: " .. case[1], function()
      assert.equal(case[2], probe.http_date(case[1]))
    end)
  end

  for _, text in ipairs(NONE) do
    it(("is none: %q"):format(text), function()
      assert.is_nil(probe.http_date(text))
    end)
  end
end)
