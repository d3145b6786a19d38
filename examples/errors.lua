-- What goes wrong, and what a program can do about it.

local apivideo = require "apivideo"
local safe = require "apivideo.safe"

local client = apivideo.new()

-- A call that failed raises an error object.
local ok, err = pcall(function()
  return client.upload_tokens:get_token "to1tcmSFHeYY5KzyhOqVKMKb"
end)
if not ok and apivideo.is_error(err) then
  print(err.kind, err.status, err.retryable)
  print(err)
end

-- The safe variant returns it instead.
local careful = safe.new()
local token, failure =
  careful.upload_tokens:get_token "to1tcmSFHeYY5KzyhOqVKMKb"
if not token then print(failure.kind) end

-- Misuse is an ordinary error, raised before anything is sent.
print(select(2, pcall(function()
  client.upload_tokens:create_token { tll = 3600 }
end)))

client:close()
careful:close()
