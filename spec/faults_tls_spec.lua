-- Servers that do not come to the end of a TLS handshake: not one byte of a
-- request leaves, so that everything may be tried again, and the deadlines
-- hold. Every connection meets the fault, also that of a second call.

local faults = require "spec.support.faults"

local CONNECT_TIMEOUT = 0.1
local DEADLINE = 0.2

-- The header of a record of the handshake that is long, and zeros.
local LONG_RECORD = "\22\3\3\64\0" .. ("\0"):rep(1000)
local HANDSHAKE_FAILURE = "\21\3\3\0\2\2\40"

local SILENT = {
  { "silent", { { "hang" } } },
  { "trickling a record", { { "trickle", LONG_RECORD, 0.005 } } },
  { "silent after the beginning of a record", { { "send", "\22\3\3\64\0\2" }, { "hang" } } },
}

local BROKEN = {
  { "closed at once", { { "close" } } },
  { "closed after the hello", { { "await" }, { "close" } } },
  { "reset after the hello", { { "await" }, { "reset" } } },
  { "half-closed", { { "half_close" }, { "hang" } } },
  { "garbage", { { "send", ("\0\1\2\255"):rep(1000) }, { "hang" } } },
  { "garbage without end", { { "flood", ("\0\1\2\255"):rep(1000) } } },
  { "plain HTTP", { { "send", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" }, { "close" } } },
  { "an alert", { { "send", HANDSHAKE_FAILURE }, { "close" } } },
  { "empty records without end", { { "flood", ("\22\3\3\0\0"):rep(1000) } } },
}

local OPERATIONS = { "create_token", "list" }

-- Cases of the rows with every number of attempts that is given.
local function cases_of(rows, options, attempts)
  local cases = {}
  for _, row in ipairs(rows) do
    for _, operation in ipairs(OPERATIONS) do
      for _, most in ipairs(attempts) do
        local case = {
          name = ("%s: %s, at most %d attempts"):format(row[1], operation, most),
          operation = operation, script = { row[2] }, cycle = true,
          greets = true, scheme = "https", retries = most - 1, most = most,
          timeout = options.timeout, after_timeout = options.after_timeout,
          client = { connect_timeout = options.connect_timeout },
        }
        cases[#cases + 1] = case
      end
    end
  end
  return cases
end

-- What holds for all of them; `latest` is for the call.
local function check(case, kinds, latest)
  local err = case.outcome.err
  assert.truthy(err and kinds[err.kind], err and err.message)
  assert.is_nil(err.status)
  assert.is_false(err.ambiguous)
  latest = latest + case.outcome.late
  assert.is_true(err.elapsed <= latest, err.elapsed)
  assert.is_true(case.outcome.wall <= latest, case.outcome.wall)
  assert.same({}, case.log.requests)
  assert.truthy(kinds[case.after.err.kind], case.after.err.message)
end

-- A certificate that nobody uses: to read the system's takes far longer.
local ca_file = os.tmpname()

local function make_ca_file()
  assert(os.execute(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
    .. "-subj /CN=nobody -keyout /dev/null -out %s 2>/dev/null"):format(ca_file)))
end

local function describe_cases(title, cases, promise)
  describe(title, function()
    setup(function()
      make_ca_file()
      for _, case in ipairs(cases) do case.client.ca_file = ca_file end
      faults.run(cases, 40)
      os.remove(ca_file)
    end)
    for _, case in ipairs(cases) do
      it(case.name, function() promise(case) end)
    end
  end)
end

describe_cases("a handshake that takes longer than the call may",
  cases_of(SILENT, { timeout = DEADLINE, after_timeout = DEADLINE }, { 1, 3 }), function(case)
    check(case, { timeout = true }, DEADLINE)
    assert.equal(1, case.outcome.err.attempts)
    assert.is_true(case.outcome.err.elapsed >= 0.99 * DEADLINE)
  end)

describe_cases("a handshake that takes longer than connect_timeout",
  cases_of(SILENT, { timeout = 5, connect_timeout = CONNECT_TIMEOUT }, { 1, 3 }), function(case)
    local pauses = case.most == 3 and 0.6 or 0
    check(case, { timeout = true }, case.most * CONNECT_TIMEOUT + pauses)
    assert.equal(case.most, case.outcome.err.attempts)
    assert.equal(case.most, case.log.connections)
    assert.is_true(case.outcome.err.elapsed >= case.most * 0.99 * CONNECT_TIMEOUT)
  end)

-- Which of the two kinds a connection has that breaks in the middle of a
-- handshake is libcurl's to say.
describe_cases("a handshake that breaks", cases_of(BROKEN, { timeout = 5 }, { 1, 3 }), function(case)
  check(case, { tls = true, connection = true }, 5)
  assert.equal(case.most, case.outcome.err.attempts)
  assert.equal(case.most, case.log.connections)
end)
