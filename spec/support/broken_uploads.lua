-- Uploads through a place of the fault server that stands before the sandbox:
-- one of the requests meets what the place is told, and then the upload is
-- gone on with, or begun anew where there is nothing to go on with.

local cases = require "spec.support.cases"
local cjson = require "cjson"
local faults = require "spec.support.faults"
local patience = require "spec.support.patience"
local plan = require "apivideo.upload.plan"
local safe = require "apivideo.safe"
local sandbox = require "spec.support.sandbox_http"
local uploads = require "spec.support.uploads"

local broken = {}

local PATIENCE = 10 -- seconds, for what always happens
local MOST = 60 -- cases at the same time

broken.SMALL, broken.LARGE = 16 * 1024, uploads.PART -- bytes of a part

-- Where the sandbox is, for a place that stands before it.
broken.upstream = tonumber(sandbox.url:match "(%d+)$")

-- --- what is uploaded --------------------------------------------------------

-- A file with its bytes and their digest.
function broken.file(name, size)
  local data = uploads.data(size)
  return {
    path = uploads.file(name, data), data = data, size = size,
    sha256 = uploads.sha256(data),
  }
end

local made = {} -- by the size of the parts

-- Files for parts of that size: one of three parts, the last of which is a
-- byte, and one that goes whole.
function broken.sources(part_size)
  if not made[part_size] then
    made[part_size] = {
      part_size = part_size,
      parts = broken.file("parts-" .. part_size, 2 * part_size + 1),
      whole = broken.file("whole-" .. part_size, part_size),
    }
  end
  return made[part_size]
end

-- --- kinds of parts ----------------------------------------------------------

local function options_of(case, more)
  local options = {
    file_name = case.title, chunk_size = case.sources.part_size,
    retries = case.retries, timeout = case.timeout,
  }
  for name, value in pairs(more or {}) do options[name] = value end
  return options
end

local function upload_file(case, more)
  return case.client.videos:upload_with_upload_token(
    case.token, case.source.path, options_of(case, more))
end

local function upload_pieces(case, more)
  local session = case.client.videos:progressive_upload(
    case.token, options_of(case, more))
  local data = case.source.data
  local from, size = session.uploaded_bytes + 1, math.floor(#data / 3)
  while #data - from + 1 > size do
    local video, problem = session:upload_part(data:sub(from, from + size - 1))
    if problem and not video then return nil, problem end
    from = from + size
  end
  return session:upload_last_part(data:sub(from))
end

-- `number` is that of the request that meets the fault; `named`: its video is
-- known by then, so it may be sent again.
broken.KINDS = {
  { name = "the first part", number = 1, range = "part 1/3", source = "parts", upload = upload_file },
  { name = "a part in the middle", number = 2, range = "part 2/3", source = "parts", upload = upload_file,
    named = true },
  { name = "the last part", number = 3, range = "part 3/3", source = "parts", upload = upload_file, named = true },
  { name = "a whole file", number = 1, source = "whole", upload = upload_file },
  { name = "a part of a session", number = 2, range = "part 2/*", source = "parts", upload = upload_pieces,
    named = true },
}

-- --- cases -------------------------------------------------------------------

-- A place that cannot be reached is so from the first request of the kind on.
local function open_place(case)
  local before = case.kind.number - 1
  local script, shut = {}, case.absent or case.deaf
  for i = 1, before do script[i] = false end
  for _ = 1, case.steps and case.times or 0 do script[#script + 1] = case.steps end
  if shut and before > 0 then
    script[before] = { { "pass" }, { "leave", case.deaf or false }, { "answer" }, { "close" } }
    shut = false
  end
  return faults.open {
    script = script, absent = shut and case.absent, deaf = shut and case.deaf,
    upstream = broken.upstream,
  }
end

local function spawn(case, more)
  case.began, case.starved = faults.now(), faults.starved()
  case.task = case.client:spawn(function()
    local video, response = case.kind.upload(case, more)
    case.wall = faults.now() - case.began
    case.late = faults.LATE + faults.starved() - case.starved
    if video then return { ok = true, video = video } end
    return { ok = false, err = response }
  end)
end

local stages = {}

function stages.outcome(case)
  local options = {
    base_url = case.place.url, timeout = PATIENCE, max_response_bytes = 65536,
  }
  for name, value in pairs(case.options or {}) do options[name] = value end
  case.client = safe.new(options)
  case.source = case.sources[case.kind.source]
  spawn(case)
end

-- A state is kept in a file, perhaps.
local function kept(state)
  return state and cjson.decode(cjson.encode(state))
end

function stages.after(case)
  case.first = { wall = case.wall, late = case.late, log = case.place:log() }
  if case.absent or case.deaf then case.place:revive() end
  if case.outcome.ok then return end
  local state = kept(case.outcome.err.upload)
  local more = { resume = state, timeout = PATIENCE, retries = 0 }
  if state then
    more.chunk_size, more.file_name = state.chunk_size, state.file_name
  else
    more.file_name = "again-" .. case.title
  end
  spawn(case, more)
end

function stages.over(case)
  case.log = case.place:log()
  case.client:close()
  case.place:close()
end

local NEXT = { outcome = "after", after = "over" }

local function enter(case, stage)
  case.stage, case.task = stage, nil
  stages[stage](case)
end

-- Moves a case on; → whether it is over.
local function advance(case)
  case.client:step(0)
  if not case.task or case.task.state ~= "running" then
    case[case.stage] = case.task and case.task:await()
    enter(case, NEXT[case.stage])
  end
  return case.stage == "over"
end

local count = 0

local function begin(case, token, sources)
  count = count + 1
  case.title = ("case-%d.mp4"):format(count)
  case.token, case.sources = token, sources
  case.place = open_place(case)
  enter(case, "outcome")
end

-- The videos that the sandbox has by now, by their title.
local function videos_by_title()
  local found = {}
  for _, video in ipairs(sandbox.control("GET", "videos")) do
    found[video.title] = found[video.title] or {}
    table.insert(found[video.title],
      video.complete and sandbox.video(video.videoId) or video)
  end
  return found
end

-- Parts of another size than the service takes, so that many are quick.
function broken.allow(part_size)
  local usual = plan.SMALLEST_PART
  plan.SMALLEST_PART = part_size
  sandbox.set { minimum_part_size = part_size }
  return function() plan.SMALLEST_PART = usual end
end

-- Carries out a list of cases, at most `at_once` at the same time. A case has a `kind`,
-- `steps` for the request that it names and how many `times` they are met (or
-- it finds the place `absent` or `deaf`), `retries`, and perhaps a `timeout`, and client `options`. It gets
-- `outcome` ({ ok, video } or { ok, err }), how long that took and
-- what had arrived (`first`), `after`, the outcome of going on or of beginning
-- anew, `log`, all that arrived, and `videos`, what the sandbox has of either.
function broken.run(list, part_size, at_once)
  sandbox.reset()
  local forbid = broken.allow(part_size)
  local sources = broken.sources(part_size)
  local token = sandbox.create_token().token
  cases.run(list, math.ceil((at_once or MOST) / patience(1)), function(case)
    begin(case, token, sources)
  end, advance)
  local found = videos_by_title()
  for _, case in ipairs(list) do
    case.videos = found[case.title] or {}
    case.again = found["again-" .. case.title] or {}
  end
  forbid()
end

return broken
