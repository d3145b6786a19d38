-- What the host takes memory away from: scenarios that together use every
-- operation. The host calls `prepare`, `run` and `check` in a state that is new
-- for each time; `arrange`, `disturb`, `calm` and `verify`, which are about the
-- sandbox, in one that always has memory. Only while `run` runs, memory fails.

-- LuaJIT's compiler jumps astray now and then when its own requests fail (its
-- issues 52 and 1247); it is not what is tested.
if jit then jit.off() end

local BASE_URL = os.getenv "APIVIDEO_BASE_URL"
local IS_SECURE = BASE_URL:find "^https:" ~= nil
local CA_FILE = os.getenv "APIVIDEO_CA_FILE"
local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"
local OTHER_PAGE = "a page is not the one that was asked for"
local MADE = 5 -- tokens that there are before a scenario

local script = { names = {} }
local scenarios = {}

-- `it` gets what a scenario makes: `client`, `bare` (of apivideo.core).
local it = {}

-- `options`: `faults` that the sandbox gives while it runs; `changes`: it
-- leaves other tokens behind; `leaves`: how calls of its client may end from
-- then on; `loads`: the library is not loaded before, or what calls load is not;
-- `prepare` replaces the client that there is otherwise; `verify` gets
-- the requests that were sent; `secure`: it is for a sandbox with TLS, which the
-- controls do not reach.
local function scenario(name, options, run)
  options.run = run
  scenarios[name] = options
  if (options.secure or false) == IS_SECURE then
    script.names[#script.names + 1] = name
  end
end

-- --- what the scenarios say --------------------------------------------------

local function is_short(err)
  return type(err) == "string" and err:find("not enough memory", 1, true) ~= nil
end

-- Without taking memory itself: what it raises must be what was raised.
local function expect(value, message)
  if not value then error(message, 0) end
  return value
end

local function must_fail(kind, call, ...)
  local ok, err = pcall(call, ...)
  expect(not ok, "a call succeeded that must not")
  if type(err) ~= "table" or err.kind ~= kind then error(err, 0) end
  return err
end

local function must_be_misuse(call, ...)
  local ok, message = pcall(call, ...)
  expect(not ok, "misuse was accepted")
  if is_short(message) then error(message, 0) end
  expect(type(message) == "string", "misuse raised no text")
end

local function new_client(options)
  options = options or {}
  options.base_url = BASE_URL
  options.api_key = "sandbox_key"
  options.ca_file = CA_FILE
  return require "apivideo".new(options)
end

local function new_bare()
  return require "apivideo.core".new {
    base_url = BASE_URL, api_key = "sandbox_key", ca_file = CA_FILE,
  }
end

-- --- loading and making ------------------------------------------------------

local function nothing() end

-- Each time in a process of its own: libcurl is set up once in a process.
scenario("first client", { prepare = nothing }, function()
  it.bare = new_bare()
end)

-- PUC 5.1 and LuaJIT mark what they once failed to load, and refuse it then. What
-- is loaded by a call is the library's own business, see `later`.
local function forget_failed_loads()
  for name, value in pairs(package.loaded) do
    local loaded = type(value) == "table" or type(value) == "function"
    if not loaded then package.loaded[name] = nil end
  end
end

scenario("load", {
  loads = "all", prepare = nothing, clean = forget_failed_loads,
}, function()
  local apivideo = require "apivideo"
  local safe = require "apivideo.safe"
  expect(safe.epoch == apivideo.epoch, "two libraries")
end)

-- Calls that load what they need when they are made for the first time.
local function load_later(client)
  client.upload_tokens:iterate()
  client.videos:progressive_upload(UNKNOWN)
  client:parallel({}, function() end)
  new_client { auth = "bearer", log = function() end }
  expect(require "apivideo".epoch "1970-01-01T00:00:01Z" == 1, "another time")
end

scenario("load later", { loads = "later" }, function()
  load_later(it.client)
end)

scenario("new", { prepare = nothing }, function()
  local client = new_client {
    environment = "sandbox", auth = "bearer", driver = "block",
    timeout = 9.5, connect_timeout = 3, retries = 1, max_connections = 3,
    max_response_bytes = 100000, proxy = "", log = function() end,
    application = { name = "oom", version = "1.2" },
    sdk = { name = "host", version = "3" },
    headers = { ["X-One"] = "1", ["X-Two"] = "2", ["X-Empty"] = "" },
  }
  it.client = client
  expect(tostring(client), "it has no name")
end)

scenario("new core", { prepare = nothing }, function()
  it.bare = new_bare()
  expect(tostring(it.bare), "it has no name")
end)

-- --- the operations ----------------------------------------------------------

scenario("create", { changes = true }, function()
  local tokens = it.client.upload_tokens
  local token, response = tokens:create_token { ttl = 3600 }
  expect(token.ttl == 3600 and response.status == 200, "it differs")
  expect(tokens:create_token().token, "it has no token")
end)

scenario("get", {}, function()
  local tokens = it.client.upload_tokens
  local read, response = tokens:get_token(it.token, {
    timeout = 5, retries = 0, headers = { ["X-Call"] = "one" },
  })
  expect(read.token == it.token, "another token")
  expect(response.headers["content-type"], "no headers")
  expect(response.rate_limit, "no limits")
  expect(response.attempts == 1 and response.elapsed > 0, "no attempts")
  expect(response.reused ~= nil and tostring(response), "it has no name")
end)

scenario("delete", { changes = true }, function()
  local tokens = it.client.upload_tokens
  local _, response = tokens:delete_token(it.token)
  expect(response.status == 204, "it is there")
end)

scenario("list", {}, function()
  local page, response = it.client.upload_tokens:list {
    sort_by = "created_at", sort_order = "desc", current_page = 1,
    page_size = 3,
  }
  expect(#page.data == 3 and response.status == 200, OTHER_PAGE)
  expect(page.pagination.items_total == MADE, "another list")
end)

scenario("pages", {}, function()
  local count = 0
  for page in it.client.upload_tokens:pages { page_size = 2 } do
    count = count + #page.data
  end
  expect(count == MADE, OTHER_PAGE)
end)

scenario("iterate", {}, function()
  local count = 0
  for _ in it.client.upload_tokens:iterate { page_size = 2 } do
    count = count + 1
  end
  for _ in it.client.upload_tokens:iterate { page_size = 3, sort_by = "ttl" } do
    count = count + 1
  end
  expect(count == 2 * MADE, OTHER_PAGE)
end)

-- --- failures ----------------------------------------------------------------

scenario("not found", {}, function()
  local tokens = it.client.upload_tokens
  local err = must_fail("not_found", tokens.get_token, tokens, UNKNOWN)
  expect(tostring(err) == err.message, "another message")
  expect(err.response.headers["content-type"], "no headers")
end)

scenario("bad request", {
  faults = { {
    status = 400,
    headers = { ["Content-Type"] = "application/problem+json" },
    body = {
      type = "https://docs.api.video/reference/invalid-attribute",
      title = "An attribute is invalid.", name = "ttl", status = 400,
      problems = {
        { type = "t", title = "Too small.", name = "ttl" },
        { type = "t", title = "Too odd.", name = "page" },
      },
    },
  } },
}, function()
  local tokens = it.client.upload_tokens
  local err = must_fail("bad_request", tokens.list, tokens)
  expect(#err.problems == 2 and err.title, "not all of it")
end)

scenario("too many requests", {
  faults = { {
    problem = "too-many-requests", headers = { ["Retry-After"] = 60 },
  } },
  leaves = "too_many_requests",
}, function()
  local tokens = it.client.upload_tokens
  local err = must_fail("too_many_requests", tokens.list, tokens, nil, {
    timeout = 5,
  })
  expect(err.retry_after == 60, "another wait")
end)

scenario("protocol", {
  faults = { { status = 200, body = "<html>" }, { status = 200, body = {} } },
}, function()
  local tokens = it.client.upload_tokens
  must_fail("protocol", tokens.get_token, tokens, it.token)
  local err = must_fail("protocol", tokens.create_token, tokens)
  expect(err.ambiguous, "it is clear")
end)

scenario("connection", {
  faults = { { close = true, times = 2 } }, -- libcurl itself reads again
}, function()
  local tokens = it.client.upload_tokens
  must_fail("connection", tokens.list, tokens, nil, { retries = 0 })
end)

scenario("retries", { faults = { { status = 503 } } }, function()
  local page, response = it.client.upload_tokens:list(nil, { retries = 2 })
  expect(#page.data == MADE and response.attempts == 2, "no second attempt")
end)

scenario("safe", {}, function()
  local client = require "apivideo.safe".new {
    base_url = BASE_URL, api_key = "wrong", ca_file = CA_FILE,
  }
  local page, err = client.upload_tokens:list()
  if err and is_short(err) then error(err, 0) end
  expect(page == nil and err.kind == "unauthorized", err)
  local step = client.upload_tokens:iterate()
  local token
  token, err = step()
  expect(token == false and err.kind == "unauthorized", err)
  client:close()
end)

scenario("misuse", {}, function()
  local apivideo = require "apivideo"
  local tokens = it.client.upload_tokens
  must_be_misuse(apivideo.new, { time_out = 1 })
  must_be_misuse(apivideo.new, { api_key = 1 })
  must_be_misuse(apivideo.new, { headers = { Host = "x" } })
  must_be_misuse(apivideo.new, { proxy = "foo://user:secret@host" })
  must_be_misuse(apivideo.new, { sdk = { name = "x" } })
  must_be_misuse(apivideo.new, { log = 1 })
  must_be_misuse(apivideo.new, apivideo)
  must_be_misuse(tokens.create_token, tokens, { ttl = -1 })
  must_be_misuse(tokens.create_token, tokens, { tll = 1 })
  must_be_misuse(tokens.get_token, tokens, "../videos")
  must_be_misuse(tokens.get_token, "x")
  must_be_misuse(tokens.list, tokens, { sort_by = "name" })
  must_be_misuse(tokens.pages, tokens, { prefetch = -1 })
  must_be_misuse(apivideo.epoch, "yesterday")
end)

-- --- sessions, logs, dates ---------------------------------------------------

local function every_call_is_bearer(requests)
  for _, request in ipairs(requests) do
    if request.path:find("^/upload%-tokens") then
      local sent = request.headers.authorization
      expect(sent:find("^Bearer "), "a call went out with the key")
    end
  end
end

local function prepare_bearer()
  it.client = new_client { auth = "bearer" }
end

scenario("bearer", {
  prepare = prepare_bearer, verify = every_call_is_bearer,
}, function()
  expect(#it.client.upload_tokens:list().data == MADE, "another list")
  expect(#it.client.upload_tokens:list().data == MADE, "another list")
end)

-- The access token is refused, so it is renewed with the refresh token.
scenario("refresh", {
  prepare = function()
    prepare_bearer()
    it.client.upload_tokens:list()
  end,
  faults = { { problem = "authentication-invalid-access-token", status = 401,
    match = { path = "/upload-tokens" } } },
  verify = every_call_is_bearer,
}, function()
  expect(#it.client.upload_tokens:list().data == MADE, "another list")
end)

scenario("log", {
  prepare = function()
    it.events = 0
    it.client = new_client {
      log = function(event)
        it.events = it.events + 1
        it.event = event
      end,
    }
  end,
}, function()
  local tokens = it.client.upload_tokens
  tokens:list()
  must_fail("not_found", tokens.get_token, tokens, UNKNOWN)
  expect(it.events == 2 and it.event.kind == "not_found", "another event")
end)

scenario("epoch", {}, function()
  local epoch = require "apivideo".epoch
  expect(epoch "2020-12-02T10:26:46+00:00" == 1606904806, "another time")
  expect(epoch "2020-12-02T10:26:46.25-01:30" == 1606910206, "another time")
end)

scenario("handshake", {
  secure = true,
  prepare = function()
    local client = new_client()
    client.upload_tokens:create_token { ttl = 3600 }
    client:close()
    it.client = new_client()
  end,
}, function()
  expect(#it.client.upload_tokens:list { page_size = 1 }.data == 1, OTHER_PAGE)
end)

-- --- tasks -------------------------------------------------------------------

-- Gives what a task gave, or raises what it raised, wherever memory failed.
local function outcome(client, task)
  local deadline = client.core and 1000
  while task.state == "running" do
    deadline = deadline - 1
    expect(deadline > 0, "a task runs for ever")
    client:step(0.1)
  end
  return task:await()
end

local function prepare_stepped()
  it.client = new_client()
  it.token = it.client.upload_tokens:list().data[1].token
  it.stepped = new_client { driver = "step" }
end

scenario("task", {}, function()
  local tokens = it.client.upload_tokens
  local task = it.client:spawn(function(id)
    coroutine.yield()
    return tokens:get_token(id).token, tokens:list().pagination.items_total
  end, it.token)
  local inner = it.client:spawn(function() return task:await() end)
  local id, count = outcome(it.client, inner)
  expect(id == it.token and count == MADE, OTHER_PAGE)
end)

scenario("task cancelled", {}, function()
  local tokens = it.client.upload_tokens
  local task = it.client:spawn(tokens.list, tokens)
  local inner = it.client:spawn(function() return task:await() end)
  it.client:step(0)
  task:cancel()
  if task.state ~= "cancelled" then task:await() end
  local ok, err = pcall(inner.await, inner)
  if not ok and is_short(err) then error(err, 0) end
end)

scenario("task failed", {}, function()
  local tokens = it.client.upload_tokens
  it.client:spawn(tokens.get_token, tokens, UNKNOWN)
  it.client:spawn(error, "nobody awaits this")
  while it.client:step(1) > 0 do end -- luacheck: ignore 542
end)

scenario("parallel", {}, function()
  local tokens = it.client.upload_tokens
  local items = { it.token, it.token, it.token, UNKNOWN }
  local results, errors = it.client:parallel(items, function(id)
    return tokens:get_token(id)
  end, { concurrency = 2, on_error = "collect" })
  for i = 1, 4 do
    local err = errors and errors[i]
    local kind = type(err) == "table" and err.kind
    if is_short(err) or kind and kind ~= "not_found" then error(err, 0) end
  end
  expect(results[1].token == it.token, "another token")
  expect(errors[4].kind == "not_found", "another error")
  items[4] = nil
  expect(#it.client:parallel(items, function(id)
    return tokens:get_token(id)
  end) == 3, "not all of it")
end)

scenario("pages ahead", {}, function()
  local count = 0
  local query = { page_size = 1, prefetch = 3 }
  for _ in it.client.upload_tokens:iterate(query) do count = count + 1 end
  for page in it.client.upload_tokens:pages(query) do
    count = count + #page.data
  end
  expect(count == 2 * MADE, OTHER_PAGE)
end)

scenario("steps", { prepare = prepare_stepped }, function()
  local stepped = it.stepped
  local tokens = stepped.upload_tokens
  expect(stepped:timeout() == nil, "something is in flight")
  local first = stepped:spawn(tokens.get_token, tokens, it.token)
  local second = stepped:spawn(tokens.list, tokens)
  stepped:fd()
  stepped:step(0)
  expect(outcome(stepped, first).token == it.token, "another token")
  expect(#outcome(stepped, second).data == MADE, OTHER_PAGE)
end)

scenario("close with tasks", {
  prepare = prepare_stepped, leaves = "closed",
}, function()
  local tokens = it.stepped.upload_tokens
  local first = it.stepped:spawn(tokens.list, tokens)
  local second = it.stepped:spawn(function() return first:await() end)
  it.stepped:step(0)
  it.stepped:close()
  expect(first.state ~= "running" and second.state ~= "running",
    "a task runs for ever")
end)

scenario("bearer tasks", {
  prepare = prepare_bearer, verify = every_call_is_bearer,
}, function()
  local tokens = it.client.upload_tokens
  local results = it.client:parallel({ 1, 2, 3 }, function()
    return #tokens:list().data
  end)
  expect(results[3] == MADE, OTHER_PAGE)
end)

-- --- uploads -----------------------------------------------------------------

local PART = 5 * 1024 * 1024
local LARGE = ("0123456789abcdef"):rep(PART / 16) .. "!"

scenario("upload", { changes = true }, function()
  local told = 0
  local source = { data = "a short film", file_name = 'a "film".mp4' }
  local video, response = it.client.videos:upload_with_upload_token(
    it.token, source, { on_progress = function() told = told + 1 end })
  expect(video.title == 'a "film".mp4' and response.status == 201, "no video")
  expect(told > 0, "no progress")
end)

scenario("upload in parts", {
  changes = true,
  prepare = function()
    it.client = new_client()
    it.token = it.client.upload_tokens:list().data[1].token
    it.path = os.tmpname()
    local file = io.open(it.path, "wb")
    file:write(LARGE)
    file:close()
  end,
  clean = function() os.remove(it.path) end,
}, function()
  local state
  local video = it.client.videos:upload_with_upload_token(it.token, it.path, {
    chunk_size = PART, parallel = 2,
    on_state = function(new) state = new end,
  })
  expect(video.assets and state.sent == "1-2", "no video")
end)

scenario("upload in pieces", { changes = true }, function()
  local upload = it.client.videos:progressive_upload(it.token)
  upload:upload_part(LARGE)
  expect(upload:upload_last_part("").assets, "no video")
end)

scenario("upload resumed", {
  changes = true,
  faults = { { problem = "authentication-invalid-upload-token", status = 401,
    match = { path = "/upload*" } } },
}, function()
  local videos, source = it.client.videos, { data = LARGE }
  local options = { chunk_size = PART }
  local function upload()
    return videos:upload_with_upload_token(it.token, source, options)
  end
  must_fail("unauthorized", upload)
  options.on_state = function() error("enough", 0) end
  local ok, err = pcall(upload)
  if err ~= "enough" then error(err, 0) end
  options.on_state = nil
  expect(not ok and upload().assets, "no video")
end)

-- --- the C module alone ------------------------------------------------------

local function prepare_bare()
  it.bare = new_bare()
  it.token = it.bare:list().data[1].token
end

local function finish(client, ...)
  for i = 1, select("#", ...) do
    local call = select(i, ...)
    while not call:done() do client:step(1) end
  end
end

scenario("core calls", { prepare = prepare_bare, changes = true }, function()
  local bare = it.bare
  local list = bare:start("list", { page_size = 1 })
  local read = bare:start("get_token", it.token)
  expect(tostring(list) and read:request() == "GET", "it has no name")
  finish(bare, list, read)
  expect(list:result() and read:result(), "no result")
  local made = bare:create_token { ttl = 1000 }
  expect(bare:get_token(made.token).ttl == 1000, "another token")
  expect(bare:delete_token(made.token) == true, "it is there")
  expect(bare:list().pagination.items_total == MADE, "another list")
end)

scenario("core helpers", { prepare = prepare_bare }, function()
  local core = require "apivideo.core"
  it.bare:check("pages", "list", { page_size = 3 })
  expect(core.nearest("time_out", core.OPTIONS) == "timeout", "it is far")
  expect(core.describe "one\ntwo" and core.describe(0 / 0), "no words")
  expect(not core.is_error {}, "no error")
  local pair = it.bare:start("authenticate", "sandbox_key")
  finish(it.bare, pair)
  it.bare:set_access_token(pair:result().access_token)
  expect(it.bare:list(), "no list")
end)

scenario("cancel", { prepare = prepare_bare }, function()
  local first = it.bare:start("list")
  local second = it.bare:start("get_token", it.token)
  it.bare:step(0)
  first:cancel()
  second:cancel()
  first:cancel()
  local ok, err = pcall(second.result, second) -- a quick answer may be there
  if not ok and is_short(err) then error(err, 0) end
end)

local function prepare_both()
  it.bare = new_bare()
  it.client = new_client()
end

scenario("close", { prepare = prepare_both, leaves = "closed" }, function()
  local call = it.bare:start("list")
  it.bare:close()
  must_fail("cancelled", call.result, call)
  must_fail("closed", it.bare.list, it.bare)
  it.client:close()
  it.client:close()
  local tokens = it.client.upload_tokens
  must_fail("closed", tokens.list, tokens)
end)

scenario("collect", {}, function()
  for _ = 1, 2 do
    local bare = new_bare()
    bare:start("list")
    bare:start("get_token", it.token)
    bare:step(0)
    bare = nil -- luacheck: ignore 311
    collectgarbage()
  end
end)

-- --- what the host calls -----------------------------------------------------

function script.prepare(name)
  local prepare, loads = scenarios[name].prepare, scenarios[name].loads
  if not loads then
    require "apivideo.safe"
    require "apivideo.all"
  end
  if prepare then return prepare() end
  it.client = new_client()
  it.token = it.client.upload_tokens:list().data[1].token
end

function script.run(name)
  scenarios[name].run()
end

-- libcurl does not always say that it lacks memory. libcurl 7.88.1 even sends
-- a request without the query of its URL, where an upload has its token.
local SAID_BY_LIBCURL = {
  unauthorized = true,
  connection = true, tls = true, timeout = true, protocol = true,
  [OTHER_PAGE] = true,
}

local function must_be_about_memory(err, owner)
  if owner ~= "nobody" and is_short(err) then return end
  local said = type(err) == "table" and err.kind or err
  if owner == "libcurl" and SAID_BY_LIBCURL[said] then return end
  error("ended otherwise: " .. tostring(err), 0)
end

local function must_work(list, allowed)
  local ok, page = pcall(list)
  if not ok and type(page) == "table" and page.kind == allowed then return end
  if not ok then error("does not work any more: " .. tostring(page), 0) end
  expect(#page.data == 1, "it works, but otherwise")
end

local function clean(name)
  local clean_up = scenarios[name].clean
  if clean_up then clean_up() end
end

-- Checks what the scenario raised, if anything, and that calls succeed.
function script.check(name, owner, err)
  clean(name)
  if err ~= nil then must_be_about_memory(err, owner) end
  local query = { page_size = 1 }
  local allowed = scenarios[name].leaves
  if it.bare then
    must_work(function() return it.bare:list(query) end, allowed)
  end
  if it.stepped then
    it.stepped:close()
    it.stepped = nil
  end
  local client = it.client or new_client()
  local tokens = client.upload_tokens
  must_work(function() return tokens:list(query) end, allowed)
  if scenarios[name].loads then load_later(client) end
end

-- --- with memory -------------------------------------------------------------

local control

-- Whether the tokens are those that scenarios expect.
local arranged = false

function script.arrange(name)
  if IS_SECURE then return end
  control = require "spec.support.sandbox_http".control
  if not arranged then
    control("POST", "reset")
    control("POST", "tokens", { count = MADE, ttl = 3600 })
    arranged = true
  end
  if scenarios[name].verify then control("DELETE", "log") end
end

-- Once the scenario is prepared.
function script.disturb(name)
  local faults = scenarios[name].faults
  if faults then control("POST", "faults", faults) end
end

-- Once it has ended.
function script.calm(name)
  local wanted = scenarios[name]
  if wanted.faults then control("DELETE", "faults") end
  if wanted.changes then arranged = false end
end

-- Once it has been checked.
function script.verify(name)
  local verify = scenarios[name].verify
  if verify then verify(control("GET", "log")) end
end

return script
