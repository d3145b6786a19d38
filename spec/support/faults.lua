-- The fault server as specs see it, and calls against its faults. The server
-- runs as long as one of its places is open.

local cases = require "spec.support.cases"
local cjson = require "cjson"
local core = require "apivideo.core"
local patience = require "spec.support.patience"
local relay = require "spec.support.fault_relay"
local socket = require "socket"

local faults = { now = socket.gettime }

-- Memory is collected all the time, which takes all the time.
faults.COLLECTS = os.getenv "APIVIDEO_GC" == "1"

-- The latest that a call may end after its deadline, in seconds; the collector
-- may be later.
faults.LATE = faults.COLLECTS and 1 or patience(0.1)

local SERVER = "spec/support/fault_server.lua"
local TOOLS = os.getenv "RUNTIMES":match "%S+" -- what servers run on
local PATIENCE = 10 -- for what always happens, unless something is broken
local MOST = 120 -- cases at the same time: each has sockets, here and there

-- --- the server -----------------------------------------------------------

-- It is not waited for: it ends when the connection to it does, also when this
-- process dies.
local function start_server()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  os.execute(("%s %s %d </dev/null &"):format(TOOLS, SERVER, port))
  listener:settimeout(PATIENCE)
  local control = assert(listener:accept())
  listener:close()
  control:settimeout(PATIENCE)
  control:setoption("tcp-nodelay", true)
  return control
end

local control
local places = 0 -- that are open

local function command(name, argument)
  assert(control:send(cjson.encode { name, argument } .. "\n"))
  local line = assert(control:receive "*l")
  return cjson.decode(line)[1]
end

local Place = {}
Place.__index = Place

-- Opens a place; see the server for what it may have.
function faults.open(options)
  control = control or start_server()
  places = places + 1
  local port = command("open", options)
  return setmetatable({ port = port, url = "http://127.0.0.1:" .. port }, Place)
end

-- What arrived there so far: connections (how many), requests (a list).
function Place:log()
  return command("log", self.port)
end

function Place:revive()
  command("revive", self.port)
end

function Place:close()
  command("close", self.port)
  places = places - 1
  if places > 0 then return end
  control:shutdown "both" -- also where a child of this process holds it
  control:close()
  control = nil
end

-- --- answers ----------------------------------------------------------------

faults.VIDEO_ID = relay.VIDEO_ID
faults.TOKEN = "to1tcmSFHeYY5KzyhOqVKMKb"
faults.TOKEN_BODY = ('{"token":"%s","ttl":60,"createdAt":"2020"}'):format(
  faults.TOKEN)
faults.PAGE_BODY = ('{"data":[%s],"pagination":{"currentPage":1,'
  .. '"currentPageItems":1,"pageSize":25,"pagesTotal":1,"itemsTotal":1,'
  .. '"links":[]}}'):format(faults.TOKEN_BODY)

-- An answer as bytes, with the length of its body (which string.format would
-- cut at a zero on Lua 5.1).
function faults.answer(status, body, headers)
  return ("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n"):format(
    status, headers or "Content-Type: application/json\r\n", #body) .. body
end

-- What the operations are called with, the body that they are promised, and
-- the answer of a server that is well.
faults.OPERATIONS = {
  create_token = {
    argument = { ttl = 60 }, body = faults.TOKEN_BODY,
    healthy = faults.answer("201 Created", faults.TOKEN_BODY),
  },
  get_token = {
    argument = faults.TOKEN, body = faults.TOKEN_BODY,
    healthy = faults.answer("200 OK", faults.TOKEN_BODY),
  },
  delete_token = {
    argument = faults.TOKEN, body = "",
    healthy = "HTTP/1.1 204 No Content\r\n\r\n",
  },
  list = {
    body = faults.PAGE_BODY,
    healthy = faults.answer("200 OK", faults.PAGE_BODY),
  },
}

-- --- calls -------------------------------------------------------------------

-- For how many seconds this process was ready to run and did not, which is the
-- machine's doing and not the library's; where the system says so.
function faults.starved()
  local file = io.open "/proc/self/schedstat"
  if not file then return 0 end
  local _, nanoseconds = file:read("*n", "*n")
  file:close()
  return (nanoseconds or 0) / 1e9
end

local function client_of(case, place)
  local options = {
    base_url = (case.scheme or "http") .. place.url:match "^http(.*)$",
    api_key = "fault_key", timeout = PATIENCE, max_response_bytes = 65536,
  }
  for name, value in pairs(case.client or {}) do options[name] = value end
  return core.new(options)
end

local function start(case, options)
  case.began, case.starved = faults.now(), faults.starved()
  case.call = case.core:start(case.operation,
    faults.OPERATIONS[case.operation].argument, options)
end

-- How a call ended: ok, value and response, or err; after how long, by our
-- clock; and the latest it may have been after its deadline.
local function outcome_of(case)
  local outcome = {
    wall = faults.now() - case.began,
    late = faults.LATE + faults.starved() - case.starved,
  }
  local ok, value, response = pcall(case.call.result, case.call)
  if ok then
    outcome.ok, outcome.value, outcome.response = true, value, response
  elseif core.is_error(value) then
    outcome.ok, outcome.err = false, value
  else
    outcome.ok, outcome.err = false, { kind = "raised", message = value }
  end
  return outcome
end

local stages = {}

function stages.before(case)
  start(case, { timeout = PATIENCE })
end

function stages.outcome(case)
  case.requests_before = case.before and #case.place:log().requests or 0
  start(case, { timeout = case.timeout, retries = case.retries })
end

function stages.after(case)
  case.log = case.place:log()
  if case.absent or case.deaf then case.place:revive() end
  start(case, { timeout = case.after_timeout or PATIENCE })
end

function stages.over(case)
  case.core:close()
  case.place:close()
end

local NEXT = { before = "outcome", outcome = "after", after = "over" }

local function enter(case, stage)
  case.stage = stage
  stages[stage](case)
end

-- Moves a case on; → whether it is over.
local function advance(case)
  case.core:step(0)
  if case.call:done() then
    case[case.stage] = outcome_of(case)
    enter(case, NEXT[case.stage])
  end
  return case.stage == "over"
end

local function begin(case)
  case.place = faults.open {
    script = case.script, cycle = case.cycle, greets = case.greets,
    absent = case.absent, deaf = case.deaf,
    healthy = faults.OPERATIONS[case.operation].healthy,
  }
  case.core = client_of(case, case.place)
  enter(case, case.reuses and "before" or "outcome")
end

-- Carries out a list of cases, at most `at_once` at the same time (where the clock
-- matters, few: one process moves them all), each against a place and with a
-- client of its own. A case has `operation`, what the place is to do
-- (`script`, `cycle`, `greets`, `absent`, `deaf`), `timeout`, `retries`, and
-- perhaps `client` options and a `scheme`. With `reuses` the same call is made once
-- `before`, so that there is a connection to be used again. The case gets
-- `outcome`; `log`, what had arrived by then, and `requests_before`, how much
-- of it before; and `after`, the outcome of the same call when it is made once
-- more, which finds the server well unless the script has more to say.
function faults.run(list, at_once)
  cases.run(list, math.ceil((at_once or MOST) / patience(1)), begin, advance)
end

return faults
