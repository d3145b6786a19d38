-- The API key goes out once, for an access token that is sent with every call
-- and renewed by itself, before it expires.

local apivideo = require "apivideo"

local client = apivideo.new {
  auth = "bearer",
  log = function(event) print(event.operation .. ": " .. event.status) end,
}
local tokens = client.upload_tokens

local token = tokens:create_token { ttl = 3600 }
tokens:get_token(token.token)
tokens:delete_token(token.token)
client:close()

--> authenticate: 200
--> create_token: 200
--> get_token: 200
--> delete_token: 204
