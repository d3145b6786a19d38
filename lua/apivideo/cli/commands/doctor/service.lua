--- The doctor's look at the service: one call tells of the way there, the
-- clock and the key.

local account = require "apivideo.cli.account"
local clock = require "apivideo.cli.commands.clock"
local duration = require "apivideo.cli.format.duration"
local finding = require "apivideo.cli.commands.doctor.finding"
local proxy = require "apivideo.util.proxy"
local way = require "apivideo.cli.commands.doctor.way"

local PATIENCE = { timeout = 10, retries = 0 }
local TOLERANCE = 60 -- seconds that a clock may be wrong

-- What the step at which the call failed hides.
local function unchecked(name, err)
  local step = way.failed_step(err)
  return finding.unknown(name,
    step and "not checked: see " .. step or "the answer has no date")
end

local function look_at_clock(response, err)
  local theirs = clock.of(response)
  if not theirs then return unchecked("clock", err) end
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

local function look_at_key(options, err)
  local has_key, problem = account.has_key(options), options.problems.key
  if problem then return finding.failed("key", problem, HOW_TO_SET) end
  if not err then return finding.ok("key", "it is accepted") end
  if way.failed_step(err) then
    if has_key then return unchecked("key", err) end
    return finding.unknown("key", "none")
  elseif err.kind == "unauthorized" and not has_key then
    return finding.warning("key",
      "none: only uploads with a token are possible", HOW_TO_SET)
  elseif err.kind == "unauthorized" then
    return finding.failed("key",
      "it is not accepted: " .. (err.title or err.message),
      "copy it again; a key of the service's sandbox needs --environment"
      .. " sandbox")
  end
  return finding.failed("key", err.message,
    "the account is closed to it: see https://dashboard.api.video")
end

--- What there is to be said.
---@param client apivideo.Client
---@param options table
---@return apivideo.cli.Finding[]
return function(client, options)
  local url, problems = account.base_url(options), options.problems
  local page, second = client.upload_tokens:list({ page_size = 1 }, PATIENCE)
  local err = not page and second or nil
  local response = page and second or second.response
  local on_way = proxy.of(url)
  local list = {
    finding.ok("service", url), way.look_at_proxy(on_way, problems.proxy),
  }
  if problems.proxy then on_way = nil end
  for _, it in ipairs(way.look(url, on_way, err)) do list[#list + 1] = it end
  if way.failed_step(err) == "answer" then
    list[#list + 1] = finding.failed(
      "answer", err.message, way.advice_of_answer(url, err))
  end
  list[#list + 1] = look_at_clock(response, err)
  list[#list + 1] = look_at_key(options, err)
  return list
end
