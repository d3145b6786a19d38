-- Cases of uploads from rows of faults (see fault_matrix.lua): every fault
-- during every kind of part, without retries and with them, and whether the
-- service had carried the request out or not.
--
-- Rows may also have
--   cuts      its steps read the request themselves, as far as they want to
--   carried   the service carries it out: true or false, nil: either
-- A part whose video is known is sent again, or the upload is gone on with: one
-- video, with all its bytes. A first part, or a whole file, is not sent again
-- when it may have arrived; then the failure says so. Where the request was cut
-- off, that depends on whether its end had left by then.

local assert = require "luassert"
local cases = require "spec.support.cases"
local faults = require "spec.support.faults"
local broken = require "spec.support.broken_uploads"

local matrix = {}

local ENOUGH = 5 -- seconds, for what takes less

-- Of so many cases one is carried out, another one on every runtime, unless all
-- of them are asked for; and fewer where the collector makes all of them slow.
local ALL = os.getenv "APIVIDEO_FAULTS" == "all"
local STRIDE = ALL and 1 or faults.COLLECTS and 61 or 9
local RUNTIME = (os.getenv "APIVIDEO_RUNTIME" or ""):byte(-1) or 0

-- An answer that is right, if the video is.
local BODY = ('{"videoId":"%s","ttl":60,"token":"none","createdAt":"2020"}'):format(faults.VIDEO_ID)
local OPERATION = { body = BODY, healthy = faults.answer("201 Created", BODY) }

local VARIANTS = {
  { times = 1, retries = 0, words = "without retries" },
  { times = 1, retries = 2, words = "with retries" },
}

local TAKEN = { { "pass" }, { "take" } }
local UNSEEN = { { "swallow" } }

-- --- what must come of it ----------------------------------------------------

local function is_unsure(case)
  local status = case.status
  return not case.unsent and (not status or status < 300 or status >= 500)
end

-- `kept`: the end of the request never left.
local function expected(case, kept)
  local named, fails = case.kind.named, case.kind_of_error ~= nil
  local repeated = fails and case.again
    and (named or case.unsent or case.refused or kept)
  local attempts = repeated and math.min(case.times, case.retries) + 1 or 1
  local ok = not fails or repeated and case.times <= case.retries
  return {
    ok = ok or false, attempts = attempts, arrived = case.unsent and (ok and 1 or 0) or attempts,
    ambiguous = not named and not kept and is_unsure(case),
  }
end

-- --- from rows to cases ------------------------------------------------------

local function steps_of(row, carried)
  local steps = {}
  if not row.cuts then
    for _, step in ipairs(carried and TAKEN or UNSEEN) do steps[#steps + 1] = step end
  end
  local own = row[2]
  if type(own) == "function" then own = own(OPERATION) end
  for _, step in ipairs(own or {}) do steps[#steps + 1] = step end
  return row[2] and steps
end

-- What comes too late for a call is a standstill of an upload, which may take
-- its time otherwise, and is then tried again.
local function set_time(case)
  case.latest = case.timeout or ENOUGH
  if case.kind_of_error ~= "timeout" or not case.timeout then return end
  case.options = { idle_timeout = case.timeout }
  case.timeout, case.latest, case.again = nil, ENOUGH, true
end

local function new_case(row, defaults, kind, variant, carried)
  local case = {}
  for name, value in pairs(defaults) do case[name] = value end
  for name, value in pairs(row) do case[name] = value end
  case.kind_of_error, case.kind = case.kind, kind
  case.options, case.client = case.client, nil
  case.times, case.retries = variant.times, variant.retries
  case.steps = steps_of(row, carried)
  case.carried = carried
  set_time(case)
  case.expected, case.expected_of_kept = expected(case), expected(case, true)
  case.name = ("%s: %s, %s, %s"):format(row[1], kind.name, variant.words,
    carried and "carried out" or "not carried out")
  return case
end

-- An answer of success is a lie unless the service has the part; what it refuses
-- it does not have.
local function may_be_carried(case, carried)
  if case.carried ~= nil then return case.carried == carried end
  if not case.kind then return carried end
  if case.refused or case.unsent then return not carried end
  return true
end

-- Requests that nobody reads are cut off at their start.
local function is_for_uploads(row)
  if row.greets then return false end
  if not row.only then return true end
  for _, operation in ipairs(row.only) do
    if operation == "upload" then return true end
  end
  return false
end

local function add_row(list, row, defaults)
  for _, kind in ipairs(row.kinds or broken.KINDS) do
    for _, variant in ipairs(row.variants or VARIANTS) do
      for _, carried in ipairs { true, false } do
        if may_be_carried(row, carried) then
          list[#list + 1] = new_case(row, defaults, kind, variant, carried)
        end
      end
    end
  end
end

local function cases_of(rows, defaults)
  local list, chosen = {}, {}
  for _, row in ipairs(rows) do
    local all = setmetatable(row, { __index = defaults })
    if is_for_uploads(all) then add_row(list, all, defaults) end
  end
  for i = RUNTIME % STRIDE + 1, #list, STRIDE do chosen[#chosen + 1] = list[i] end
  return chosen
end

-- --- checks ------------------------------------------------------------------

-- How many requests of the kind of the case are in a log.
local function arrivals(case, log)
  local count = 0
  for _, request in ipairs(log.requests) do
    assert.truthy(request.body <= request.length)
    assert.equal("POST", request.method)
    if request.range == case.kind.range then count = count + 1 end
  end
  return count
end

local function check_failure(case, err)
  assert.equal(case.kind_of_error, err.kind, err.message)
  assert.equal(case.status, err.status, err.message)
  assert.equal("upload_with_upload_token", err.operation)
  assert.equal(case.expected.ambiguous, err.ambiguous, err.message)
  assert.equal(case.expected.attempts, err.attempts, err.message)
  assert.equal(case.kind.named or false, err.upload ~= nil, err.message)
end

local function check_whole(case, videos)
  assert.equal(1, #videos)
  assert.is_true(videos[1].complete)
  assert.equal(case.source.size, videos[1].size)
  assert.equal(case.source.sha256, videos[1].sha256)
end

-- What is there of an upload that cannot be gone on with: nobody knows the
-- name of the video that its only request may have made.
local function check_rest(case)
  if case.expected.ambiguous and case.carried then
    assert.equal(1, #case.videos)
    assert.equal(1, #case.videos[1].parts)
  elseif not case.carried then
    assert.equal(0, #case.videos)
  end
end

-- What a service that looked at a part of it cannot have carried out.
local function was_kept(case, outcome)
  if not case.cuts or case.carried or case.kind.named then return false end
  return outcome.ok or not outcome.err.ambiguous
end

local function check(case)
  local outcome, first = case.outcome, case.first
  if was_kept(case, outcome) then case.expected = case.expected_of_kept end
  assert.equal(case.expected.ok, outcome.ok, outcome.err and outcome.err.message)
  assert.is_true(first.wall <= case.latest + first.late, first.wall)
  assert.equal(case.expected.arrived, arrivals(case, first.log))
  if not outcome.ok then check_failure(case, outcome.err) end
  local after = case.after
  if after then assert.is_true(after.ok, after.err and after.err.message) end
  local video = (after or outcome).video
  if outcome.ok or case.kind.named then
    check_whole(case, case.videos)
    assert.equal(video.video_id, case.videos[1].videoId)
  else
    check_rest(case)
    check_whole(case, case.again)
    assert.equal(video.video_id, case.again[1].videoId)
  end
end

-- See fault_matrix.lua. The size of the parts is `part_size`.
function matrix.specs(groups, part_size)
  for _, group in ipairs(groups) do
    local rows, defaults = group[2], group[3] or {}
    local list = cases_of(rows, defaults)
    cases.describe("an upload and " .. group[1], list, function()
      broken.run(list, part_size, defaults.at_once)
    end, check)
  end
end

return matrix
