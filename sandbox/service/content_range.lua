-- The Content-Range header of an upload, in its two forms.
local content_range = {}

local MAXIMUM_DIGITS = 15

local function number(digits)
  return #digits <= MAXIMUM_DIGITS and tonumber(digits) or nil
end

local function parse_part(text)
  local part, total = text:match("^part (%d+)/([%d*]+)$")
  if not part or (total ~= "*" and total:find("*", 1, true)) then return nil end
  local range = { form = "part", part = number(part) }
  if total ~= "*" then
    range.total = number(total)
    if not range.total then return nil end
  end
  return range.part and range
end

local function parse_bytes(text)
  local from, to, total = text:match("^bytes (%d+)%-(%d+)/(%d+)$")
  if not from then return nil end
  local range = { form = "bytes", from = number(from), to = number(to),
    total = number(total) }
  return range.from and range.to and range.total and range
end

-- -> { form = "part", part, total or nil when it is not known yet },
-- { form = "bytes", from, to, total }, or nil when it is malformed.
function content_range.parse(text)
  return parse_part(text) or parse_bytes(text)
end

return content_range
