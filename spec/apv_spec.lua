-- apv.h for programs in C: it refuses what the Lua module would.

local probe = require "apivideo.probe"

-- What probe.client_new makes of an application, or of an SDK.
local IDENTITIES = {
  ok = {
    "a:1", "app_Name-2:1.2", "a:123.45.678", ("a"):rep(50) .. ":1", false,
  },
  invalid = {
    "", "a", "a b", ":", "a:", ":1", "a b:1", "é:1", ("a"):rep(51) .. ":1",
    "a:1:2", "a:x", "a:1.", "a:.1", "a:1..2", "a:1.2.3.4", "a:1234", "a:1 ",
  },
}

local TOKEN = "to1tcmSFHeYY5KzyhOqVKMKb"

local REQUESTS = {
  ok = {
    { operation = "list", sort_by = "createdAt", sort_order = "asc" },
    { operation = "list", sort_by = "ttl", sort_order = "desc",
      page_size = 100 },
    { operation = "create_token", body = "{}", body_size = 2 },
    { operation = "create_token" },
    { operation = "get_token", token = TOKEN },
    { operation = "delete_token", token = TOKEN },
    { operation = "upload_with_upload_token", token = TOKEN },
  },
  invalid = {
    { operation = 7 }, { operation = 99 }, { operation = -1 },
    { operation = "list", sort_by = "foo" },
    { operation = "list", sort_by = "created_at" },
    { operation = "list", sort_by = "" },
    { operation = "list", sort_order = "down" },
    { operation = "list", page_size = 101 },
    { operation = "create_token", body = false, body_size = 2 },
    { operation = "create_token", body = "\255", body_size = 1 },
  },
}

-- What belongs to the list, or to a POST of JSON, nowhere else.
for _, operation in ipairs { "get_token", "delete_token",
  "upload_with_upload_token", "create_token", "list" } do
  local token = operation:find "token$" and operation ~= "create_token"
    and TOKEN or nil
  local function refuse(request)
    request.operation, request.token = operation, token
    table.insert(REQUESTS.invalid, request)
  end
  if operation ~= "list" then
    refuse { sort_by = "ttl" }
    refuse { sort_order = "asc" }
    refuse { page_size = 10 }
  end
  if operation ~= "create_token" then
    refuse { body = "{}", body_size = 2 }
  end
end

local function written(request)
  local words = {}
  for name, value in pairs(request) do
    if name ~= "token" then
      words[#words + 1] = ("%s = %q"):format(name, tostring(value))
    end
  end
  table.sort(words)
  return table.concat(words, ", ")
end

describe("apv_client_new", function()
  for status, texts in pairs(IDENTITIES) do
    for _, option in ipairs { "application", "sdk" } do
      for _, text in ipairs(texts) do
        it(("is %s with the %s %q"):format(status, option, tostring(text)),
          function()
            assert.equal(status, probe.client_new { [option] = text })
          end)
      end
    end
  end

  it("is invalid without a base URL", function()
    assert.equal("invalid", probe.client_new { base_url = false })
  end)

  for _, path in ipairs { "", "a\nb", "\255", ("a"):rep(65537) } do
    it(("is invalid with the CA file %q"):format(path:sub(1, 9)), function()
      assert.equal("invalid", probe.client_new { ca_file = path })
    end)
  end
end)

describe("apv_call_start", function()
  for status, requests in pairs(REQUESTS) do
    for _, request in ipairs(requests) do
      it(("is %s with %s"):format(status, written(request)), function()
        assert.equal(status, probe.call_start(request))
      end)
    end
  end
end)
