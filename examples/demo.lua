-- What `./run demo` shows: the life of upload tokens, and an upload.

local apivideo = require "apivideo"

-- Colours for a terminal; the status is true or 0, as the runtime has it.
local on_terminal = package.config:sub(1, 1) == "/" and os.execute "test -t 1"
local colour = (on_terminal == true or on_terminal == 0)
  and not os.getenv "NO_COLOR"

local function paint(code, text)
  return colour and ("\27[%sm%s\27[0m"):format(code, text) or text
end

local function title(text)
  print()
  print(paint("1", text))
end

local function say(left, right)
  print(("  %-34s %s"):format(left, right or ""))
end

local function ms(response)
  return ("%.1f ms"):format(response.elapsed * 1000)
end

-- Nobody should see a whole token, not even in a demo.
local function short(token)
  return token:sub(1, 4) .. "…" .. token:sub(-3)
end

local BAR = 24

local function show_progress(p)
  local full = math.floor(BAR * p.uploaded_bytes / p.total_bytes)
  local bar = ("█"):rep(full) .. ("░"):rep(BAR - full)
  say(("  part %d of %d"):format(p.part, p.parts),
    ("%s  %.0f MiB"):format(paint("36", bar), p.uploaded_bytes / 2^20))
end

local client = apivideo.new()
local tokens = client.upload_tokens

print(paint("1;36", "apivideo " .. apivideo._VERSION)
  .. " on " .. (jit and jit.version or _VERSION)
  .. ", against a sandbox of the service on this machine")

title "A token that lives for an hour"
local token, response = tokens:create_token { ttl = 3600 }
say("create_token { ttl = 3600 }", short(token.token) .. "  " .. ms(response))
say("  created_at", token.created_at)
say("  expires_at", token.expires_at)

title "Reading it again"
local same
same, response = tokens:get_token(token.token)
say("get_token", same.ttl .. " seconds  " .. ms(response)
  .. (response.reused and "  same connection" or ""))

title "A hundred more, then a walk that deletes what it visits"
for _ = 1, 100 do tokens:create_token { ttl = 60 } end
local total = tokens:list().pagination.items_total
say("list().pagination.items_total", total)
local visits = 0
for each in tokens:iterate { page_size = 7 } do
  visits = visits + 1
  tokens:delete_token(each.token)
end
say("visited, each once", visits)
say("left", tokens:list().pagination.items_total)

title "A video, in parts; for this the token is enough"
local pass = tokens:create_token { ttl = 3600 }
local film = { data = ("film"):rep(6 * 2^20), file_name = "film.mp4" }
local video = client.videos:upload_with_upload_token(pass.token, film, {
  chunk_size = 6 * 2^20, on_progress = show_progress,
})
say("upload_with_upload_token", video.title .. ", " .. video.video_id)

title "What is gone is gone, and says so"
local _, err = pcall(tokens.get_token, tokens, token.token)
say("err.kind", err.kind)
say("err.status", err.status)
say("tostring(err)", "")
print("    " .. tostring(err))

title "A slip of the finger never reaches the network"
local _, misuse = pcall(function() tokens:create_token { tll = 60 } end)
print("    " .. misuse:gsub("^.-:%d+: ", ""))

client:close()
print()
print(paint("32", "Done.") .. " Next: examples/quickstart.lua, README.md.")
