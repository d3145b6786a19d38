--- The command that uploads files.

local apivideo = require "apivideo"
local core = require "apivideo.core"
local create_token = require "apivideo.cli.creation"
local failure = require "apivideo.cli.failure"
local output = require "apivideo.cli.output"
local progress_bar = require "apivideo.cli.progress_bar"
local run_interruptible = require "apivideo.cli.interruptible"
local status_line = require "apivideo.cli.status_line"
local terminal = require "apivideo.cli.terminal"
local upload_state = require "apivideo.cli.upload_state"

-- --- the files --------------------------------------------------------------

-- The bytes of a file; nil and why it cannot be read. A pipe keeps nobody
-- waiting.
local function size_of(path)
  local file, problem = core.file(path)
  if not file then return nil, problem end
  local bytes = file:identity()
  file:close()
  return bytes
end

-- Why a file cannot be sent, or nil.
local function failure_of(path)
  local _, problem = size_of(path)
  local name = core.utf8(path):match "[^/\\]*$"
  if not problem and not core.is_file_name(name) then
    problem = "its name cannot be sent, it is not UTF-8 or has control"
      .. " characters: rename it"
  end
  return problem and failure.new("file", path .. ": " .. problem)
end

-- --- the upload token -------------------------------------------------------

local SHORTEST_LIFE = 3600 -- seconds
local SLOWEST = 125000 -- bytes a second that a line may be slow
local LARGEST = 30 * 2^30 -- bytes of a video

-- Seconds in which all of them can be sent, but those that are not there.
local function lifetime(files)
  local bytes = 0
  for _, path in ipairs(files) do
    bytes = bytes + math.min(size_of(path) or 0, LARGEST)
  end
  return math.floor(SHORTEST_LIFE + bytes / SLOWEST)
end

local function delete(client, pass)
  local ok, err = client.upload_tokens:delete_token(
    pass.token, { timeout = 10 })
  if not ok and err.kind ~= "not_found" then error(err, 0) end
end

-- → the status to exit with when it is interrupted
local function delete_pass(client, pass)
  local ok, err = pcall(run_interruptible, client, delete, client, pass)
  if ok then return end
  local status, _, words = failure.describe(err)
  failure.note(("the upload token of this upload, valid until %s, was not"
    .. " deleted: %s"):format(pass.expires_at, words))
  if status == failure.INTERRUPTED then return status end
end

local function token_given(options)
  local token = options.token or os.getenv "APIVIDEO_UPLOAD_TOKEN"
  return token ~= "" and token or nil
end

-- A token that lasts no longer than the upload.
local function make_pass(client, files, run)
  local pass = create_token(client, { ttl = lifetime(files) }, run)
  run.afterwards[#run.afterwards + 1] = function(other)
    return delete_pass(other, pass)
  end
  return pass.token
end

-- --- one file ---------------------------------------------------------------

local GO_ON = "--resume goes on with it"

local function show_progress(path)
  if not status_line.width() then return nil end
  local utf8 = terminal.is_utf8()
  return function(progress)
    status_line.show(progress_bar(
      path, progress, status_line.width(), utf8))
  end
end

-- Keeps what it takes to go on. Whether a file has one part only is known from
-- the state: then there is nothing to go on with.
local function keep_state(path, run)
  local hopeless = false
  return function(state)
    if hopeless or state.size <= state.chunk_size then return end
    local ok, problem = upload_state.save(path, state)
    if ok then
      run.advice = GO_ON
    else
      hopeless = true
      failure.note(("%s: --resume will not be able to go on with it: %s")
        :format(path, problem))
    end
  end
end

local function earlier_state(path, options)
  if options.resume then return upload_state.load(path) end
  if upload_state.exists(path) then
    failure.note(("%s: begins anew; --resume would go on with an earlier"
      .. " upload"):format(path))
  end
end

-- What is to be done about an error.
local function advise(err, path, state, run)
  if state and (err.kind == "file" or err.kind == "misuse") then
    run.advice =
      ("delete %s to begin anew"):format(upload_state.path(path))
  elseif err.ambiguous then
    run.advice = "a video may have been made"
  end
end

-- Like one of several, whose misuse is collected with their errors.
-- → the video, or nil and an error
local function send(client, token, path, options)
  local video, err
  local ends = client:parallel({ path }, function()
    video, err = client.videos:upload_with_upload_token(token, path, options)
    return true
  end, { on_error = "collect" })
  status_line.leave()
  if ends[1] ~= true then err = ends[1] end
  return video, err
end

-- → the video, or nil and an error that is about this file; others raise
local function upload(client, token, path, options, run)
  local state, damage = earlier_state(path, options)
  if damage then return nil, damage end
  if state then run.advice = GO_ON end
  local keep = keep_state(path, run)
  local video, err = send(client, token, path, {
    parallel = options.parallel,
    chunk_size = options.chunk_size,
    on_progress = show_progress(path),
    on_state = keep,
    resume = state,
  })
  if video then
    upload_state.remove(path)
    return video
  end
  local is_call = apivideo.is_error(err)
  local fields = failure.fields(err)
  -- Misuse is of the state, or of what is the same for all files.
  if not is_call and not (fields.kind == "misuse" and state) then
    error(err, 0)
  end
  if is_call and err.upload then keep(err.upload) end
  advise(fields, path, state, run)
  return nil, err
end

-- --- all of them ------------------------------------------------------------

local function tell_done(path, video, form)
  if form == "table" then
    output.line(("%s is video %s"):format(path, video.video_id))
  elseif form == "plain" then
    output.line(video.video_id, "\t", path)
  end
end

local function note_failure(path, err, advice, run)
  local failed = run.document.failed
  local fields = failure.fields(err)
  fields.file = path
  failed[#failed + 1] = fields
  failure.tell(err, { about = path, advice = advice })
end

-- What gives the upload token; without one, it is made when the first file
-- can be sent.
local function giver(client, options, run)
  local token = token_given(options)
  return function()
    token = token or make_pass(client, options.files, run)
    return token
  end
end

-- → the video, or nil and an error
local function upload_next(client, give_token, path, options, run)
  local problem = failure_of(path)
  if problem then return nil, problem end
  local token = give_token()
  run.about = path
  return upload(client, token, path, options, run)
end

--- Uploads the files, one after the other; one that fails keeps none of the
-- others back.
---@return integer status
return function(client, options, run)
  local form = output.form(options)
  local done = {}
  run.document = { data = done, failed = {} }
  local give_token = giver(client, options, run)
  for _, path in ipairs(options.files) do
    local video, err = upload_next(client, give_token, path, options, run)
    local advice = run.advice
    run.about, run.advice = nil, nil
    if video then
      video.file = path
      done[#done + 1] = video
      tell_done(path, video, form)
    else
      note_failure(path, err, advice, run)
    end
  end
  if form == "json" then output.document(run.document) end
  return #run.document.failed == 0 and failure.DONE or failure.FAILED
end
