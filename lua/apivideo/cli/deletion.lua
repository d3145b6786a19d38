--- Deletes many tokens at once, and tells what became of each.

local apivideo = require "apivideo"

local CONCURRENCY = 8

-- A limit of the service may make each wait for a minute or two.
local PATIENCE = { timeout = 600 }

--- Deletes them; a token that another one deleted is gone as well.
---@param client apivideo.Client
---@param ids string[]
---@param gone_is_fine boolean
---@return string[] deleted
---@return { token: string, err: apivideo.Error }[] failed
return function(client, ids, gone_is_fine)
  local ends = client:parallel(ids, function(id)
    return client.upload_tokens:delete_token(id, PATIENCE)
  end, { concurrency = CONCURRENCY, on_error = "collect" })
  local deleted, failed = {}, {}
  for i, id in ipairs(ids) do
    local came = ends[i]
    if type(came) == "string" then error(came, 0) end
    if apivideo.is_error(came)
        and not (gone_is_fine and came.kind == "not_found") then
      failed[#failed + 1] = { token = id, err = came }
    else
      deleted[#deleted + 1] = id
    end
  end
  return deleted, failed
end
