--- The service's clock: it says which tokens are old, and a machine's own may
-- be wrong.

local apivideo = require "apivideo"

local clock = {}

local MONTHS = {
  Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6,
  Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12,
}

--- When an answer was given.
---@param response apivideo.Response?
---@return integer? seconds since 1970; nil: it does not say
function clock.of(response)
  local date = response and response.headers.date
  if type(date) ~= "string" then return nil end
  local day, month, year, time =
    date:match "^%a+, (%d%d) (%a%a%a) (%d%d%d%d) (%d%d:%d%d:%d%d) GMT$"
  if not MONTHS[month] then return nil end
  local ok, seconds = pcall(apivideo.epoch,
    ("%s-%02d-%sT%s+00:00"):format(year, MONTHS[month], day, time))
  return ok and seconds or nil
end

return clock
