-- Whole files at once.

local files = {}

--- What a file holds, or nil and why it cannot be read.
---@param path string
---@return string?, string?
function files.read(path)
  local file, reason = io.open(path, "rb")
  if not file then return nil, reason end
  local text = file:read "*a"
  file:close()
  return text
end

---@param path string
---@param text string
function files.write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

return files
