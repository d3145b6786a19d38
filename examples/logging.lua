-- Tells of every call that has ended. No event holds a secret: what is like one
-- is masked. Lines on stderr are there without a program's doing, with the
-- variable APIVIDEO_LOG=debug.

local apivideo = require "apivideo"

local function log(event)
  -- Warnings, and tasks that failed unheard, have a kind and a message alone.
  if not event.operation then
    return print(event.kind .. ": " .. event.message)
  end
  print(("%s %s: %s in %.3f s, %d attempt(s)"):format(event.method, event.path,
    event.kind or event.status, event.elapsed, event.attempts))
end

local client = apivideo.new { log = log }
local tokens = client.upload_tokens

local token = tokens:create_token { ttl = 3600 }
tokens:list { page_size = 10 }
tokens:delete_token(token.token)
pcall(tokens.get_token, tokens, token.token)
client:close()

--> POST /upload-tokens: 200 in <time> s, 1 attempt(s)
--> GET /upload-tokens?pageSize=10: 200 in <time> s, 1 attempt(s)
--> DELETE /upload-tokens/<masked>: 204 in <time> s, 1 attempt(s)
--> GET /upload-tokens/<masked>: not_found in <time> s, 1 attempt(s)
