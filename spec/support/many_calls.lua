-- Makes at least as many calls as the argument says (10,000 if none), of all
-- kinds and with all kinds of failures, and stops with an error as soon as one
-- does not behave. For memcheck: run it under the sandbox.

local apivideo = require "apivideo"
local core = require "apivideo.core"
local safe = require "apivideo.safe"

local WANTED = tonumber(arg and arg[1]) or 10000
local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"
local BASE_URL = assert(os.getenv "APIVIDEO_BASE_URL", "needs the sandbox")

local calls = 0

local function count()
  calls = calls + 1
end

local function must_fail(kind, ...)
  local ok, err = pcall(...)
  assert(not ok, "a call succeeded that must not")
  assert(apivideo.is_error(err), err)
  assert(err.kind == kind, tostring(err))
  assert(tostring(err) == err.message)
  return err
end

local function must_be_misuse(...)
  local ok, message = pcall(...)
  assert(not ok and type(message) == "string", "misuse was accepted")
end

-- A life of tokens, from creation to the last walk.
local function round(client)
  local tokens = client.upload_tokens
  for i = 1, 12 do
    local ttl = i % 3 == 0 and 0 or i * 60
    local made, response = tokens:create_token { ttl = ttl }
    assert(response.status == 201 or response.status == 200)
    assert(response.headers["content-type"])
    local read = tokens:get_token(made.token)
    assert(read.token == made.token and read.ttl == made.ttl)
  end
  local page = tokens:list { sort_by = "ttl", page_size = 5 }
  assert(#page.data == 5 and page.pagination.items_total >= 12)
  for each, response in tokens:pages { page_size = 7 } do
    assert(#each.data > 0 and response.rate_limit ~= false)
  end
  local upload = client.videos.upload_with_upload_token
  local film = { data = "a short film", file_name = "film.mp4" }
  local permit = tokens:create_token { ttl = 60 }.token
  local video = upload(client.videos, permit, film)
  assert(video.title == "film.mp4")
  must_fail("unauthorized", upload, client.videos, UNKNOWN, film)
  must_fail("file", upload, client.videos, permit, "/nowhere/film.mp4")
  must_be_misuse(upload, client.videos, permit, film, { chunk_size = 1 })
  must_fail("not_found", tokens.get_token, tokens, UNKNOWN)
  must_be_misuse(tokens.create_token, tokens, { ttl = -1 })
  must_be_misuse(tokens.create_token, tokens, { tll = 1 })
  must_be_misuse(tokens.get_token, tokens, "../videos")
  for token in tokens:iterate { page_size = 4 } do
    assert(tokens:delete_token(token.token) == true)
  end
  assert(tokens:list().pagination.items_total == 0)
end

-- Failures of other clients: a wrong key, nobody there, no time, no end.
local function failures()
  local stranger = apivideo.new { api_key = "wrong", log = count }
  must_fail("unauthorized", stranger.upload_tokens.list, stranger.upload_tokens)
  stranger:close()
  must_fail("closed", stranger.upload_tokens.list, stranger.upload_tokens)

  local nobody = apivideo.new {
    base_url = "http://127.0.0.1:1", api_key = "key", log = count, retries = 0,
  }
  must_fail("connection", nobody.upload_tokens.get_token, nobody.upload_tokens,
    UNKNOWN)

  local narrow = safe.new {
    api_key = "sandbox_key", max_response_bytes = 1, log = count,
  }
  local token, err = narrow.upload_tokens:get_token(UNKNOWN)
  assert(token == nil and err.kind == "protocol", tostring(err))

  -- Left to the collector in flight, cancelled in flight, closed in flight.
  local bare = core.new { base_url = BASE_URL, api_key = "sandbox_key" }
  for _ = 1, 3 do
    bare:start("list", { page_size = 1 })
    local call = bare:start("get_token", UNKNOWN)
    bare:step(0)
    local ended = call:done() -- a quick answer may be there already
    call:cancel()
    calls = calls + 2
    must_fail(ended and "not_found" or "cancelled", call.result, call)
  end
  local last = bare:start("list")
  bare:close()
  calls = calls + 1
  must_fail("cancelled", last.result, last)
end

local basic = apivideo.new { log = count }
local bearer = apivideo.new { auth = "bearer", log = count }
while calls < WANTED do
  round(basic)
  round(bearer)
  failures()
  collectgarbage()
end
basic:close()
basic:close()
bearer:close()
print(calls .. " calls behaved")
