-- Cases from rows of faults: every fault against every operation, without
-- retries and with them; and what must come of each.
--
-- A row has a name, the steps of its fault (or a function that gives those for
-- an operation; nil: the place itself is the fault) and
--   kind, status   how the call fails; nil: it succeeds all the same
--   again          it is tried again, if there are retries
--   unsent         no request has begun to leave, so create is, too
--   refused        nor is there a doubt that create was refused
--   content        what is wrong is what delete does not ask for: it succeeds
--   foreign        unless it is no JSON, or is not labelled as such
--   at             when an attempt fails, in seconds; nil: some time
--   only           the operations, when they are not all
--   variants       how often it happens, when not as in USUAL
-- and what else a case may have (see faults.lua). The rows of one list share
-- `defaults`, which may also say how many cases run `at_once`. The lists are in
-- spec/support/rows.

local assert = require "luassert"
local cases = require "spec.support.cases"
local faults = require "spec.support.faults"

local matrix = {}

matrix.OPERATIONS = { "create_token", "get_token", "delete_token", "list" }
local ENOUGH = 5 -- seconds, for what takes less

-- Where the collector makes all cases slow, every seventh has to do: operations
-- and variants take turns.
local STRIDE = faults.COLLECTS and 7 or 1

-- How often the fault happens, and how many retries there are.
local ONCE = { times = 1, retries = 0, words = "once, without retries" }
local PASSING = { times = 1, retries = 2, words = "once, with retries" }
local THRICE = { times = 3, retries = 2, words = "three times, with retries" }
local LASTING = { times = 3, retries = 0, words = "all the time, without retries" }
local USUAL = { ONCE, PASSING, THRICE }

matrix.PASSES = { ONCE, PASSING }
matrix.LASTS = { LASTING, THRICE }

local function is_repeated(row, operation)
  local harmless = row.unsent or row.refused or operation ~= "create_token"
  return row.again and harmless or false
end

local function is_ambiguous(row, operation)
  if operation ~= "create_token" or row.unsent then return false end
  return not row.status or row.status < 300 or row.status >= 500
end

-- What must come of it: ok, attempts, arrived (requests), ambiguous.
local function expected(row, operation, variant)
  local fails = row.kind ~= nil
    and not (row.content and not row.foreign and operation == "delete_token")
  local repeated = fails and is_repeated(row, operation)
  local attempts = repeated and math.min(variant.times, variant.retries) + 1 or 1
  local ok = not fails or repeated and variant.times <= variant.retries
  local arrived = attempts
  if row.unsent or row.greets then arrived = ok and 1 or 0 end
  return {
    ok = ok, attempts = attempts, arrived = arrived,
    ambiguous = is_ambiguous(row, operation),
  }
end

local function new_case(row, defaults, operation, variant)
  local case = { operation = operation, retries = variant.retries }
  for name, value in pairs(defaults) do case[name] = value end
  for name, value in pairs(row) do case[name] = value end
  local steps = row[2]
  if type(steps) == "function" then
    steps = steps(faults.OPERATIONS[operation])
  end
  case.script = {}
  for i = 1, steps and variant.times or 0 do case.script[i] = steps end
  case.timeout = case.timeout or ENOUGH
  case.expected = expected(case, operation, variant)
  case.name = ("%s: %s, %s"):format(row[1], operation, variant.words)
  return case
end

-- A fault that is not met again tells nothing by happening again.
local function is_needless(case, variant)
  return variant == THRICE and not case.variants and case.expected.attempts == 1
end

local function every(stride, list)
  local chosen = {}
  for i = 1, #list, stride do chosen[#chosen + 1] = list[i] end
  return chosen
end

local function cases_of(rows, defaults)
  local list = {}
  for _, row in ipairs(rows) do
    for _, operation in ipairs(row.only or matrix.OPERATIONS) do
      for _, variant in ipairs(row.variants or USUAL) do
        local case = new_case(row, defaults, operation, variant)
        if not is_needless(case, variant) then list[#list + 1] = case end
      end
    end
  end
  return every(STRIDE, list)
end

-- A value is whole, or it is none.
local function check_value(case, outcome)
  local value = outcome.value
  if case.operation == "delete_token" then
    assert.is_true(value)
  elseif case.operation == "list" then
    assert.equal(faults.TOKEN, value.data[1].token)
    assert.equal(1, value.pagination.items_total)
  else
    assert.equal(faults.TOKEN, value.token)
    assert.equal(60, value.ttl)
  end
end

local function check_failure(case, err)
  assert.equal(case.kind, err.kind, err.message)
  assert.equal(case.status, err.status, err.message)
  assert.equal(case.operation, err.operation)
  assert.equal(case.expected.ambiguous, err.ambiguous, err.message)
end

-- The longest that all pauses before this many attempts take together.
local function longest_pauses(attempts)
  return 0.2 * (2 ^ (attempts - 1) - 1)
end

-- By the engine's clock and by ours: in time, and not before.
local function check_time(case, elapsed, wall)
  local failures = case.expected.attempts - (case.expected.ok and 1 or 0)
  local earliest = (case.at or 0) * failures * 0.99
  local latest = case.timeout
  if case.at then
    latest = case.at * failures + longest_pauses(case.expected.attempts)
  end
  latest = latest + case.outcome.late
  assert.is_true(elapsed >= earliest, "elapsed: " .. elapsed)
  assert.is_true(elapsed <= latest, "elapsed: " .. elapsed)
  assert.is_true(wall <= latest, "on the wall: " .. wall)
end

-- That all of it came as it must, and that the client works afterwards.
local function check(case)
  local outcome = case.outcome
  local about = outcome.err or outcome.response
  assert.equal(case.expected.ok, outcome.ok, about.message)
  if outcome.ok then
    check_value(case, outcome)
  else
    check_failure(case, about)
  end
  assert.equal(case.expected.attempts, about.attempts, about.message)
  check_time(case, about.elapsed, outcome.wall)
  assert.equal(case.expected.arrived, #case.log.requests)
  assert.is_true(case.after.ok, case.after.err and case.after.err.message)
  check_value(case, case.after)
end

-- Describes the cases of all rows; a group is a title, its rows and their
-- defaults.
function matrix.specs(groups)
  for _, group in ipairs(groups) do
    local title, rows, defaults = group[1], group[2], group[3] or {}
    cases.describe(title, cases_of(rows, defaults), function(list)
      faults.run(list, defaults.at_once)
    end, check)
  end
end

return matrix
