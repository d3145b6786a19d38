-- docs/errors.md has every message, and each can be met.

local apivideo = require "apivideo"
local core = require "apivideo.core"
local faults = require "spec.support.faults"
local files = require "spec.support.files"
local literals = require "spec.support.literals"
local messages = require "spec.support.messages"
local patience = require "spec.support.patience"
local place = require "spec.support.place"
local raw = require "spec.support.raw_server"
local service = require "spec.support.service"
local socket = require "socket"
local uploads = require "spec.support.uploads"

local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"
local unpack = table.unpack or unpack
local PART = uploads.PART
local ROWS = messages.read()

-- --- the sources --------------------------------------------------------------

-- Texts of the sources that are no messages of their own, and why.
local OTHERS = {
  -- what stands around messages
  "^bad argument #", ", status %%d%)$", "^apivideo: ",
  -- what Lua says, too
  "^attempt to concatenate a %%s value$", "^%(for generator%)$",
  -- what tostring gives
  "^apivideo%.call: ", "^apivideo%.timer: ", "^apivideo%.core%.client: closed$",
  -- what is sent
  "^Authorization: ", "^Content%-", "^\"\r\nContent%-Type", "; filename=\"$",
  -- what libcurl, Lua and nginx say, and is looked for
  "^killer not parent$",
  "^local issuer certificate$", "^in certificate chain$",
  "^Broken pipe$", "^protocol version$", "^unsupported protocol$",
  "^wrong version number$", "^unexpected eof$", "^no answer within %[",
  "^Failed to connect to$", "^No authentication method", "^closed file$",
  -- of statuses that get here with words of their own, or not at all
  "^the connection failed$", "^the deadline passed$",
  "^the secure connection could not be set up$",
  "^the answer breaks the protocol$", "^unknown status$",
  "^what was to be uploaded cannot be read$", "^an argument is not allowed$",
  "^the service takes no more requests before the deadline$",
  "^no file '", -- Lua's
  -- parts of another message
  "^there is no folder for its socket$", "^there is no descriptor for it$",
  "^there is no thread to be had$", "^the relay is gone: $",
  "^there is no descriptor$",
  -- of Windows: the system's words for a path, libcurl's for TLS, libraries
  "^No such file or directory$", "^Permission denied$", "^another program ",
  "^Too many open files$", "^File name too long$", "^the system cannot read",
  "^schannel: ", "_UNTRUSTED_ROOT$", "^CERT_TRUST_", "^SEC_E_",
  "^failed to match connection hostname$", "%.dll$",
  -- for the compiler, and for those who change the library
  "^GCC visibility", "^apivideo needs libcurl", "^nobody can wait here$", "^a pause has none$",
}

local function is_other(text)
  for _, pattern in ipairs(OTHERS) do
    if text:find(pattern) then return true end
  end
  return false
end

describe("docs/errors.md", function()
  it("has every text of the sources that is a message", function()
    local listed = {}
    for i, row in ipairs(ROWS) do listed[i] = row.text:gsub("<[^<>]*>", "\1") end
    local all = table.concat(listed, "\n")
    local pipe = assert(io.popen(
      "find src lua -name '*.[ch]' -o -name '*.lua' ! -name '*_meta.lua'"
      .. " ! -path '*/cli/*'")) -- the command line's words are its own
    for path in pipe:lines() do
      for _, text in ipairs(literals.read(path)) do
        for _, piece in ipairs(is_other(text) and {} or messages.pieces(text)) do
          assert.truthy(all:find(piece, 1, true), path .. ": " .. text)
        end
      end
    end
    pipe:close()
  end)

  it("has no message twice under a heading", function()
    local seen = {}
    for _, row in ipairs(ROWS) do
      local key = row.heading .. row.text
      assert.is_nil(seen[key], key)
      seen[key] = true
    end
  end)
end)

-- A run that collects all the time would take long, and show the same.
if os.getenv "APIVIDEO_GC" then return end

-- --- how they are met ---------------------------------------------------------

-- Messages that other specs look for, by the words that they look for; it takes
-- other hosts and servers to meet them.
local ELSEWHERE = {
  ["cannot wait in nginx's phase"] = "spec/nginx_spec.lua",
  ["cannot wait inside a C function"] = "spec/nginx_spec.lua",
  ["nginx hides unless nginx.conf says"] = "spec/nginx_spec.lua",
  ["nginx is not told"] = "spec/nginx_told_spec.lua",
  ["the relay was closed"] = "spec/relay_spec.lua",
  ["there is no such class"] = "spec/share_spec.lua",
  ["would hold up luv's loop"] = "spec/luv_spec.lua",
  ["it works inside nginx only"] = "spec/luv_spec.lua",
  ["await would never end: that task waits for"] = "spec/tasks_misuse_spec.lua",
  ["this iterator is busy"] = "spec/shared_iterator_spec.lua",
  ["cannot wait here: Lua 5.1"] = "spec/lua51_spec.lua",
  ["run would never end"] = "spec/tasks_wait_spec.lua",
  ["the pages do not add up"] = "spec/page_size_spec.lua",
  ["parallel would never end"] = "spec/tasks_misuse_spec.lua",
  ["no more descriptors"] = "spec/loop_spec.lua",
  ["not enough memory"] = "spec/oom/script.lua",
  ["a piece is on its way"] = "spec/progressive_spec.lua",
  ["the first part may have arrived"] = "spec/videos_once_spec.lua",
  ["nothing moved for"] = "spec/videos_slow_spec.lua",
  ["the system does not watch more sockets"] = "spec/loop_spec.lua",
  ["libcurl cannot go on"] = "spec/libcurl_fails_spec.lua",
  ["the proxy wants a user name and password"] = "spec/proxy_spec.lua",
  ["the proxy cannot be reached"] = "spec/proxy_spec.lua",
  ["the proxy that the environment names"] = "spec/proxy_spec.lua",
  ["the proxy did not connect to the server"] = "spec/proxy_spec.lua",
  ["too many files are open"] = "spec/loop_spec.lua",
  ["cannot be loaded: "] = "spec/later_spec.lua",
  ["the way is through the proxy"] = "spec/proxy_spec.lua",
  ["no trusted authority vouches"] = "spec/tls_spec.lua",
  ["the CA file cannot be read"] = "spec/tls_spec.lua",
  ["no version of TLS from 1.2 on is in common"] = "spec/tls_spec.lua",
  ["is not TLS"] = "spec/tls_spec.lua",
  ["the connection ended in the TLS handshake"] = "spec/tls_spec.lua",
  ["certificate has expired, or is not valid yet"] = "spec/windows/tls.lua",
  ["certificate is for another host"] = "spec/windows/tls.lua",
  ["another C library"] = "spec/windows/files.lua",
  ["more than 30 GiB"] = "spec/stream_parts_spec.lua",
}

-- It takes another libcurl than the one that the module was built with.
local NEVER_HERE = {
  ["libcurl is older than 7.66, or lacks what is needed"] = true,
  ["base_url takes TLS, which this libcurl does not have"] = true,
  ["a header line of the answer has a zero in it"] = true, -- 7.79 takes it
  ["no connection within <seconds> s"] = true, -- 7.87 has words of its own
}

local client, tokens, videos, plain, here

local function open()
  service.reset()
  client = service.client { retries = 0 }
  tokens, videos = client.upload_tokens, client.videos
  plain = core.new { base_url = service.url, api_key = service.key, retries = 0 }
  here = place.new()
end

local function close()
  here:close()
  plain:close()
  client:close()
end

-- --- misuse

local misuse = service.misuse

local function new(options)
  return function() return misuse(apivideo.new, options) end
end

local function of_token(method, ...)
  local arguments = { ... }
  return function()
    return misuse(tokens[method], tokens, unpack(arguments, 1, 3))
  end
end

local function of_client(method, ...)
  local arguments = { ... }
  return function()
    return misuse(client[method], client, unpack(arguments, 1, 3))
  end
end

local function upload(source, options)
  return function()
    return misuse(videos.upload_with_upload_token, videos, UNKNOWN, source,
      options)
  end
end

local function progressive(options)
  return function()
    return misuse(videos.progressive_upload, videos, UNKNOWN, options)
  end
end

-- A part of the C module's, with other fields.
local function part(fields)
  return function()
    local given = { source = "x", offset = 0, size = 1, file_name = "x" }
    for name, value in pairs(fields) do given[name] = value end
    return misuse(plain.start, plain, "upload_with_upload_token", UNKNOWN, given)
  end
end

local function in_task(body)
  return function()
    return misuse(function() client:spawn(body):await() end)
  end
end

-- The state of an upload that broke off after its first part.
local function state_of(source, options)
  local all = { chunk_size = PART, retries = 0 }
  for name, value in pairs(options or {}) do all[name] = value end
  local match = { method = "POST", path = "/upload" }
  service.faults { { delay = 0.001, match = match }, { status = 500, match = match } }
  local token = tokens:create_token({}).token
  local err = service.failure(videos.upload_with_upload_token, videos, token,
    source, all)
  return assert(err.upload), token
end

local function edited(field, value)
  return function()
    local state = state_of { data = uploads.data(PART + 1) }
    state[field] = value
    return misuse(videos.progressive_upload, videos, UNKNOWN, { resume = state })
  end
end

-- --- failures

local function fail(object, method, ...)
  return service.failure(object[method], object, ...)
end

local function answered(method, fault, ...)
  local arguments = { ... }
  return function()
    service.faults { fault }
    return fail(tokens, method, unpack(arguments, 1, 2))
  end
end

local function promised(problem, run)
  local text = "the answer is not what was promised: " .. problem
  return text .. ", it starts with: <beginning>", run
end

local TOKEN = '{"token":"t","ttl":1,"createdAt":""}'

local function token_of(body)
  return answered("get_token", { status = 200, body = body }, UNKNOWN)
end

local function page_of(data, pagination)
  local body = ('{"data":%s,"pagination":%s}'):format(data, pagination)
  return answered("list", { status = 200, body = body })
end

local function pagination_of(links, items)
  return ('{"currentPage":1,"currentPageItems":%d,"pageSize":25,"pagesTotal":1,'
    .. '"itemsTotal":%d%s}'):format(items, items, links)
end

local function upload_answered(body)
  return function()
    local token = tokens:create_token({}).token
    service.faults { { status = 201, body = body } }
    return fail(videos, "upload_with_upload_token", token, { data = "x" })
  end
end

local function access_answered(body)
  return function()
    local bearer = service.client { auth = "bearer", retries = 0 }
    service.faults { { status = 200, body = body } }
    return fail(bearer.upload_tokens, "list")
  end
end

local OK = "HTTP/1.1 200 OK\r\n"

local function says(answer)
  return function() return raw(answer, "list") end
end

-- What is said of a libcurl that deserves a warning.
local function warned(pattern)
  return function()
    local known, event = core.WARNING, nil
    for _, text in ipairs(literals.read "src/core/library.c") do
      if text:find(pattern) then core.WARNING = text end
    end
    service.client({ log = function(it) event = it end }):close()
    core.WARNING = known
    return event.message
  end
end

local function refused(source, options)
  return function()
    local token = tokens:create_token({}).token
    return fail(videos, "upload_with_upload_token", token,
      type(source) == "function" and source() or source, options)
  end
end

local function reads(reader)
  return refused(function() return reader end)
end

-- A file that something happens to after its first part.
local function happens(script)
  return function()
    local path = here:write("film", ("x"):rep(PART + 1))
    return refused(path, { chunk_size = PART, on_state = function()
      here:run(script)
    end })()
  end
end

local function resumed(before, after)
  return function()
    local state, token = state_of(before)
    return fail(videos, "upload_with_upload_token", token, after,
      { resume = state })
  end
end

-- Gives so many bytes, in one piece.
local function giving(size)
  local pieces = { uploads.data(size) }
  return function() return table.remove(pieces) end
end

-- --- all of them

local MET = {
  ["calling '<method>' needs a colon: <example>"] = function()
    return misuse(tokens.list)
  end,
  ["call it with a dot: apivideo.new(options)"] = function()
    return misuse(apivideo.new, apivideo)
  end,
  ["options must be a table, got a <type>"] = new "a key",
  ['unknown option <name>; did you mean "<name>"?'] = new { api_kee = "x" },
  ["unknown option <name>; known are <names>"] = of_token("create_token", { lifetime = 1 }),
  ["options have names, got the key <number>"] = of_token("create_token", { 60 }),
  ['"<name>" is a call option: give it in the table behind'] = of_token("list", { timeout = 5 }),
  ["call options must be a table, got a <type>"] = of_token("list", {}, 5),
  ["<name> must be an integer from <least> to <most>, got <value>"] = of_token("create_token", { ttl = -1 }),
  ["<name> must be a number of seconds above 0 and up to 1000000, got <value>"] = new { timeout = 0 },
  ["<name> must be a number of seconds from 0 up to 1000000, got <value>"] = new { attempt_timeout = -1 },
  ["<name> must be a string, got <value>"] = new { ca_file = 1 },
  ["<name> must be UTF-8 without control characters or line ends"] = new { api_key = "a key\n" },
  ['environment must be "production" or "sandbox", got <value>'] = new { environment = "test" },
  ['<name> must be "<word>" or "<word>", got <value>'] = new { auth = "digest" },
  ["driver must be <words>, got <value>"] = new { driver = "uv" },
  ["driver = \"<name>\" cannot be used here: module '<module>' not found"] = function()
    local loaded, preload = package.loaded, package.preload
    local driver, luv = loaded["apivideo.driver.luv"], loaded.luv
    local path, cpath = package.path, package.cpath
    loaded["apivideo.driver.luv"], loaded.luv, preload.luv = nil, nil, nil
    package.path, package.cpath = "lua/?.lua", "lua/?.so"
    local message = new { driver = "luv" }()
    package.path, package.cpath = path, cpath
    loaded["apivideo.driver.luv"], loaded.luv = driver, luv
    return message
  end,
  ["log must be a function, got <value>"] = new { log = true },
  ['auth = "bearer" needs an api_key: give it, or set APIVIDEO_API_KEY'] = function()
    return service.run("env -u APIVIDEO_API_KEY",
      'require("apivideo").new { auth = "bearer" }')
  end,
  ["api_key must not be empty"] = new { api_key = "" },
  ["api_key must not hold a colon"] = new { api_key = "a:b" },
  ["<name> must be at most 65536 bytes"] = new { api_key = ("a"):rep(65537) },
  ["<message>; it is from <variable>"] = function()
    return service.run("APIVIDEO_API_KEY=a:key",
      [[ print(select(2, pcall(require("apivideo").new))) ]])
  end,
  ['ca_file must be the path of a PEM bundle, got "": leave it out for the system\'s'] = new { ca_file = "" },
  ['base_url must be a URL such as https://ws.api.video, got "": leave it out for the default'] =
    new { base_url = "" },
  ["base_url must start with https://"] = new { base_url = "ws.api.video" },
  ["base_url must start with https:// (http:// is for loopback hosts only)"] =
    new { base_url = "http://ws.api.video" },
  ["base_url is not a URL such as https://ws.api.video"] = new { base_url = "https://ws api" },
  ["base_url must not hold a user name or password"] = new { base_url = "https://key@ws.api.video" },
  ["base_url must not have a query or fragment"] = new { base_url = "https://ws.api.video?a" },
  ["proxy is not the URL of a proxy, such as http://127.0.0.1:3128"] = new { proxy = "a b" },
  ["proxy must start with http://, https:// or socks5://"] = new { proxy = "ftp://127.0.0.1" },
  ["proxy is for https:// only: plain HTTP does not leave this machine"] =
    new { base_url = "http://127.0.0.1:1", proxy = "http://127.0.0.1:2" },
  ["application and sdk are { name = …, version = … }, got a <type>"] = new { sdk = "mine" },
  ["<option>.name must be 1 to 50 of A-Z a-z 0-9 _ -"] = new { sdk = { name = "a b", version = "1" } },
  ["<option>.version must be like 1, 1.2 or 1.2.3, got <value>"] = new { sdk = { name = "a", version = "v1" } },
  ["headers must be a table, got a <type>"] = new { headers = "a" },
  ["headers must be strings with strings as names"] = new { headers = { a = 1 } },
  ["<name> is not a header name"] = new { headers = { ["a b"] = "x" } },
  ['the header "<name>" is set by the library: leave it out'] = new { headers = { Host = "x" } },
  ["the header <name> must be UTF-8 without control characters"] = new { headers = { a = "x\n" } },
  ["headers must be at most 65536 bytes in all"] = new {
    headers = { ["X-A"] = ("a"):rep(40000), ["X-B"] = ("b"):rep(30000) },
  },
  ["there may be at most <count> headers"] = function()
    local headers = {}
    for i = 1, 65 do headers["x-" .. i] = "x" end
    return new { headers = headers }()
  end,
  ["expected a date such as 2020-12-02T10:26:46+00:00, got <value>"] = function()
    return misuse(apivideo.epoch, nil)
  end,

  ["the payload must be a table such as { ttl = 3600 }, got a <type>"] = of_token("create_token", 3600),
  ["the upload token must be a string, got <value>"] = of_token "get_token",
  ["an upload token is 1 to 128 of A-Z a-z 0-9 _ -, got <value>"] = of_token("get_token", "a b"),
  ["the query must be a table such as { page_size = 100 }, got a <type>"] = of_token("list", "asc"),
  ["prefetch must be an integer from 0 to 100, got <value>"] = of_token("pages", { prefetch = -1 }),

  ["a task must be a function, got <value>"] = of_client "spawn",
  ["items must be a list or an iterator, got <value>"] = of_client "parallel",
  ["items must be a list, got a table that is none; of a page, give its data"] =
    of_client("parallel", { data = {} }, print),
  ["what to do with an item must be a function, got <value>"] = of_client("parallel", {}),
  ["concurrency must be an integer from 1 to 10000, got <value>"] =
    of_client("parallel", {}, print, { concurrency = 0 }),
  ['on_error must be "collect" or nil, got <value>'] = of_client("parallel", {}, print, { on_error = "skip" }),
  ["seconds must be a number from 0 to 1000000, got <value>"] = of_client("step", -1),
  ["timeout must be a number from 0 to 1000000, got <value>"] = function()
    local task = client:spawn(function() end)
    return misuse(task.await, task, "soon")
  end,
  ["<method> cannot be called inside a task: tasks wait by making calls, and whoever runs them steps"] =
    in_task(function() client:step() end),
  ["a task cannot await itself"] = function()
    local task
    task = client:spawn(function()
      tokens:list()
      task:await()
    end)
    return misuse(task.await, task)
  end,
  ["'<method>' would have to wait here: with driver = \"step\", call it inside client:spawn(function() … end)"] =
    function()
      local stepped = service.client { driver = "step" }
      return misuse(stepped.upload_tokens.list, stepped.upload_tokens)
    end,

  ["the source must be a path, an open file, { data = …, file_name = … } or a function that gives pieces,"
    .. " got <value>"] = upload(5),
  ["data must be a string, got <value>"] = upload {},
  ["the path must not be empty"] = upload "",
  ["the path must not hold zeros"] = upload "a\0b",
  ["the file is closed"] = function()
    local file = assert(io.open "LICENSE")
    file:close()
    return upload(file)()
  end,
  ["the name of the file <name> cannot be sent: give a file_name"] = function()
    return upload(here:write("a\1b", "a film"))()
  end,
  ["file_name must be 1 to 255 bytes of UTF-8 without control characters, / and \\, got <value>"] =
    progressive { file_name = "a/b" },
  ["video_id must be 1 to 128 of A-Z a-z 0-9 _ -, got <value>"] = progressive { video_id = "a b" },
  ["<name> must be a function, got <value>"] = progressive { on_state = 1 },
  ["resume is not what an upload gave: it is a <type>"] = progressive { resume = "{}" },
  ["resume is not what an upload gave: its field <name> is <value>"] = progressive { resume = {} },
  ["resume is not what an upload gave: it is from a newer version of apivideo"] =
    progressive { resume = { version = 99 } },
  ["resume is not what an upload gave: it was changed"] = edited("sent", "1-2"),
  ["resume has another <name>: leave it out"] = function()
    local state = state_of { data = uploads.data(PART + 1) }
    return upload({ data = "x" }, { resume = state, chunk_size = PART + 1 })()
  end,
  ["resume is of an upload of a <source>: go on with upload_with_upload_token"] = edited("sent", "1-1"),
  ["a piece must be a string, got <value>"] = function()
    local session = videos:progressive_upload(UNKNOWN)
    return misuse(session.upload_part, session)
  end,
  ["<method>: the upload has ended; begin another one"] = function()
    local session = videos:progressive_upload(tokens:create_token({}).token)
    session:upload_last_part "x"
    return misuse(session.upload_part, session, "x")
  end,
  ["<method>: the last piece was given; upload_last_part() sends once more what did not arrive"] = function()
    local session = videos:progressive_upload(UNKNOWN)
    pcall(session.upload_last_part, session, "x")
    return misuse(session.upload_part, session, "x")
  end,
  ['<method>: the piece of the call that failed was taken; upload_part("") sends once more what did not arrive'] =
    function()
      local session = videos:progressive_upload(UNKNOWN)
      local piece = uploads.data(PART + 1)
      pcall(session.upload_part, session, piece)
      return misuse(session.upload_part, session, piece)
    end,

  ["unknown operation <name>; known are <names>"] = function()
    return misuse(plain.start, plain, "drop_token")
  end,
  ["the call is still in flight: step its client first"] = function()
    local call = plain:start "pause"
    return misuse(call.result, call)
  end,
  ["the call was collected"] = function()
    local call = plain:start "pause"
    local done = call.done
    debug.getmetatable(call).__gc(call)
    return misuse(done, call)
  end,
  ["the client was collected"] = function()
    local other = core.new()
    debug.getmetatable(other).__gc(other)
    return misuse(other.step, other)
  end,
  ["the result was taken already"] = function()
    local call = plain:start "list"
    while not call:done() do plain:step(1) end
    call:result()
    return misuse(call.result, call)
  end,
  ["the file was closed while its part was read"] = function()
    local file = assert(core.file("docs/errors.md"))
    local closing = setmetatable({ source = file, offset = 0, size = 1, file_name = "x" },
      { __index = function() file:close() end })
    return misuse(plain.start, plain, "upload_with_upload_token", "t", closing)
  end,
  ["seconds must be a number from 0 to 1000000"] = function()
    return misuse(plain.step, plain, -1)
  end,
  ["the credential must be a string, got <type>"] = function()
    return misuse(plain.start, plain, "refresh", 5)
  end,
  ["the credential must be text without control characters"] = function()
    return misuse(plain.start, plain, "refresh", "a\n")
  end,
  ["an access token must be UTF-8 without control characters"] = function()
    return misuse(plain.set_access_token, plain, "a\n")
  end,
  ["the part must be a table, got a <type>"] = function()
    return misuse(plain.start, plain, "upload_with_upload_token", UNKNOWN, 5)
  end,
  ["source must be an open file of core.file() or a string, got <value>"] = part { source = 5 },
  ["<name> must be a number of bytes, got <value>"] = part { offset = -1 },
  ["size must be 1 or more, got 0"] = part { size = 0 },
  ["the part is not inside of its source"] = part { size = 2 },
  ["file_name must be 1 to 255 bytes without / and \\"] = part { file_name = "a/b" },
  ["video_id must be 1 to 128 of A-Z a-z 0-9 _ -"] = part { video_id = "a b" },
  ["number must be from 1 to total"] = part { number = 3, total = 2 },
  ["a name must be a string"] = function() return misuse(core.nearest, "x", { {} }) end,
  ["too many names"] = function()
    local names = {}
    for i = 1, 65 do names[i] = "x" end
    return misuse(core.nearest, "x", names)
  end,

  ["<title> (<name>: <problem>)"] = answered("list", { status = 400,
    body = '{"title":"Wrong.","problems":[{"name":"ttl","title":"Too long."}]}' }),
  ["<title> (parameter <name>)"] = answered("list", { status = 400, body = '{"title":"Wrong.","name":"ttl"}' }),
  ["The API key is invalid."] = function()
    return fail(service.client({ api_key = "another" }).upload_tokens, "list")
  end,
  ["<title>; no api_key was given, nor is APIVIDEO_API_KEY set"] = function()
    local output = service.run("env -u APIVIDEO_API_KEY",
      'print(require("apivideo.safe").new().upload_tokens:list())')
    return { kind = "unauthorized", message = output:match "^nil\t(.*)\n$" }
  end,
  ["The upload token is invalid or expired."] = function()
    return fail(videos, "upload_with_upload_token", UNKNOWN, { data = "x" })
  end,
  ["Suspended account"] = function()
    service.settings { suspended = true }
    return fail(tokens, "list")
  end,
  ["The requested resource was not found."] = function()
    return fail(tokens, "get_token", UNKNOWN)
  end,
  ["Too many requests."] = answered("list", { status = 429, body = '{"title":"Too many requests."}' }),
  ["the service takes no more <requests> for <seconds> s, and the deadline is earlier"] = function()
    service.faults { { status = 429, headers = { ["Retry-After"] = "60" } } }
    fail(tokens, "list")
    return fail(tokens, "list")
  end,
  ["no reason was given, and the answer is empty"] = answered("list", { status = 418, body = "" }),
  ["the service points to <url>, and no redirect is followed"] =
    answered("list", { status = 308, body = "", headers = { Location = "https://api.example.com/" } }),
  ["no reason was given, and the answer is encoded as <encoding>, which nobody asked for"] =
    answered("list", { status = 418, body = "x", headers = { ["Content-Encoding"] = "br" } }),
  ["no reason was given, it starts with: <beginning>"] = answered("list", { status = 502, body = "<html>" }),

  ["<libcurl's words>"] = function()
    return fail(core.new { base_url = "http://127.0.0.1:9", retries = 0 }, "list")
  end,
  ["the connection closed before the answer"] = function()
    local there = faults.open {
      script = { false, { { "close" } } }, healthy = faults.OPERATIONS.list.healthy,
    }
    local other = core.new { base_url = there.url, api_key = "fault_key" }
    other:list()
    local err = fail(other, "create_token")
    there:close()
    return err
  end,

  ["no answer within <seconds> s"] = function()
    service.faults { { delay = 2 } }
    return fail(tokens, "list", {}, { timeout = 0.05 })
  end,
  ["the upload was not done before its deadline"] = refused({ data = uploads.data(PART + 1) }, {
    chunk_size = PART, timeout = patience(2),
    on_state = function() socket.sleep(patience(2)) end,
  }),
  ["no access token came before the deadline"] = function()
    local bearer = service.client { auth = "bearer" }
    service.faults { { delay = 0.5 } }
    local renewing = bearer:spawn(function() bearer.upload_tokens:list() end)
    local err = fail(bearer.upload_tokens, "list", {}, { timeout = 0.05 })
    renewing:await()
    return err
  end,

  ["the answer is not what was promised: it is empty"] =
    answered("list", { status = 200, body = "" }),
  [promised "it is not labelled as JSON"] =
    answered("list", { status = 200, body = "<html>", headers = { ["Content-Type"] = "text/html" } }),
  [promised "it is not JSON"] = token_of "{",
  [promised "it is not UTF-8"] = token_of '{"a":"\255"}',
  [promised "a name comes twice"] = token_of '{"token":"to1","ttl":1,"ttl":2,"createdAt":""}',
  [promised "a token is not an object"] = token_of "5",
  [promised "a token has no valid token"] = token_of "{}",
  [promised "a token has no valid ttl"] = token_of '{"token":"t"}',
  [promised "a token has no valid createdAt"] = token_of '{"token":"t","ttl":1}',
  [promised "a token has no valid expiresAt"] = token_of '{"token":"t","ttl":1,"createdAt":"","expiresAt":5}',
  [promised "a page is not an object"] = answered("list", { status = 200, body = "5" }),
  [promised "data is not a list"] = page_of("5", "{}"),
  [promised "there is no pagination"] = page_of("[]", "5"),
  [promised "the pagination has no valid totals"] = page_of("[]", "{}"),
  [promised "the pagination has no list of links"] = page_of("[]", pagination_of(',"links":{"a":1}', 0)),
  [promised "the page lacks some of its items"] = page_of("[" .. TOKEN .. "]", pagination_of(',"links":[]', 2)),
  [promised "a video is not an object"] = upload_answered "5",
  [promised "a video has no valid videoId"] = upload_answered "{}",
  [promised "it is about another video"] = function()
    local token = tokens:create_token({}).token
    local id = uploads.container()
    service.faults { { status = 201, body = '{"videoId":"viAnother"}' } }
    return fail(videos, "upload_with_upload_token", token, { data = "x" },
      { video_id = id })
  end,
  ["the answer is not what was promised: the access token is not an object"] = access_answered "5",
  ["the answer is not what was promised: there is no access token"] = access_answered "{}",
  ["the answer is not what was promised: there is no refresh token"] = access_answered '{"access_token":"a"}',
  ["the answer is not what was promised: there is no lifetime"] =
    access_answered '{"access_token":"a","refresh_token":"b"}',
  ["the answer is beyond max_response_bytes"] = function()
    return fail(service.client({ max_response_bytes = 10 }).upload_tokens, "list")
  end,
  ["the answer's header lines are larger than 64 KiB"] = says(OK .. ("X-A: " .. ("x"):rep(995) .. "\r\n"):rep(70)),
  ["a header line of the answer is too long"] = says(OK .. "X-A: " .. ("x"):rep(200000)),
  ["the answer's length is no number"] = says(OK .. "Content-Length: 5, 5\r\n\r\n{}"),
  ["the answer's status line is broken"] = says "HTTP/1.1 200x\r\nContent-Length: 2\r\n\r\n{}",
  ["the answer's chunks are broken"] = says(OK .. "Transfer-Encoding: chunked\r\n\r\nx\r\n"),
  ["the answer is encoded in a way that nobody asked for"] =
    says(OK .. "Transfer-Encoding: identity\r\n\r\n{}"),
  ["the answer has two lengths"] = says(OK .. "Content-Length: 2\r\nContent-Length: 1\r\n\r\n{}"),
  ["the answer's head is cut off"] = says(OK .. "X-A: b\r\n"),
  ["only a provisional answer came"] = says(
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nx"),
  ["the answer came before all of the file left"] = function()
    return raw("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}",
      "upload_with_upload_token", UNKNOWN,
      { source = uploads.data(4 * PART), offset = 0, size = 4 * PART, file_name = "x" })
  end,

  ["<path>: <the system's words>"] = refused "/there/is/no/such/film",
  ["<path>: it is a directory"] = refused "spec",
  ["<path>: it is not a regular file"] = refused "/dev/null",
  ["the open file: it is not open for reading"] = refused(function()
    return assert(io.open(here:file "film", "w"))
  end),
  ["<path>: it is empty, and the service takes no empty files"] = refused(function()
    return here:write("film", "")
  end),
  ["<path>: it has <size> bytes; the service takes at most 32212254720 (30 GiB)"] = refused(function()
    here:run "truncate -s 32212254721 film"
    return here:file "film"
  end),
  ["the file has grown since the upload began"] = happens "echo x >>film",
  ["the file has shrunk since the upload began"] = happens "truncate -s 5 film",
  ["the file was changed since the upload began"] = happens "touch -d 2020-01-01 film",
  ["the file was removed or replaced since the upload began"] = happens "rm film",
  ["the file was replaced since the upload began"] = happens "mv film other && cp other film",
  ["the pieces are empty, and the service takes no empty files"] = reads(function() end),
  ["the pieces have more than those of the upload that broke off"] = function()
    local state, token = state_of(giving(PART + 1))
    return fail(videos, "upload_with_upload_token", token, giving(PART + 2),
      { resume = state })
  end,
  ["the pieces have less than those of the upload that broke off"] = function()
    local state, token = state_of(giving(PART + 1))
    return fail(videos, "upload_with_upload_token", token, giving(PART),
      { resume = state })
  end,
  ["the reader failed: <its words>"] = reads(function() error "the disk is gone" end),
  ["the reader must give strings, and nil at the end; it gave <value>"] = reads(function() return 5 end),
  ["resume: the source was <source> when the upload began, and is <source> now"] =
    resumed({ data = uploads.data(PART + 1) }, "LICENSE"),
  ["resume: it had <size> bytes when the upload began, and has <size> now"] =
    resumed({ data = uploads.data(PART + 1) }, { data = "x" }),
  ["resume: it is not what was uploaded before, or was changed since"] =
    resumed({ data = uploads.data(PART + 1) }, { data = ("x"):rep(PART + 1) }),

  ["the call was cancelled"] = function()
    service.faults { { delay = 2 } }
    local call = plain:start "list"
    call:cancel()
    return service.failure(call.result, call)
  end,
  ["the task was cancelled"] = function()
    service.faults { { delay = 0.2 } }
    local task = client:spawn(function() tokens:list() end)
    task:cancel()
    return fail(task, "await")
  end,
  ["the upload was not done within <seconds> s"] = function()
    service.faults { { delay = 1, match = { path = "/upload" } } }
    return service.failure(videos.upload_with_upload_token, videos, tokens:create_token().token,
      { data = "x" }, { timeout = 0.2 })
  end,
  ["the upload was cancelled"] = function()
    local session = videos:progressive_upload(tokens:create_token().token)
    session:cancel()
    return service.failure(session.upload_part, session, "x")
  end,
  ["the client was closed"] = function()
    local other = service.client()
    other:spawn(function()
      other:sleep(0.01)
      other:close()
    end)
    return service.failure(other.sleep, other, 9)
  end,
  ["the task was interrupted"] = function()
    return core.failure("spawn", "cancelled", "the task was interrupted")
  end,
  ["the task has not ended within <seconds> s"] = function()
    local task = client:spawn(function() client:sleep(9) end)
    local err = service.failure(task.await, task, 0.01)
    task:cancel()
    return err
  end,
  ["the client is closed"] = function()
    local other = service.client()
    other:close()
    return fail(other.upload_tokens, "list")
  end,

  ["this libcurl looks up names without a thread: a slow lookup holds up every call, and can outlast a deadline"] =
    warned "^this libcurl looks up",
  ["a task failed, and nobody awaited it: <message>"] = function()
    local event
    local other = service.client { log = function(it) event = it end }
    other:spawn(error, "lost")
    other:close()
    return event.message
  end,
}

-- Since 8.2x libcurl finds out by itself.
local LIBCURLS = { ["the answer has two lengths"] = "Invalid Content%-Length" }

describe("a message of docs/errors.md can be met:", function()
  before_each(open)
  after_each(close)

  for _, row in ipairs(ROWS) do
    local met = MET[row.text]
    if met then
      it(row.text, function()
        local got = met()
        if type(got) == "table" then
          assert.truthy((", " .. row.heading .. ","):find(", " .. got.kind .. ",", 1, true),
            got.kind .. ": " .. got.message)
          got = got.message:match "^[%w_]+: [%l_]+: (.*)$"
        end
        local own = LIBCURLS[row.text]
        assert.matches(own and got:find(own) and own or messages.pattern(row.text), got)
      end)
    elseif not NEVER_HERE[row.text] then
      it(row.text, function()
        local found
        for words, path in pairs(ELSEWHERE) do
          if row.text:find(words, 1, true) then
            found = true
            assert.truthy(files.read(path):gsub("%%(%p)", "%1"):find(words, 1, true), path)
          end
        end
        assert.is_true(found, "nothing meets it")
      end)
    end
  end
end)

describe("what meets messages", function()
  it("meets those of docs/errors.md only", function()
    local listed = {}
    for _, row in ipairs(ROWS) do listed[row.text] = true end
    for text in pairs(MET) do assert.truthy(listed[text], text) end
  end)
end)
