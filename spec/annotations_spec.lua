-- What editors are told is what there is: every function, field and option, and
-- nothing else.

local annotations = require "spec.support.annotations"
local apivideo = require "apivideo"
local core = require "apivideo.core"
local files = require "spec.support.files"
local service = require "spec.support.service"
local shell = require "spec.support.shell"
local uploads = require "spec.support.uploads"

local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"

local function found_by(pattern)
  local found = shell.lines("find " .. pattern)
  table.sort(found)
  return found
end

-- The command line is for shells, not for editors.
local LUA_FILES = found_by "lua -name '*.lua' ! -path '*/cli/*'"
local BINDING_FILES = found_by "src/binding -name '*.c'"

local said = annotations.read(LUA_FILES)

local function sorted(names)
  local list = {}
  for name in pairs(names) do list[#list + 1] = name end
  table.sort(list)
  return list
end

local function set_of(list)
  local set = {}
  for _, name in ipairs(list) do set[name] = true end
  return set
end

-- The names of the functions in a table; metamethods are Lua's.
local function functions_in(object)
  local names = {}
  for name, value in pairs(object) do
    if type(value) == "function" and not name:find "^__" then
      names[name] = value
    end
  end
  return names
end

-- The parameters of a function of Lua's, where the runtime tells them.
local function parameters(func)
  local names = {}
  local info = debug.getinfo(func, "u")
  if not info.nparams then return nil end -- Lua 5.1
  for i = 1, info.nparams do names[i] = debug.getlocal(func, i) end
  if names[1] == "self" then table.remove(names, 1) end
  if info.isvararg then names[#names + 1] = "..." end
  return names
end

-- Every word of the sources that could be the name of a method or option.
local function words_of_sources()
  local found = {}
  for _, list in ipairs { LUA_FILES, BINDING_FILES } do
    for _, path in ipairs(list) do
      for word in files.read(path):gmatch '"(%l[%l_]+)"' do found[word] = true end
    end
  end
  return sorted(found)
end

local WORDS = words_of_sources()

-- --- functions ----------------------------------------------------------------

describe("annotations of functions", function()
  it("name the parameters that there are, in their order", function()
    for _, it in ipairs(said.functions) do
      if #it.said > 0 then
        assert.same(it.params, it.said, it.place)
      end
    end
  end)

  it("leave out no parameter of what users call", function()
    for _, class in ipairs {
      "", ".Client", ".UploadTokens", ".Videos", ".Task", ".UploadSession",
      ".safe", ".safe.Client", ".safe.UploadTokens", ".safe.Videos",
      ".safe.UploadSession",
      ".core", ".core.Client", ".core.Call", ".core.Timer", ".core.File",
    } do
      for method, it in pairs(said:methods("apivideo" .. class)) do
        if not it.internal then
          assert.same(it.params, it.said, class .. "." .. method)
        end
      end
    end
  end)

  it("stand at every function of the modules", function()
    for _, name in ipairs { "epoch", "is_error", "new" } do
      assert.truthy(said.classes.apivideo.functions[name], name)
    end
    local module = functions_in(apivideo)
    assert.same({ "epoch", "is_error", "new" }, sorted(module))
  end)

  describe("of objects", function()
    local client, objects

    setup(function()
      service.reset()
      client = service.client()
      objects = {
        ["apivideo.Client"] = client,
        ["apivideo.UploadTokens"] = client.upload_tokens,
        ["apivideo.Videos"] = client.videos,
        ["apivideo.Task"] = client:spawn(function() end),
        ["apivideo.UploadSession"] = client.videos:progressive_upload(UNKNOWN),
      }
    end)

    teardown(function() client:close() end)

    for _, name in ipairs {
      "apivideo.Client", "apivideo.UploadTokens", "apivideo.Videos",
      "apivideo.Task", "apivideo.UploadSession",
    } do
      it("stand at every method of " .. name, function()
        local real = functions_in(getmetatable(objects[name]))
        assert.same(sorted(real), sorted(said:methods(name)))
        for method, it in pairs(said:methods(name)) do
          local names = parameters(real[method])
          if names then assert.same(names, it.params, method) end
        end
      end)

      it("know every field of " .. name, function()
        said:assert_conforms(objects[name], name)
      end)
    end
  end)

  it("say the same of the safe variant, but for what it gives", function()
    for _, name in ipairs { "Client", "UploadTokens", "Videos", "UploadSession" } do
      local safe = said.classes["apivideo.safe." .. name]
      assert.same({ "apivideo." .. name }, safe.parents)
      local plain = said:methods("apivideo." .. name)
      for method, it in pairs(safe.functions) do
        assert.same(plain[method].params, it.params, method)
      end
    end
  end)

  it("say of every method that can fail what the safe variant gives", function()
    for _, name in ipairs { "UploadTokens", "Videos" } do
      for method, it in pairs(said:methods("apivideo." .. name)) do
        local safe = said.classes["apivideo.safe." .. name].functions
        assert.equal(it.internal, not safe[method], method)
      end
    end
  end)
end)

-- --- the C module -------------------------------------------------------------

-- Of all words those that are methods of an object, which does not tell its own.
local function methods_of(object)
  local names = {}
  for _, word in ipairs(WORDS) do
    if type(object[word]) == "function" then names[word] = true end
  end
  return names
end

describe("annotations of the C module", function()
  local client, call, timer, file

  setup(function()
    client = core.new { base_url = service.url, api_key = service.key }
    call = client:start "list"
    timer = client:start "pause"
    file = assert(core.file "LICENSE")
  end)

  teardown(function()
    file:close()
    client:close()
  end)

  it("have its functions and constants", function()
    local real = set_of { "WARNING" } -- most have none
    for name in pairs(core) do real[name] = true end
    local named = {}
    for name in pairs(said:fields "apivideo.core") do named[name] = true end
    for name in pairs(said:methods "apivideo.core") do named[name] = true end
    assert.same(sorted(real), sorted(named))
  end)

  it("have the methods of a client", function()
    assert.same(sorted(methods_of(client)),
      sorted(said:methods "apivideo.core.Client"))
  end)

  it("have the methods of a call", function()
    assert.same(sorted(methods_of(call)),
      sorted(said:methods "apivideo.core.Call"))
  end)

  it("have the methods of a timer", function()
    assert.same(sorted(methods_of(timer)),
      sorted(said:methods "apivideo.core.Timer"))
  end)

  it("have the methods of a file", function()
    assert.same(sorted(methods_of(file)),
      sorted(said:methods "apivideo.core.File"))
  end)

  it("name parameters as the sources do", function()
    local classes = {
      core = "apivideo.core", client = "apivideo.core.Client",
      call = "apivideo.core.Call", timer = "apivideo.core.Timer",
      file = "apivideo.core.File",
      relay = "apivideo.core.Relay", guard = "apivideo.core.Guard",
    }
    local found = {}
    for _, path in ipairs(BINDING_FILES) do
      for object, name, list in
          files.read(path):gmatch "/%* (%l+)[.:]([%w_]+)%(([^)]*)%)" do
        local it = said:methods(classes[object])[name]
        local words = object .. "." .. name
        assert.truthy(it, words)
        assert.equal(list:gsub("…", "..."), table.concat(it.params, ", "),
          words)
        found[words] = true
      end
    end
    for object, class in pairs(classes) do
      for name in pairs(said:methods(class)) do
        assert.truthy(found[object .. "." .. name], name)
      end
    end
  end)

  it("are true of the libcurl that is in use", function()
    said:assert_conforms(core.library(), "apivideo.core.Library")
  end)

  it("name every operation", function()
    local text = files.read "src/core/types.h"
    local names = {}
    local list = text:match "#define APV_OPERATIONS%(X%)(.-)\n\n"
    for name in list:gmatch 'X%([%u_]+, "([%l_]+)"' do names[name] = true end
    names.pause = true -- no operation of the service's
    assert.same(sorted(names),
      sorted(set_of(said.aliases["apivideo.core.Operation"])))
  end)

  it("name every kind of failure", function()
    local kinds = {}
    local list = files.read("src/core/types.h"):match(
      "#define APV_STATUSES%(X%)(.-)\n\n")
    for name in list:gmatch 'X%([%u_]+, "([%l_]+)"' do kinds[name] = true end
    -- These never get out: they are raised as strings, or no failures.
    for _, name in ipairs { "ok", "invalid", "memory" } do
      kinds[name] = nil
    end
    local of_status = files.read "src/binding/error.c":match "kind_of_status.-\n}"
    for name in of_status:gmatch 'return "([%l_]+)"' do kinds[name] = true end
    assert.same(sorted(kinds),
      sorted(set_of(said.aliases["apivideo.ErrorKind"])))
  end)

  it("have every field of a response", function()
    local fields = {}
    local text = files.read "src/binding/response.c"
    for name in text:gmatch 'strcmp%(name, "([%l_]+)"%)' do
      fields[name] = true
    end
    assert.same(sorted(fields), sorted(said:fields "apivideo.Response"))
  end)
end)

-- --- what comes out -----------------------------------------------------------

local PROBLEM = [[{"type":"https://docs.api.video/reference/invalid-attribute",
  "title":"Invalid attributes.","status":400,"detail":"Two of them.",
  "name":"ttl","problems":[{"type":"t","title":"It is wrong.","name":"ttl",
  "detail":"Quite."}]}]]

describe("annotations of what comes out", function()
  local client, met, events

  before_each(function()
    service.reset()
    met, events = {}, {}
    client = service.client {
      retries = 0, log = function(event) events[#events + 1] = event end,
    }
  end)

  after_each(function() client:close() end)

  -- Every field that is annotated was there.
  local function assert_met(class)
    for name in pairs(said:fields(class)) do
      if not name:find "^%[" then
        assert.truthy(met[class .. "." .. name], class .. "." .. name)
      end
    end
  end

  it("are true of tokens and pages", function()
    local tokens = client.upload_tokens
    said:assert_conforms(tokens:create_token { ttl = 60 }, "apivideo.Token", met)
    said:assert_conforms(tokens:create_token(), "apivideo.Token", met)
    said:assert_conforms(tokens:list(), "apivideo.Page", met)
    for _, class in ipairs { "Token", "Page", "Pagination", "Link" } do
      assert_met("apivideo." .. class)
    end
  end)

  it("are true of responses", function()
    service.faults { {
      status = 204, headers = {
        ["X-RateLimit-Limit"] = "100", ["X-RateLimit-Remaining"] = "99",
        ["X-RateLimit-Retry-After"] = "60",
      },
    } }
    local _, response = client.upload_tokens:delete_token(UNKNOWN)
    said:assert_conforms(response, "apivideo.Response", met)
    assert_met "apivideo.RateLimit"
  end)

  it("are true of errors", function()
    local tokens = client.upload_tokens
    local function fail(...)
      local err = service.failure(...)
      said:assert_conforms(err, "apivideo.Error", met)
      return err
    end
    fail(tokens.get_token, tokens, UNKNOWN)
    service.faults {
      { status = 400, body = PROBLEM },
      { status = 429, headers = { ["Retry-After"] = "1" } },
    }
    fail(tokens.list, tokens)
    fail(tokens.list, tokens)
    service.reset()
    local token = tokens:create_token({}).token
    local pieces = { ("x"):rep(6 * 2^20) }
    fail(client.videos.upload_with_upload_token, client.videos, token,
      function() return table.remove(pieces) or error "no more" end,
      { chunk_size = 5 * 2^20 })
    assert_met "apivideo.Error"
    assert_met "apivideo.Problem"
  end)

  it("are true of events", function()
    client.upload_tokens:list()
    pcall(client.upload_tokens.get_token, client.upload_tokens, UNKNOWN)
    assert.equal(2, #events)
    for _, event in ipairs(events) do
      said:assert_conforms(event, "apivideo.Event", met)
    end
    assert_met "apivideo.Event"
  end)

  it("are true of uploads", function()
    local token = client.upload_tokens:create_token({}).token
    local video = client.videos:upload_with_upload_token(token,
      uploads.file("annotated.mp4", ("x"):rep(6 * 2^20)), {
        chunk_size = 5 * 2^20,
        on_progress = function(progress)
          said:assert_conforms(progress, "apivideo.Progress", met)
        end,
        on_state = function(state)
          said:assert_conforms(state, "apivideo.UploadState", met)
        end,
      })
    said:assert_conforms(video, "apivideo.Video", met)
    for _, class in ipairs { "Progress", "UploadState", "Video" } do
      assert_met("apivideo." .. class)
    end
  end)
end)

-- --- what goes in -------------------------------------------------------------

-- A run that collects all the time would take long, and show the same.
if os.getenv "APIVIDEO_GC" then return end

describe("annotations of what goes in", function()
  local client, plain

  setup(function()
    service.reset()
    client = service.client()
    plain = core.new { base_url = service.url }
  end)

  teardown(function()
    plain:close()
    client:close()
  end)

  local part = function(given)
    return plain:check("start", "upload_with_upload_token", UNKNOWN, given)
  end

  -- What takes a table of that class.
  local TAKERS = {
    ["apivideo.core.Options"] = function(given) core.new(given) end,
    ["apivideo.Options"] = function(given) apivideo.new(given) end,
    ["apivideo.Identity"] = function(given)
      core.new { application = given }
    end,
    ["apivideo.TokenPayload"] = function(given)
      plain:check("check", "create_token", given)
    end,
    ["apivideo.ListQuery"] = function(given)
      plain:check("check", "list", given)
    end,
    ["apivideo.CallOptions"] = function(given)
      plain:check("check", "list", {}, given)
    end,
    ["apivideo.PagesQuery"] = function(given)
      client.upload_tokens:pages(given)
    end,
    ["apivideo.IterateQuery"] = function(given)
      client.upload_tokens:iterate(given)
    end,
    ["apivideo.ParallelOptions"] = function(given)
      client:parallel({}, print, given)
    end,
    ["apivideo.UploadOptions"] = function(given)
      client.videos:progressive_upload(UNKNOWN, given)
    end,
    ["apivideo.Data"] = function(given)
      client.videos:upload_with_upload_token(UNKNOWN, given)
    end,
    ["apivideo.core.Part"] = part,
  }

  -- No option has a value like this; so nothing is sent.
  local WRONG = coroutine.create(function() end)

  local function is_refusal(message)
    return message:find("unknown option", 1, true)
      or message:find("is a call option: give it", 1, true)
  end

  -- Of all names, those that a function takes.
  local function taken(take)
    local names = {}
    for _, name in ipairs(WORDS) do
      local ok, message = pcall(take, { [name] = WRONG })
      if ok or not is_refusal(tostring(message)) then
        names[#names + 1] = name
      end
    end
    return names
  end

  for class, take in pairs(TAKERS) do
    it("are those that are taken: " .. class, function()
      assert.same(taken(take), sorted(said:fields(class)))
    end)
  end

  it("are those that core.OPTIONS lists", function()
    assert.same(sorted(set_of(core.OPTIONS)),
      sorted(said:fields "apivideo.core.Options"))
  end)

  it("look at all tables of options that are annotated", function()
    for name in pairs(said.classes) do
      if name:find "Options$" or name:find "Query$" then
        assert.truthy(TAKERS[name], name)
      end
    end
  end)
end)

-- An editor shows it with the next field.
describe("annotations", function()
  it("have no comment that goes on below a field's line", function()
    for _, path in ipairs(LUA_FILES) do
      local wrapped = files.read(path):match "(%-%-%-@field [^\n]*)\n%-%- [^-]"
      assert.is_nil(wrapped, path)
    end
  end)
end)
