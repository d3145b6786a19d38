--- The command that uploads files.

local core = require "apivideo.core"
local create_token = require "apivideo.cli.creation"
local failure = require "apivideo.cli.failure"
local output = require "apivideo.cli.output"
local progress_bar = require "apivideo.cli.progress_bar"
local status_line = require "apivideo.cli.status_line"
local terminal = require "apivideo.cli.terminal"
local upload_state = require "apivideo.cli.upload_state"

-- --- the upload token -------------------------------------------------------

local SHORTEST_LIFE = 3600 -- seconds
local SLOWEST = 125000 -- bytes a second that a line may be slow
local LARGEST = 30 * 2^30 -- bytes of a video

-- The bytes of a file, which must be there. A pipe keeps nobody waiting.
local function size_of(path)
  local file, problem = core.file(path)
  if not file then failure.raise("file", path .. ": " .. problem) end
  local bytes = file:identity()
  file:close()
  return math.min(bytes, LARGEST)
end

-- Seconds in which all of them can be sent.
local function lifetime(files)
  local bytes = 0
  for _, path in ipairs(files) do bytes = bytes + size_of(path) end
  return math.floor(SHORTEST_LIFE + bytes / SLOWEST)
end

local function delete_pass(client, pass)
  local ok, err = client.upload_tokens:delete_token(
    pass.token, { timeout = 10 })
  if ok or err.kind == "not_found" then return end
  failure.note(("the upload token of this upload, valid until %s, was not"
    .. " deleted: %s"):format(pass.expires_at, err.message))
end

local function token_given(options)
  local token = options.token or os.getenv "APIVIDEO_UPLOAD_TOKEN"
  return token ~= "" and token or nil
end

-- A token that lasts no longer than the upload.
local function make_pass(client, files, run)
  local pass = create_token(client, { ttl = lifetime(files) }, run)
  run.afterwards[#run.afterwards + 1] = function(other)
    delete_pass(other, pass)
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
  if state and err.kind == "file" then
    run.advice =
      ("delete %s to begin anew"):format(upload_state.path(path))
  elseif err.ambiguous then
    run.advice = "a video may have been made"
  end
end

-- → the video, or nil and an error object
local function send(client, token, path, options, run)
  local keep = keep_state(path, run)
  local state = earlier_state(path, options)
  if state then run.advice = GO_ON end
  local video, err = client.videos:upload_with_upload_token(token, path, {
    parallel = options.parallel,
    chunk_size = options.chunk_size,
    on_progress = show_progress(path),
    on_state = keep,
    resume = state,
  })
  status_line.leave()
  if video then
    upload_state.remove(path)
    return video
  end
  if err.upload then keep(err.upload) end
  advise(err, path, state, run)
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

local function note_failure(path, err, run)
  local failed = run.document.failed
  local fields = failure.fields(err)
  fields.file = path
  failed[#failed + 1] = fields
  failure.tell(err, run)
end

--- Uploads the files, one after the other; one that fails keeps none of the
-- others back.
---@return integer status
return function(client, options, run)
  local form = output.form(options)
  local done = {}
  run.document = { data = done, failed = {} }
  local token = token_given(options) or make_pass(client, options.files, run)
  for _, path in ipairs(options.files) do
    run.about, run.advice = path, nil
    local video, err = send(client, token, path, options, run)
    if video then
      video.file = path
      done[#done + 1] = video
      tell_done(path, video, form)
    else
      note_failure(path, err, run)
    end
  end
  if form == "json" then output.document(run.document) end
  return #run.document.failed == 0 and failure.DONE or failure.FAILED
end
