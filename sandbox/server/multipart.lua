-- multipart/form-data in a file: where each field is, without reading more
-- than headers into Lua.
local MAXIMUM_FIELDS = 100
local MAXIMUM_HEADERS = 16384

local multipart = {}

-- The boundary that a Content-Type header names, or nil.
function multipart.boundary(content_type)
  local kind, rest = (content_type or ""):match("^%s*([^;%s]+)(.*)$")
  if not kind or kind:lower() ~= "multipart/form-data" then return nil end
  local quoted = rest:match('[Bb]oundary="([^"]+)"')
  return quoted or rest:match("[Bb]oundary=([^;%s]+)")
end

-- Browsers write a quote as %22 and a line end as %0D%0A; older programs use
-- a backslash before a quote.
local function unescape(text)
  text = text:gsub("\\([\"\\])", "%1")
  return (text:gsub("%%22", '"'):gsub("%%0[Dd]", "\r"):gsub("%%0[Aa]", "\n"))
end

-- 'form-data; name="a"; filename="b"' -> { name = "a", filename = "b" }
local function parameters(disposition)
  local found, at = {}, 1
  while true do
    local _, stop, name = disposition:find(";%s*([%w%-_*]+)%s*=%s*", at)
    if not stop then return found end
    local value
    if disposition:sub(stop + 1, stop + 1) == '"' then
      local close = disposition:find('[^\\]"', stop + 1)
      if disposition:sub(stop + 2, stop + 2) == '"' then close = stop + 1 end
      if not close then return found end
      value = unescape(disposition:sub(stop + 2, close))
      at = close + 2
    else
      value = disposition:match("^[^;%s]*", stop + 1)
      at = stop + 1 + #value
    end
    found[name:lower()] = value
  end
end

-- The text between a delimiter and the contents -> the field's two names.
local function names(headers)
  for line in headers:gmatch("[^\r\n]+") do
    local disposition = line:match("^[Cc][Oo][Nn][Tt][Ee][Nn][Tt]%-"
      .. "[Dd][Ii][Ss][Pp][Oo][Ss][Ii][Tt][Ii][Oo][Nn]:%s*(.*)$")
    if disposition then
      local found = parameters(disposition)
      return found.name, found.filename
    end
  end
end

-- -> the field whose headers begin at `offset`, or nil when it is malformed.
local function field_at(file, offset, delimiter)
  local blank = file:find("\r\n\r\n", offset)
  if not blank or blank - offset > MAXIMUM_HEADERS then return nil end
  local name, file_name = names(file:text(offset, blank - offset))
  local content = blank + 4
  local stop = file:find(delimiter, content)
  if not name or not stop then return nil end
  return {
    name = name, file_name = file_name,
    offset = content, size = stop - content,
  }
end

-- -> the fields { name, file_name or nil, offset, size } in their order, or
-- nil when the file is not such a form.
function multipart.fields(file, boundary)
  local delimiter = "\r\n--" .. boundary
  local fields = {}
  local at = file:find(delimiter:sub(3), 0)
  if not at then return nil end
  at = at + #delimiter - 2
  while file:text(at, 2) ~= "--" do
    local field = field_at(file, at, delimiter)
    if not field or #fields >= MAXIMUM_FIELDS then return nil end
    fields[#fields + 1] = field
    at = field.offset + field.size + #delimiter
  end
  return fields
end

return multipart
