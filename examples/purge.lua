-- Walks over all upload tokens, and purges those that never expire. Each token
-- comes once, although the list shrinks under the walk.

local apivideo = require "apivideo"

local client = apivideo.new()
local tokens = client.upload_tokens

for ttl = 0, 300, 60 do
  tokens:create_token { ttl = ttl }
end

local kept, deleted = 0, 0
for token in tokens:iterate { page_size = 100 } do
  if token.ttl == 0 then
    tokens:delete_token(token.token)
    deleted = deleted + 1
  else
    kept = kept + 1
  end
end
print(("kept %d, deleted %d"):format(kept, deleted))

for page in tokens:pages { page_size = 2, sort_by = "ttl" } do
  local pagination = page.pagination
  print(("page %d of %d has %d tokens"):format(
    pagination.current_page, pagination.pages_total, #page.data))
end

client:close()

--> kept 5, deleted 1
--> page 1 of 3 has 2 tokens
--> page 2 of 3 has 2 tokens
--> page 3 of 3 has 1 tokens
