-- Requests that are not read to their end: what becomes of uploads when the
-- connection breaks while they are on their way, or the answer comes early.

local faults = require "spec.support.faults"

local DEADLINE = 0.4
local LATE = 5 -- seconds; nobody waits that long

-- Where in the body of a request, as the relay has it.
local POINTS = {
  { "at the start", 0 }, { "behind the first bytes", 0.00002 },
  { "in the middle", 0.5 }, { "before the last byte", -1 },
}

local PROBLEM = '{"title":"No.","status":0}'

local function early(status)
  return { { "send", faults.answer(status, PROBLEM) } }
end

local ENDS = {
  { "closed", { { "close" } }, kind = "connection", again = true },
  { "reset", { { "reset" } }, kind = "connection", again = true },
  { "half-closed", { { "half_close" }, { "hang" } }, kind = "connection", again = true },
}

local STALLS = {
  { "no longer read from", { { "wait", LATE }, { "close" } } },
  { "read from, and never answered", { { "hang" } } },
}

local EARLY = {
  { "500", early "500 No", kind = "server_error", status = 500, again = true },
  { "503", early "503 No", kind = "server_error", status = 503, again = true },
  { "401", early "401 No", kind = "unauthorized", status = 401 },
  { "413", early "413 No", kind = "client_error", status = 413 },
  { "429", early "429 No", kind = "too_many_requests", status = 429, again = true, refused = true },
  { "garbage", { { "send", "\0\1\2\255garbage\r\n\r\n" } }, kind = "protocol" },
}

-- Between two parts; the next one may find out too late.
local AFTERWARDS = {
  { "closed", { { "pass" }, { "answer" }, { "close" } } },
  { "reset", { { "pass" }, { "answer" }, { "reset" } } },
  { "half-closed", { { "pass" }, { "answer" }, { "half_close" }, { "hang" } } },
}
local WITH_RETRIES = { { times = 1, retries = 2, words = "with retries" } }

-- Every row at every point; `read` is the step that comes so far.
local function at_all_points(rows, read)
  local all = {}
  for _, row in ipairs(rows) do
    for _, point in ipairs(POINTS) do
      local copy = { cuts = true, carried = false }
      for name, value in pairs(row) do copy[name] = value end
      copy[1] = row[1] .. " " .. point[1]
      copy[2] = { { read, point[2] } }
      for _, step in ipairs(row[2]) do table.insert(copy[2], step) end
      all[#all + 1] = copy
    end
  end
  return all
end

return {
  { "a connection that is", at_all_points(ENDS, "pass"), { at_once = 8 } },
  { "a connection that is", at_all_points(STALLS, "pass"),
    { kind = "timeout", timeout = DEADLINE, at_once = 8 } },
  { "a connection that is, after the answer,", AFTERWARDS,
    { cuts = true, carried = true, variants = WITH_RETRIES, at_once = 8 } },
  { "an early answer:", at_all_points(EARLY, "swallow"), { at_once = 8 } },
}
