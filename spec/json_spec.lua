-- Answers as JSON: whatever a service adds, and whatever the host's locale is.

local faults = require "spec.support.faults"
local locales = require "spec.support.locales"
local service = require "spec.support.service"

local TOKEN = "to1tcmSFHeYY5KzyhOqVKMKb"

local function receive(body)
  local case = {
    operation = "get_token", timeout = 5, retries = 0,
    script = { { { "send", ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#body, body) }, { "close" } } },
  }
  faults.run { case }
  local outcome = case.outcome
  return outcome.ok, outcome.value or outcome.err
end

-- The field `added` of a token whose answer has it with that value.
local function added(json, name)
  local ok, value = receive(('{"token":"%s","ttl":60,"createdAt":"2020","%s":%s}'):format(TOKEN, name or "added", json))
  assert.is_true(ok, tostring(value))
  assert.equal(60, value.ttl)
  return value.added
end

local NUMBERS = {
  ["0"] = 0, ["-0"] = 0, ["7"] = 7, ["-7"] = -7, ["1.5"] = 1.5, ["-0.25"] = -0.25, ["1e3"] = 1000, ["1E+3"] = 1000,
  ["25e-2"] = 0.25, ["0.1"] = 0.1, ["123456.789"] = 123456.789, ["2.2250738585072014e-308"] = 2.2250738585072014e-308,
  ["9007199254740991"] = 9007199254740991, ["9007199254740993"] = 2 ^ 53, ["9223372036854775807"] = 2 ^ 63,
  ["18446744073709551616"] = 2 ^ 64, ["1e400"] = math.huge, ["-1e400"] = -math.huge, ["1e-400"] = 0,
  ["1e99999999"] = math.huge,
  ["0e99999999"] = 0, ["1.7976931348623157e308"] = 1.7976931348623157e308, ["100000000000000000000000000000"] = 1e29,
  ["0.00000000000000000000000000000001"] = 1e-32,
}

local LOST = "\239\191\189" -- U+FFFD

local TEXTS = {
  ['"plain"'] = "plain", ['"\\"\\\\\\/\\b\\f\\n\\r\\t"'] = "\"\\/\b\f\n\r\t", ['"\\u0041"'] = "A", ['"\\u00e9"'] = "é",
  ['"\\u20AC"'] = "€", ['"\\uD83D\\uDE00"'] = "😀", ['"é€😀"'] = "é€😀", ['""'] = "",
  -- halves of pairs
  ['"\\uD83D"'] = LOST, ['"\\ude00"'] = LOST, ['"x\\uD83Dy"'] = "x" .. LOST .. "y", ['"\\uDE00\\uD83D"'] = LOST .. LOST,
  ['"\\uD83D\\n"'] = LOST .. "\n", ['"\\uD83D\\u0041"'] = LOST .. "A", ['"\\uD83D\\uD83D\\uDE00"'] = LOST .. "😀",
  ['"\\\\uD83D\\uDE00"'] = "\\uD83D" .. LOST, ['"\\uD83D\\\\uDE00"'] = LOST .. "\\uDE00",
}

local BROKEN = {
  "01", "+1", ".5", "1.", "1e", "- 1", "1.e3", "NaN", "Infinity", "0x10", "tru", "nul", "'a'", '"\\x"', '"\\u12g4"',
  '"\\uD83D', '"\\uD83D\\"', '"\\uD83', '"\\uD83D\\u', '"\\uD83D\\x"', "\\uD83D",
  '"\t"', "[1,]", '{"a":1,}', "{1:2}", "[1 2]", '{"a" 1}', "/**/1", ("["):rep(256) .. ("]"):rep(256), "\0",
}

describe("a field that the service adds", function()
  for json, value in pairs(NUMBERS) do
    it("may hold the number " .. json, function() assert.equal(value, added(json)) end)
  end

  for json, value in pairs(TEXTS) do
    it("may hold the text " .. json, function() assert.equal(value, added(json)) end)
  end

  it("may hold anything else", function()
    assert.is_true(added "true")
    assert.is_false(added "false")
    assert.is_nil(added "null")
    assert.same({ 1, { 2, { a_b = 3 } } }, added '[1,[2,{"aB":3}]]')
    assert.same({}, added "{}")
    assert.same({ [LOST] = 1 }, added '{"\\uD83D":1}')
  end)

  it("may be as deep as 255 lists or objects", function()
    assert.is_table(added(("["):rep(255) .. ("]"):rep(255)))
    assert.is_table(added(('{"aB":'):rep(255) .. "1" .. ("}"):rep(255)))
  end)

  it("may come twice: the last one counts", function()
    assert.equal(2, added('1,"added":2'))
    assert.equal(2, added('1,"caf\\u00e9":1,"caf\\u00e9":2,"\\u0061dded":2'))
  end)

  it("may hold names that come twice, also those of known fields", function()
    assert.same({ token = 2 }, added '{"token":1,"token":2}')
    assert.same({ { ttl = 2 } }, added '[{"ttl":1,"\\u0074tl":2}]')
  end)

  for _, json in ipairs(BROKEN) do
    it("makes no JSON of " .. json:sub(1, 20):gsub("%c", "?"), function()
      local ok, err = receive(('{"token":"%s","ttl":60,"createdAt":"2020","added":%s}'):format(TOKEN, json))
      assert.is_false(ok)
      assert.equal("protocol", err.kind)
      assert.truthy(err.message:find("it is not JSON", 1, true), err.message)
    end)
  end

  if _VERSION >= "Lua 5.3" then
    it("is an integer where that is exact", function()
      assert.equal("integer", math.type(added "9007199254740991"))
      assert.equal("float", math.type(added "9223372036854775807"))
      assert.equal("float", math.type(added "1.5"))
    end)
  end
end)

describe("an answer", function()
  it("may begin with a byte order mark", function()
    local ok, token = receive(('\239\187\191{"token":"%s","ttl":60,"createdAt":"2020"}'):format(TOKEN))
    assert.is_true(ok, tostring(token))
    assert.equal(60, token.ttl)
  end)

  it("is not JSON with something behind it", function()
    for _, rest in ipairs { "x", "{}", "\239\187\191" } do
      local ok, err = receive(('{"token":"%s","ttl":60,"createdAt":"2020"}%s'):format(TOKEN, rest))
      assert.is_false(ok)
      assert.equal("protocol", err.kind)
    end
  end)

  -- In a process of its own: what specs are made of asks the locale, too.
  for _, locale in ipairs(locales) do
    for _, when in ipairs { "before", "after" } do
      it(("is read in the locale %s, set %s the library is loaded"):format(locale, when), function()
        service.reset()
        local body = ('{"token":"%s","ttl":60,"createdAt":"2020","added":1.5,"IIII":1}'):format(TOKEN)
        service.faults { { status = 200, body = body, times = 2 } }
        local output = service.run("", ([[
          if "%s" == "before" then os.setlocale "%s" end
          local apivideo = require "apivideo"
          local client = apivideo.new { base_url = "%s", api_key = "%s" }
          local tokens = client.upload_tokens
          tokens:get_token "%s"
          os.setlocale "%s"
          local token = tokens:get_token "%s"
          local made = tokens:create_token { ttl = 60 }
          local total = tokens:list().pagination.items_total
          local seconds = apivideo.epoch(made.created_at)
          print(token.added == 1.5, token.iiii or token.IIII, made.ttl, total, seconds > 1e9)
        ]]):format(when, locale, service.url, service.key, TOKEN, locale, TOKEN))
        assert.equal("true\t1\t60\t1\ttrue\n", output)
      end)
    end
  end
end)
