-- What goes wrong, and what a program does about it.

local apivideo = require "apivideo"

-- What may help and does no harm is done before a call fails: it is sent up to
-- three times more, within 20 seconds in all.
local client = apivideo.new { retries = 3, timeout = 20 }
local tokens = client.upload_tokens

-- A call that failed raises an error object; its kind says what to do.
local function delete(id, from)
  local ok, err = pcall(from.delete_token, from, id)
  if ok then return print "deleted" end
  if not apivideo.is_error(err) then error(err, 0) end -- our own mistake
  if err.kind == "not_found" then return print "was gone already" end
  if not err.retryable then error(err, 0) end
  print(("try later: %s, after %d attempts"):format(err.kind, err.attempts))
end

local id = tokens:create_token({ ttl = 3600 }).token
delete(id, tokens)
delete(id, tokens)

-- Nobody listens there.
local alone = apivideo.new { base_url = "http://127.0.0.1:9", retries = 1 }
delete(id, alone.upload_tokens)
print(select(2, pcall(alone.upload_tokens.list, alone.upload_tokens)))

-- Misuse is an ordinary error, raised before anything is sent.
print(select(2, pcall(tokens.create_token, tokens, { tll = 3600 })))

--> deleted
--> was gone already
--> try later: connection, after 2 attempts
--> list: connection: <libcurl's words> (GET /upload-tokens)
--> <place>bad argument #1 to 'create_token' (unknown option "tll"; <advice>)
