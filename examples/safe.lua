-- For those who would rather test than catch: a call that failed returns nil
-- and the error object.

local apivideo = require "apivideo.safe"

local client = apivideo.new()
local tokens = client.upload_tokens

local token, err = tokens:get_token "to1tcmSFHeYY5KzyhOqVKMKb"
if not token then print(err.kind, err.status) end

-- Where nothing can be done about it, assert raises it.
local made = assert(tokens:create_token { ttl = 3600 })
print(made.ttl)

-- An iterator that failed gives false: nil would look like the end.
for each, problem in tokens:iterate() do
  if not each then
    print("the walk broke off: " .. tostring(problem))
    break
  end
  print("seen " .. each.ttl)
end

assert(tokens:delete_token(made.token))
client:close()

--> not_found 404
--> 3600
--> seen 3600
