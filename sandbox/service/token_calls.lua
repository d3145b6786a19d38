-- The four operations on upload tokens.
local json = require "server.json"
local pages = require "service.pages"
local problems = require "service.problems"
local tokens = require "service.tokens"

local MAXIMUM_TTL = 2147483647

local token_calls = {}

local function is_ttl(value)
  return type(value) == "number" and value == math.floor(value)
    and value >= 0 and value <= MAXIMUM_TTL
end

function token_calls.create(request)
  local body = request:object()
  if not body then return problems.answer("invalid-payload") end
  local ttl = body.ttl
  if ttl == nil then ttl = 0 end
  if not is_ttl(ttl) then
    return problems.parameters("invalid-attribute", { {
      name = "ttl",
      title = "This attribute must be an integer from 0 to 2147483647.",
    } })
  end
  return 200, tokens.encode(tokens.create(ttl))
end

local function not_found()
  return problems.answer("resource-not-found", { name = "uploadToken" })
end

function token_calls.get(_, id)
  local token = tokens.find(id)
  if not token then return not_found() end
  return 200, tokens.encode(token)
end

function token_calls.delete(_, id)
  local token = tokens.find(id)
  if not token then return not_found() end
  tokens.delete(token)
  return 204
end

-- Unless asked otherwise the oldest come first.
function token_calls.list(request)
  local query, faults = pages.query(request)
  if not query then
    return problems.parameters("invalid-query-parameter", faults)
  end
  local from = (query.currentPage - 1) * query.pageSize + 1
  local items = tokens.slice(query.sortBy, query.sortOrder == "desc",
    from, query.pageSize)
  for i, token in ipairs(items) do items[i] = tokens.encode(token) end
  local pagination = pages.pagination("/upload-tokens", query,
    tokens.count(), #items)
  return 200, ('{"data":[%s],"pagination":%s}'):format(
    table.concat(items, ","), json.encode(pagination))
end

return token_calls
