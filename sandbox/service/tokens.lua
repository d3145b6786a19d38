-- The upload tokens that exist. A token is { id, ttl, created_at, expires_at
-- or nil, sequence, text }, where text is its JSON.
local clock = require "server.clock"
local ordered = require "server.ordered"
local random = require "server.random"
local settings = require "server.settings"

local tokens = {}

-- Three orders of the same tokens; by_expiry only has those that expire.
local by_id, by_age, by_ttl, by_expiry
local sequence

function tokens.reset()
  by_id, sequence = {}, 0
  by_age, by_ttl = ordered.new("created_at"), ordered.new("ttl")
  by_expiry = ordered.new("expires_at")
end

tokens.reset()

-- `ttl` 0 never expires; `created_at` is for the past, default now.
function tokens.create(ttl, created_at)
  sequence = sequence + 1
  created_at = created_at or clock.seconds()
  local token = {
    id = random.id("to", 24), ttl = ttl, sequence = sequence,
    created_at = created_at, expires_at = ttl > 0 and created_at + ttl or nil,
  }
  by_id[token.id] = token
  by_age:insert(token)
  by_ttl:insert(token)
  if token.expires_at then by_expiry:insert(token) end
  return token
end

function tokens.delete(token)
  by_id[token.id] = nil
  by_age:remove(token)
  by_ttl:remove(token)
  if token.expires_at then by_expiry:remove(token) end
end

local function delete_expired()
  local now = clock.seconds()
  local first = by_expiry:first()
  while first and first.expires_at <= now do
    tokens.delete(first)
    first = by_expiry:first()
  end
end

-- The active token with this id, or nil.
function tokens.find(id)
  delete_expired()
  return by_id[id]
end

-- How many tokens are active.
function tokens.count()
  delete_expired()
  return by_age.count
end

-- Up to `count` active tokens from number `from`, by "createdAt" or "ttl".
-- Equal ones come in the order of their creation; `descending` is the exact
-- reverse.
function tokens.slice(sort_by, descending, from, count)
  delete_expired()
  local order = sort_by == "ttl" and by_ttl or by_age
  return order:slice(from, count, descending)
end

local function text_of(token)
  local text = ('{"token":"%s","ttl":%d,"createdAt":"%s"'):format(
    token.id, token.ttl, clock.atom(token.created_at))
  if token.expires_at then
    text = text .. ',"expiresAt":"' .. clock.atom(token.expires_at) .. '"'
  end
  return text .. "}"
end

-- The token as JSON text.
function tokens.encode(token)
  local text = token.text or text_of(token)
  token.text = text
  if settings.current.null_expires_at and not token.expires_at then
    return text:sub(1, -2) .. ',"expiresAt":null}'
  end
  return text
end

return tokens
