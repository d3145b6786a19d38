-- multipart/form-data in a file: where each field is, without reading more
-- than headers into Lua.
local MAXIMUM_FIELDS = 100
local MAXIMUM_HEADERS = 16384

local multipart = {}

-- The boundary that a Content-Type header names, or nil.
function multipart.boundary(content_type)
  local kind, rest = (content_type or ""):match("^%s*([^;%s]+)(.*)$")
  if not kind or kind:lower() ~= "multipart/form-data" then return nil end
  local _, stop = rest:lower():find("boundary%s*=%s*")
  if not stop then return nil end
  return rest:match('^"([^"]+)"', stop + 1)
    or rest:match("^[^;,%s]+", stop + 1)
end

-- PHP's rules for a value: either quote may be around it, and a backslash
-- escapes only that quote and itself. Browsers' %22 stays what it is.
-- -> the value, and the place behind it; nil: its quote is not closed.
local function quoted(text, at, quote)
  local characters = {}
  while true do
    local one, next_one = text:sub(at, at), text:sub(at + 1, at + 1)
    if one == "" then return nil end
    if one == quote then return table.concat(characters), at + 1 end
    if one == "\\" and (next_one == "\\" or next_one == quote) then
      one, at = next_one, at + 1
    end
    characters[#characters + 1] = one
    at = at + 1
  end
end

-- 'form-data; name="a"; filename="b"' -> { name = "a", filename = "b" }
local function parameters(disposition)
  local found, at = {}, 1
  while true do
    local _, stop, name = disposition:find(";%s*([%w%-_*]+)%s*=%s*", at)
    if not stop then return found end
    local quote = disposition:match("^[\"']", stop + 1)
    local value
    if quote then
      value, at = quoted(disposition, stop + 2, quote)
      if not value then return found end
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
