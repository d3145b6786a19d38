-- Eight secrets, and how they are found in what people may read: whole, in
-- part, or written in another way. Eight characters in a row count as found:
-- of a masked one there are four to be seen, and of an access token four of
-- each of the parts between its dots.

local mime = require "mime"

local canaries = {}

-- No two have a piece in common.
local SECRETS = {
  key = "canaryKey/9f8e7d6c5b4a+plainKeyEnd", -- only its own client knows it
  bearer_key = "bearerSecretXq81Wz72Lp63Mn54",
  access_token = "eyCanaryAccessA1.eyCanaryPayloadB2.canary-Sig_natureC3",
  renewed_access_token = "eyRenewedAccD4xx.eyRenewedPayE5xx.renewed-SignatureF6",
  refresh_token = "def50200aa11bb22cc33dd44ee55ff66",
  renewed_refresh_token = "def50201f0e1d2c3b4a5968778695a4b",
  upload_token = "toCanaryAskedForG7h8I9j0",
  echoed_upload_token = "toOtherCanaryNobodyKnowsZ",
}
for name, secret in pairs(SECRETS) do canaries[name] = secret end

local PIECE = 8

local function percent_encoded(text)
  return (text:gsub("[^%w_.-]", function(c)
    return ("%%%02X"):format(c:byte())
  end))
end

-- As some servers write JSON.
local function with_slashes_escaped(text)
  return (text:gsub("/", "\\/"))
end

-- What the header `Authorization` makes of a key.
local function basic(text)
  return mime.b64(text .. ":")
end

-- Every canary in every writing.
local writings = {}
for name, secret in pairs(SECRETS) do
  local ways = { secret, percent_encoded(secret), with_slashes_escaped(secret) }
  if name:find "key$" then ways[#ways + 1] = basic(secret) end
  for _, text in ipairs(ways) do
    writings[#writings + 1] = { name = name, text = text }
  end
end
table.sort(writings, function(a, b) return a.text < b.text end)

--- What an indiscreet service says: every canary in every writing, but of the
-- keys only the one that `name` says.
function canaries.echo(name)
  local texts = {}
  for _, writing in ipairs(writings) do
    if not writing.name:find "key$" or writing.name == name then
      texts[#texts + 1] = writing.text
    end
  end
  return table.concat(texts, " ")
end

-- name of the canary by piece
local pieces = {}
for _, writing in ipairs(writings) do
  for from = 1, #writing.text - PIECE + 1 do
    local piece = writing.text:sub(from, from + PIECE - 1)
    if not piece:find(".", 1, true) then pieces[piece] = writing.name end
  end
end

--- A canary of which a piece is in the text; nil: there is none.
function canaries.find(text)
  for piece, name in pairs(pieces) do
    if text:find(piece, 1, true) then return ("%s, by %q"):format(name, piece) end
  end
end

--- Everything that a person may see of a value: what it prints as and what can
-- be found in it, tables within tables and their metatables included. Not
-- walked into are a call's answer and its headers, which are the service's own
-- words to the caller.
function canaries.shown(value, seen)
  seen = seen or {}
  if seen[value] then return "" end
  local parts = { tostring(value) }
  if type(value) == "table" then
    seen[value] = true
    for key, inner in pairs(value) do
      parts[#parts + 1] = canaries.shown(key, seen)
      parts[#parts + 1] = canaries.shown(inner, seen)
    end
    local metatable = getmetatable(value)
    if metatable then parts[#parts + 1] = canaries.shown(metatable, seen) end
  end
  return table.concat(parts, "\n")
end

return canaries
