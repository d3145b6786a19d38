--- Walks over the tokens. Not with a loop's `in`: Lua 5.1 cannot wait there.

local failure = require "apivideo.cli.failure"

--- Calls `visit` with each; a failure raises.
---@param client apivideo.Client of apivideo.safe
---@param query apivideo.IterateQuery
---@param visit fun(token: apivideo.Token)
return function(client, query, visit)
  local step = client.upload_tokens:iterate(query)
  local token, err = step()
  while token ~= nil do
    visit(failure.check(token, err))
    token, err = step()
  end
end
