--- Deletes many tokens at once, and tells what became of each.

local failure = require "apivideo.cli.failure"
local output = require "apivideo.cli.format.output"

local CONCURRENCY = 8

-- A limit of the service may make each wait for a minute or two.
local PATIENCE = { timeout = 600 }

-- What has become of one of them goes into the lists at once: Ctrl-C may come
-- before the others are gone.
local function note(run, id, err, form)
  local deleted, failed = run.document.data, run.document.failed
  if not err then
    deleted[#deleted + 1] = id
    if form ~= "json" then output.line("deleted ", id) end
    return
  end
  local fields = failure.fields(err)
  fields.token = id
  failed[#failed + 1] = fields
  failure.tell(err)
end

-- What ends all of them: the credentials are refused, or that has happened to
-- another one meanwhile.
local function ends_all(err)
  return failure.is_refusal(err) or err.kind == "cancelled"
end

-- Deletes one and notes it.
local function delete_one(client, id, form, run, gone_is_fine)
  local ok, err = client.upload_tokens:delete_token(id, PATIENCE)
  if not ok and gone_is_fine and err.kind == "not_found" then ok = true end
  if not ok and ends_all(err) then error(err, 0) end
  note(run, id, not ok and err or nil, form)
end

--- Deletes them. The first is alone: credentials that are refused are not shown
-- again.
---@param client apivideo.Client
---@param ids string[]
---@param options { json: boolean? }
---@param run table its document gets `data`, the deleted, and `failed`
---@param gone_is_fine boolean? another one may have deleted it meanwhile
---@return integer status
return function(client, ids, options, run, gone_is_fine)
  local form = output.form(options)
  run.document = { data = {}, failed = {} }
  local others = {}
  for i = 2, #ids do others[i - 1] = ids[i] end
  delete_one(client, ids[1], form, run, gone_is_fine)
  failure.check(client:parallel(others, function(id)
    delete_one(client, id, form, run, gone_is_fine)
    return true
  end, { concurrency = CONCURRENCY }))
  if form == "json" then output.document(run.document) end
  return #run.document.failed == 0 and failure.DONE or failure.FAILED
end
