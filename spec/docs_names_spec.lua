-- docs/reference.md has every name that a user may type or meet.

if os.getenv "APIVIDEO_RUNTIME" ~= "lua5.4" or os.getenv "APIVIDEO_GC" then
  return
end

local apivideo = require "apivideo"
local core = require "apivideo.core"
local markdown = require "spec.support.markdown"
local safe = require "apivideo.safe"
local service = require "spec.support.service"

local REFERENCE = markdown.read "docs/reference.md"

-- The words of code in the prose of a section, not in its examples; without a
-- heading, of the whole page.
local function words_of(heading)
  local text = heading and markdown.section(REFERENCE, heading) or REFERENCE
  local words = {}
  for _, span in ipairs(markdown.code(text)) do
    for word in span:gmatch "[%w_]+" do words[word] = true end
  end
  return words
end

-- Adds the names that a section lacks to a list.
local function add_missing(missing, names, heading)
  local words = words_of(heading)
  for _, name in ipairs(names) do
    if not words[name] then
      missing[#missing + 1] = ("%s (%s)"):format(name, heading or "anywhere")
    end
  end
end

local function assert_documented(names, heading)
  local missing = {}
  assert.truthy(#names > 0)
  add_missing(missing, names, heading)
  assert.same({}, missing)
end

-- The names in a table whose values are such that they count.
local function names_in(list, counts)
  local names = {}
  for name, value in pairs(list) do
    if not counts or counts(name, value) then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

-- A method for users checks what it is called with, and says how it is called.
local function is_public(name, method)
  if type(method) ~= "function" or name:find "^__" then return false end
  local ok, message = pcall(method, {})
  return not ok and type(message) == "string"
    and message:find("[:.]" .. name .. "%(") ~= nil
end

local function methods_of(object)
  return names_in(debug.getmetatable(object).__index, is_public)
end

-- Where the fields of a class are explained; elsewhere will do for others.
local SECTIONS = {
  ["apivideo.Options"] = "Options of a client",
  ["apivideo.Identity"] = "Options of a client",
  ["apivideo.CallOptions"] = "Upload tokens",
  ["apivideo.Token"] = "Upload tokens",
  ["apivideo.ListQuery"] = "Upload tokens",
  ["apivideo.PagesQuery"] = "Upload tokens",
  ["apivideo.IterateQuery"] = "Upload tokens",
  ["apivideo.Page"] = "Upload tokens",
  ["apivideo.Pagination"] = "Upload tokens",
  ["apivideo.ParallelOptions"] = "Many calls at once",
  ["apivideo.UploadOptions"] = "Videos",
  ["apivideo.Video"] = "Videos",
  ["apivideo.Response"] = "Responses",
  ["apivideo.RateLimit"] = "Responses",
  ["apivideo.Error"] = "Failures",
  ["apivideo.Event"] = "Events",
  ["apivideo.Progress"] = "Progress",
  ["apivideo.UploadState"] = "Going on",
  ["apivideo.UploadSession"] = "Sessions",
  ["apivideo.Task"] = "Many calls at once",
  ["apivideo.Client"] = "apivideo",
  ["apivideo.core"] = "apivideo.core",
  ["apivideo.core.Options"] = "Options of a client",
  ["apivideo.TokenPayload"] = "Upload tokens",
  ["apivideo.Link"] = "Upload tokens",
  ["apivideo.Data"] = "Videos",
  ["apivideo.Problem"] = "Failures",
}

-- What is annotated for editors: the names of the fields of each class, and
-- of the C module's methods. All the classes of lua/apivideo/meta
-- count; elsewhere, those that have a section.
local function annotated()
  local fields = {}
  local pipe = assert(io.popen "find lua -name '*.lua'")
  for path in pipe:lines() do
    local class
    for line in io.lines(path) do
      class = line:match "^%-%-%-@class ([%w_.]+)" or class
      local counts = path:find "/meta/" or SECTIONS[class]
      local name = line:match "^%-%-%-@field ([%w_]+)"
        or path:find "/meta/core_objects%.lua$" and line:match "^function %u%w+:([%w_]+)"
      if name and counts and name ~= "package" and name ~= "private" then
        fields[class] = fields[class] or {}
        table.insert(fields[class], name)
      end
    end
  end
  pipe:close()
  return fields
end

-- Ends that are no kind of error: success, misuse, and Lua's own error.
local OTHERS = { ok = true, invalid = true, memory = true }

describe("docs/reference.md", function()
  local client, token

  setup(function()
    service.reset()
    client = service.client()
    token = client.upload_tokens:create_token({ ttl = 60 }).token
  end)
  teardown(function() client:close() end)

  it("has the functions of the modules", function()
    assert_documented(names_in(apivideo), "apivideo")
    assert_documented(names_in(safe), "apivideo")
    local text = markdown.section(REFERENCE, "apivideo.core")
    for name in pairs(core) do
      assert.truthy(text:find("core." .. name, 1, true), name)
    end
  end)

  it("has the options of a client", function()
    assert_documented(core.OPTIONS, "Options of a client")
    assert_documented({ "auth", "driver", "log" }, "Options of a client")
  end)

  it("has the methods of a client", function()
    local names = methods_of(client)
    assert_documented(names)
    -- That they were found at all.
    for _, name in ipairs { "spawn", "parallel", "step", "close" } do
      assert.truthy(table.concat(names, " "):find(name, 1, true), name)
    end
  end)

  it("has the methods of tokens, videos, sessions and tasks", function()
    assert_documented(methods_of(client.upload_tokens), "Upload tokens")
    assert_documented(methods_of(client.videos), "Videos")
    assert_documented(methods_of(client.videos:progressive_upload(token)),
      "Sessions")
    assert_documented(methods_of(client:spawn(function() end)),
      "Many calls at once")
  end)

  it("has the methods of the C module", function()
    local bare = core.new { base_url = service.url, api_key = service.key }
    local call = bare:start("get_token", token)
    local function is_method(name) return not name:find "^__" end
    local function methods(object)
      return names_in(debug.getmetatable(object).__index, is_method)
    end
    assert_documented(methods(bare), "apivideo.core")
    assert_documented(methods(assert(core.file "README.md")), "apivideo.core")
    call:cancel()
    bare:close()
  end)

  it("has the fields of what goes in and out, where they belong", function()
    local classes, missing = 0, {}
    for class, names in pairs(annotated()) do
      local heading = SECTIONS[class]
        or class:find "^apivideo%.core" and "apivideo.core"
      add_missing(missing, names, heading)
      classes = classes + 1
    end
    assert.truthy(classes > 15)
    assert.same({}, missing)
  end)

  it("has the kinds of errors", function()
    local names = {}
    local source = markdown.read "src/binding/error.c"
    for kind in source:gmatch 'return "([%l_]+)"' do names[#names + 1] = kind end
    local list = markdown.read "src/core/types.h":match "APV_STATUSES(.-)enum"
    for kind in list:gmatch 'X%([%u_]+, "([%l_]+)"' do
      if not OTHERS[kind] then names[#names + 1] = kind end
    end
    assert_documented(names, "Failures")
    for _, kind in ipairs { "not_found", "unexpected_status", "connection" } do
      assert.truthy(table.concat(names, " "):find(kind, 1, true), kind)
    end
  end)
end)
