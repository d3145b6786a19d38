-- The form of an upload: one file, and perhaps the id of its video.
local files = require "server.files"
local multipart = require "server.multipart"

local MAXIMUM_ID = 128

local upload_form = {}

-- What makes a field the file is that it has a file name; an empty one is a
-- browser's for a file that was not chosen. The field's own name does not
-- matter: the official Node client uses the file's.
local function only_file(fields)
  local found
  for _, field in ipairs(fields) do
    if field.file_name and field.file_name ~= "" then
      if found then return nil, "uploaded-file-multiple-files" end
      found = field
    end
  end
  if not found then return nil, "uploaded-file-no-file" end
  if found.size == 0 then return nil, "uploaded-file-empty" end
  return found
end

local function video_id(file, fields)
  for _, field in ipairs(fields) do
    if field.name == "videoId" and not field.file_name then
      return file:text(field.offset, math.min(field.size, MAXIMUM_ID))
    end
  end
end

local function read(file, path, boundary)
  local fields = multipart.fields(file, boundary)
  if not fields then return nil, "invalid-payload" end
  local upload, problem = only_file(fields)
  if not upload then return nil, problem end
  upload.path = path
  return { file = upload, video_id = video_id(file, fields) }
end

-- -> { file = { path, offset, size, file_name }, video_id or nil }, or nil
-- and the name of the problem. Waits for the whole body.
function upload_form.receive(request)
  local boundary = multipart.boundary(request:header("content-type"))
  ngx.req.read_body()
  local path = ngx.req.get_body_file()
  if not boundary or not path then return nil, "uploaded-file-no-file" end
  local file = files.open(path)
  local ok, form, problem = pcall(read, file, path, boundary)
  file:close()
  if not ok then error(form, 0) end
  return form, problem
end

return upload_form
