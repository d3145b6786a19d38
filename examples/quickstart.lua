-- Creates an upload token, reads it back, lists the tokens and deletes it.
-- The key comes from APIVIDEO_API_KEY.

local apivideo = require "apivideo"

local client = apivideo.new()
local tokens = client.upload_tokens

local token = tokens:create_token { ttl = 3600 }
print("created a token that is valid for " .. token.ttl .. " seconds")

local same = tokens:get_token(token.token)
print("it expires at " .. same.expires_at)

local page = tokens:list { page_size = 100 }
print("tokens in all: " .. page.pagination.items_total)

tokens:delete_token(token.token)
print("deleted it")

client:close()

--> created a token that is valid for 3600 seconds
--> it expires at <date>
--> tokens in all: 1
--> deleted it
