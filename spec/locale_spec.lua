-- What is said of a failure, and what is checked, whatever the host's locale
-- is. Answers are looked at in json_spec.

local locales = require "spec.support.locales"
local service = require "spec.support.service"

-- Each in a process of its own: what specs are made of asks the locale, too.
local SCRIPT = [[
  local apivideo = require "apivideo"
  local client = apivideo.new { base_url = "%s", api_key = "%s", retries = 0 }
  local tokens = client.upload_tokens
  local token = tokens:create_token().token
  os.setlocale "%s"
  local function say(...)
    local _, err = pcall(...)
    print((tostring(err):gsub("^.-:%%d+: ", "")))
  end
  say(tokens.get_token, tokens, token, { timeout = 0.25 })
  say(tokens.get_token, tokens, token, { timeout = 0.05 })
  say(client.videos.upload_with_upload_token, client.videos, token, { data = "x" }, { timeout = 0.25 })
  local task = client:spawn(function() client:sleep(0.5) end)
  say(task.await, task, 0.125)
  say(apivideo.new, { retries = 0.5 })
  client:close()
]]

describe("the locale", function()
  for _, locale in ipairs { "C", (table.unpack or unpack)(locales) } do
    it("changes nothing that is said: " .. locale, function()
      service.reset()
      service.faults { { times = 1 }, { delay = 2, times = 9 } }
      local output = service.run("", SCRIPT:format(service.url, service.key, locale))
      output = output:gsub(" %([GP][^\n]*", "")
      assert.equal(table.concat({
        "get_token: timeout: no answer within 0.25 s",
        "get_token: timeout: no answer within 0.05 s",
        "upload_with_upload_token: timeout: the upload was not done within 0.25 s",
        "await: timeout: the task has not ended within 0.125 s",
        "bad argument #1 to 'new' (retries must be an integer from 0 to 100, got 0.5)",
      }, "\n") .. "\n", output)
    end)
  end
end)
