--- The doctor's look at the service: one call tells of the name, the
-- connection, TLS, the clock and the key.

local account = require "apivideo.cli.account"
local clock = require "apivideo.cli.commands.clock"
local duration = require "apivideo.cli.format.duration"
local finding = require "apivideo.cli.commands.doctor.finding"

local PATIENCE = { timeout = 10, retries = 0 }
local TOLERANCE = 60 -- seconds that a clock may be wrong

-- Whether the call came so far that a later step can be judged.
local STEPS = { DNS = 1, connection = 2, TLS = 3, answer = 4 }

-- What an answer may say of the key, and be an answer of the service's.
local OF_THE_KEY = { unauthorized = true, forbidden = true }

-- The step at which a call failed; nil: it was answered as it should be.
local function failed_step(err)
  if not err or OF_THE_KEY[err.kind] then return nil end
  if err.kind == "tls" then return "TLS" end
  if err.kind == "protocol" or err.response then return "answer" end
  return err.message:find("resolve", 1, true) and "DNS" or "connection"
end

local function advice_for(step, url, err)
  local host = url:match "^%a+://%[?([^/%]]-)%]?:?%d*/?$" or url
  if step == "DNS" then
    return ("is the network up? 'getent hosts %s' asks for the name; a proxy"
      .. " is named in https_proxy"):format(host)
  elseif step == "connection" then
    return ("a firewall may be in the way, or a proxy is needed: it is named"
      .. " in https_proxy; 'curl -v %s' tells more"):format(url)
  elseif step == "TLS" then
    return ("this machine's date is %s UTC: is it right? If a proxy here opens"
      .. " connections, put its authority into a file for SSL_CERT_FILE")
      :format(os.date "!%Y-%m-%d %H:%M")
  end
  if err.retryable then return "the service is unwell: try again later" end
  return "does this address lead to api.video? " .. url
end

local WELL = {
  DNS = "the name is known", connection = "it is answered",
  TLS = "the certificate is right",
}

-- What is to be said of the steps up to the answer.
local function look_at_way(url, err)
  local step, list = failed_step(err), {}
  local reached = step and STEPS[step] or STEPS.answer
  for _, name in ipairs { "DNS", "connection", "TLS" } do
    local place = STEPS[name]
    if name == step then
      list[place] =
        finding.failed(name, err.message, advice_for(name, url, err))
    elseif place > reached then
      list[place] = finding.unknown(name, "not reached")
    elseif name == "TLS" and url:find "^http:" then
      list[place] = finding.ok(name, "not used on this machine itself")
    else
      list[place] = finding.ok(name, WELL[name])
    end
  end
  return list
end

local function look_at_clock(response)
  local theirs = clock.of(response)
  if not theirs then
    return finding.unknown("clock", "nobody to compare it with")
  end
  local ahead = os.time() - theirs
  if math.abs(ahead) <= TOLERANCE then
    return finding.ok("clock", "right, within a minute")
  end
  return finding.failed("clock", ("%s %s"):format(
    duration.words(math.abs(ahead)), ahead > 0 and "ahead" or "behind"),
    "set this machine's clock: certificates are judged by it")
end

local HOW_TO_SET = "export APIVIDEO_API_KEY=… or use --api-key-file; the key"
  .. " is on https://dashboard.api.video/apikeys"

local function look_at_key(key, err)
  if not err then return finding.ok("key", "it is accepted") end
  if err.kind == "unauthorized" and not key then
    return finding.warning("key",
      "none: only uploads with a token are possible", HOW_TO_SET)
  elseif err.kind == "unauthorized" then
    return finding.failed("key", "it is not accepted: " .. err.message,
      "copy it again; a key of the service's sandbox needs --environment"
      .. " sandbox")
  elseif err.kind == "forbidden" then
    return finding.failed("key", err.message,
      "the account is closed to it: see https://dashboard.api.video")
  end
  return finding.unknown("key", key and "nobody to show it to" or "none")
end

--- What there is to be said.
---@param client apivideo.Client
---@param options table
---@return apivideo.cli.Finding[]
return function(client, options)
  local url = account.base_url(options)
  local page, second = client.upload_tokens:list({ page_size = 1 }, PATIENCE)
  local err = not page and second or nil
  local response = page and second or second.response
  local list = { finding.ok("service", url) }
  for _, it in ipairs(look_at_way(url, err)) do list[#list + 1] = it end
  if failed_step(err) == "answer" then
    list[#list + 1] =
      finding.failed("answer", err.message, advice_for("answer", url, err))
  end
  list[#list + 1] = look_at_clock(response)
  list[#list + 1] = look_at_key(account.key(options), err)
  return list
end
