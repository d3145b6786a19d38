-- Many calls at once: tokens are created, read and deleted, some at a time.

local apivideo = require "apivideo"

local client = apivideo.new()
local tokens = client.upload_tokens

local lifetimes = {}
for hours = 1, 20 do lifetimes[hours] = hours * 3600 end

-- The results come in the order of the items.
local ids = client:parallel(lifetimes, function(ttl)
  return tokens:create_token({ ttl = ttl }).token
end, { concurrency = 8 })
print("created " .. #ids)

-- A task runs beside its caller, who can do something else meanwhile.
local task = client:spawn(tokens.delete_token, tokens, ids[7])
print("the task is " .. task.state)
print("it gave " .. tostring(task:await()))

-- The first failure would cancel the rest; collected, errors have a table of
-- their own.
local _, errors = client:parallel(ids, function(id)
  return tokens:get_token(id)
end, { on_error = "collect" })
for i, err in pairs(errors) do print("token " .. i .. ": " .. err.kind) end

table.remove(ids, 7)
client:parallel(ids, function(id) tokens:delete_token(id) end)
print("left " .. tokens:list().pagination.items_total)
client:close()

--> created 20
--> the task is running
--> it gave true
--> token 7: not_found
--> left 0
