-- The programs of examples/loops do what they say, on every runtime.

local service = require "spec.support.service"

local function run(name)
  return service.run("timeout 60 env APIVIDEO_BASE_URL=" .. service.url
    .. " APIVIDEO_API_KEY=" .. service.key,
    ('dofile "examples/loops/%s.lua"'):format(name))
end

local function tokens_left()
  local client = service.client()
  local page = client.upload_tokens:list()
  client:close()
  return page.pagination.items_total
end

describe("examples/loops", function()
  before_each(service.reset)

  it("luv.lua makes its calls while the clock ticks", function()
    service.faults { { delay = 0.2 } }
    local output = run "luv"
    local ticks = output:match("^valid for 60 seconds\nvalid for 120 seconds\n"
      .. "valid for 180 seconds\nthe clock ticked (%d+) times meanwhile\n$")
    assert.is_true(tonumber(ticks) >= 5, output)
    assert.equal(0, tokens_left())
  end)

  it("cqueues.lua makes its calls and ends", function()
    service.faults { { delay = 0.2 } }
    assert.equal("valid for 3600 seconds\n", run "cqueues")
    assert.equal(0, tokens_left())
  end)
end)
