-- Answers that are good HTTP and say something that nobody can use; and all
-- the statuses.

local faults = require "spec.support.faults"
local matrix = require "spec.support.fault_matrix"

-- An answer whose body is `change`: what replaces the promised one, a function
-- that makes it of the promised one, or a pair of texts, the second of which
-- replaces the first.
local function says(change, headers)
  return function(operation)
    local body = change
    if type(change) == "function" then
      body = change(operation.body)
    elseif type(change) == "table" then
      body = operation.body:gsub(change[1], (change[2]:gsub("%%", "%%%%")))
    end
    return { { "send", faults.answer("200 OK", body, headers) } }
  end
end

local function labelled(type)
  return says(function(body) return body end, "Content-Type: " .. type .. "\r\n")
end

local HTML = "<!doctype html><title>Maintenance</title>"

local TOKENS = matrix.OPERATIONS

local UNUSABLE = {
  { "nothing", says "" },
  { "white space", says " \r\n\t " },
  { "HTML", says(HTML, "Content-Type: text/html; charset=utf-8\r\n"), foreign = true },
  { "HTML that is labelled as JSON", says(HTML), foreign = true },
  { "HTML without a label", says(HTML, ""), foreign = true },
  { "JSON that is labelled as text", labelled "text/plain" },
  { "JSON that is labelled as a file", labelled "application/octet-stream" },
  { "JSON that is labelled as nothing", labelled "" },
  { "half of it", says(function(body) return body:sub(1, math.floor(#body / 2)) end) },
  { "all of it but the last byte", says(function(body) return body:sub(1, -2) end) },
  { "it twice", says(function(body) return body .. body end) },
  { "something behind it", says(function(body) return body .. "x" end), foreign = true },
  { "a zero behind it", says(function(body) return body .. "\0" end), foreign = true },
  { "it in UTF-16", says(function(body) return (body:gsub(".", "%0\0")) end) },
  { "it packed, which was not asked for",
    says("\31\139\8\0\0\0\0\0\0\3\1\0\0\255\255\0\0\0\0\0\0\0\0", "Content-Encoding: gzip\r\n"), foreign = true },
  { "invalid UTF-8 in a text", says { "2020", "20\255" } },
  { "overlong UTF-8 in a text", says { "2020", "20\192\128" } },
  { "a surrogate in UTF-8", says { "2020", "20\237\160\128" } },
  { "a control character in a text", says { "2020", "20\1" } },
  { "an escape that is none", says { "2020", "20\\x" } },
  { "half a pair of escapes", says { "2020", "20\\ud800" }, only = TOKENS }, -- nobody needs a date of a video
  { "a name twice", says { '"ttl":60', '"ttl":60,"ttl":61' } },
  { "a name twice, with the same value", says { '"ttl":60', '"ttl":60,"ttl":60' } },
  { "a name in two spellings", says { '"ttl":60', '"ttl":60,"created_at":"2021"' } },
  { "too many lists inside each other",
    says { '"ttl":60', '"ttl":60,"x":' .. ("["):rep(256) .. ("]"):rep(256) } },
  { "too many objects inside each other",
    says { '"ttl":60', '"ttl":60,"x":' .. ('{"a":'):rep(256) .. "1" .. ("}"):rep(256) } },
  { "very many lists inside each other", says(("["):rep(30000)), foreign = true },
  { "NaN", says { '"ttl":60', '"ttl":60,"x":NaN' } },
  { "Infinity", says { '"ttl":60', '"ttl":60,"x":-Infinity' } },
  { "a number without digits before the point", says { '"ttl":60', '"ttl":60,"x":-.5' } },
  { "a number without digits behind the point", says { '"ttl":60', '"ttl":60,"x":1.' } },
  { "a number with a power and no digits", says { '"ttl":60', '"ttl":60,"x":0.e1' } },
  { "a hexadecimal number", says { '"ttl":60', '"ttl":0x3c' } },
  { "single quotes", says(function(body) return (body:gsub('"', "'")) end) },
  { "a comment", says { '"ttl":60', '"ttl":60/**/' } },
  { "a comma too many", says(function(body) return (body:gsub("}$", ",}")) end) },
  { "null", says "null" },
  { "a boolean", says "true" },
  { "a number", says "60" },
  { "a text", says '"to1tcmSFHeYY5KzyhOqVKMKb"' },
  { "an empty list", says "[]" },
  { "an empty object", says "{}" },
  { "a token without a token", says { '"token":"[^"]*",', "" }, only = TOKENS },
  { "a token with a token that is null", says { '"token":"[^"]*"', '"token":null' }, only = TOKENS },
  { "a token without a ttl", says { '"ttl":60,', "" }, only = TOKENS },
  { "a token without createdAt", says { ',"createdAt":"2020"', "" }, only = TOKENS },
}

-- What the service may add one day costs nobody an answer.
local STRANGE = {
  { "a name twice, deep inside", says { '"ttl":60', '"ttl":60,"x":[{"y":1,"y":2}]' } },
  { "an integer beyond 2^53", says { '"ttl":60', '"ttl":60,"x":9007199254740993' } },
  { "an integer below -2^53", says { '"ttl":60', '"ttl":60,"x":-9007199254740993' } },
  { "a number beyond all", says { '"ttl":60', '"ttl":60,"x":1e999' } },
  { "a name that is another one in snake_case", says { '"ttl":60', '"ttl":60,"fooBar":1,"foo_bar":2' } },
}

-- Everything that is not 200 to 299, and how it is called.
local STATUSES = {
  { "300", "unexpected_status" }, { "301", "unexpected_status" }, { "302", "unexpected_status" },
  { "303", "unexpected_status" }, { "307", "unexpected_status" }, { "308", "unexpected_status" },
  { "400", "bad_request" }, { "401", "unauthorized" }, { "402", "client_error" }, { "403", "forbidden" },
  { "404", "not_found" }, { "405", "client_error" }, { "407", "client_error" }, { "408", "client_error", true },
  { "409", "client_error" }, { "410", "client_error" }, { "417", "client_error" }, { "418", "client_error" },
  { "421", "client_error", true }, { "425", "client_error", true }, { "499", "client_error" },
  { "500", "server_error", true }, { "501", "server_error" }, { "502", "server_error", true },
  { "503", "server_error", true }, { "504", "server_error", true }, { "505", "server_error" },
  { "511", "server_error" }, { "520", "server_error", true }, { "521", "server_error", true },
  { "522", "server_error", true }, { "523", "server_error", true }, { "524", "server_error", true },
  { "525", "server_error", true }, { "526", "server_error" }, { "529", "server_error", true },
  { "530", "server_error", true }, { "599", "server_error" },
  { "600", "unexpected_status" }, { "999", "unexpected_status" },
}

-- A redirect that is followed would meet a server that is well.
local HEADERS = "Location: /upload-tokens\r\nContent-Type: application/problem+json\r\n"

local statuses = {}
for i, row in ipairs(STATUSES) do
  local body = ('{"title":"No.","status":%s}'):format(row[1])
  statuses[i] = {
    row[1], { { "send", faults.answer(row[1] .. " No", body, HEADERS) } },
    kind = row[2], status = tonumber(row[1]), again = row[3],
    refused = row[3] and tonumber(row[1]) < 500, -- such a request was not carried out
  }
end

-- A wait is kept or, when there is no time for it, nothing is tried again. Up
-- to half of the time that is left is added to it: there is some for the last.
local function busy(status, seconds)
  local headers = ("Retry-After: %d\r\n"):format(seconds)
  return { { "send", faults.answer(status .. " Busy", "{}", headers) } }
end

local BUSY = {
  { "429 and may be called again now", busy(429, 0), kind = "too_many_requests", status = 429,
    again = true, refused = true },
  { "503 and may be called again now", busy(503, 0), kind = "server_error", status = 503, again = true },
  { "503 and may be called again in a minute", busy(503, 60), kind = "server_error", status = 503 },
}

local function dull(body)
  return { { "send", faults.answer("503 No", body) } }
end

-- What an answer of failure says must not hide that it is one.
local SPEECHLESS = {
  { "nothing", dull "" },
  { "HTML", dull(HTML) },
  { "invalid UTF-8", dull "{\"title\":\"\255\"}" },
  { "lists inside each other", dull(("["):rep(30000)) },
  { "texts that are none", dull '{"title":{},"detail":5,"name":[null],"problems":"no"}' },
  { "problems that are none", dull '{"title":"No.","problems":[5,null,[],{"title":{}}]}' },
}

return {
  { "an answer that says", UNUSABLE, { kind = "protocol", status = 200, content = true } },
  { "an answer that has in a field which nobody knows", STRANGE },
  { "status", statuses },
  { "a service that says", BUSY, { timeout = 1 } },
  { "a failure that says", SPEECHLESS, { kind = "server_error", status = 503, again = true } },
}
