--- The command that uploads files, and what comes through pipes.

local apivideo = require "apivideo"
local failure = require "apivideo.cli.failure"
local output = require "apivideo.cli.format.output"
local pass = require "apivideo.cli.commands.upload_pass"
local part_sizes = require "apivideo.videos.part_sizes"
local progress_bar = require "apivideo.cli.terminal.progress_bar"
local shown = require "apivideo.cli.format.shown"
local source = require "apivideo.cli.commands.upload_source"
local State = require "apivideo.cli.commands.upload_state"
local status_line = require "apivideo.cli.terminal.status_line"
local terminal = require "apivideo.cli.terminal.terminal"

local GO_ON = "--resume goes on with it"
local MAYBE = "a video may have been made"

-- --- one of them ------------------------------------------------------------

local function show_progress(path)
  if not status_line.width() then return nil end
  local utf8 = terminal.is_utf8()
  return function(progress)
    status_line.show(progress_bar(
      path, progress, status_line.width(), utf8))
  end
end

-- Looks at how far an upload is. When all of it has left, and nothing is kept
-- to go on with, Ctrl-C may come after the video was made.
local function watcher(it, kept, run)
  local show = show_progress(it.path)
  return function(progress)
    if progress.uploaded_bytes == progress.total_bytes and not kept.name then
      run.ambiguous, run.advice = true, MAYBE
    end
    if show then show(progress) end
  end
end

-- What is kept after each part; nil: there is nothing to go on with.
local function keeper(it, kept, run)
  if not it.size then return nil end
  local hopeless = false
  return function(state)
    if hopeless or state.size <= state.chunk_size then return end
    run.advice = GO_ON -- should Ctrl-C come as soon as it is there
    local ok, problem = kept:save(state)
    if not ok then
      hopeless, run.advice = true, nil
      failure.note(("%s: --resume will not be able to go on with it: %s")
        :format(it.path, problem))
    end
  end
end

-- What options say of an upload that broke off, it says itself.
local function check_options(state, options, it)
  local problem
  if options.chunk_size and options.chunk_size ~= state.chunk_size then
    problem = "--chunk-size"
  elseif options.file_name and options.file_name ~= state.file_name then
    problem = "--file-name"
  end
  if not problem then return nil end
  return failure.new("misuse", ("%s: the upload that broke off had another %s:"
    .. " leave it out"):format(it.path, problem))
end

-- What there is to go on with. → a state or nil; or nil and an error
local function earlier_state(it, kept, options)
  if not it.size then return nil end
  if options.resume then
    local state, damage = kept:load()
    if damage then return nil, damage end
    if state then
      damage = check_options(state, options, it)
      return not damage and state or nil, damage
    end
    if it.size > (options.chunk_size or part_sizes.USUAL_PART) then
      failure.note(("%s: starts from the beginning: no state of an earlier"
        .. " upload is there"):format(it.path))
    end
  elseif kept:is_left() then
    failure.note(("%s: starts from the beginning; --resume would go on with an"
      .. " earlier upload"):format(it.path))
  end
end

-- What would end the next upload that goes on with the state, too: the file is
-- another one now, or the service refuses what comes of the video.
local HOPELESS = { file = true, bad_request = true, not_found = true }

-- The library's words for an idle limit; a connection has another limit.
local IDLE = "nothing moved for"

-- What is to be done about an error.
local function advise(err, kept, run)
  if HOPELESS[err.kind] and kept.name then
    run.advice = ("delete %s to start from the beginning"):format(kept.name)
  elseif err.ambiguous then
    run.advice = MAYBE
  end
  if err.message:find(IDLE, 1, true) then
    local advice = "--idle-timeout gives it more time"
    run.advice = run.advice and run.advice .. "; " .. advice or advice
  end
end

-- Like one of several, whose misuse is collected with their errors.
-- → the video, or nil and an error
local function send(client, token, it, options)
  local video, err
  local _, errors = client:parallel({ it.give }, function(what)
    video, err = client.videos:upload_with_upload_token(token, what, options)
    return true
  end, { on_error = "collect" })
  status_line.leave()
  if errors then err = errors[1] end
  return video, err
end

-- → the video, or nil and an error that is about this one; others raise
local function upload(client, token, it, options, run)
  local kept = State.of(it.path)
  local state, problem = earlier_state(it, kept, options)
  if problem then
    kept:leave()
    return nil, problem
  end
  if state then run.advice = GO_ON end
  local keep = keeper(it, kept, run)
  local video, err = send(client, token, it, {
    file_name = not state and it.name or nil,
    timeout = options.timeout,
    parallel = options.parallel,
    chunk_size = not state and (options.chunk_size or it.chunk_size) or nil,
    on_progress = watcher(it, kept, run),
    on_state = keep,
    resume = state,
  })
  if video then
    kept:remove()
    return video
  end
  if not apivideo.is_error(err) then error(err, 0) end
  if failure.is_interrupt(err.cause) then error(err.cause, 0) end
  if run.ambiguous then run.ambiguous, run.advice = nil, nil end -- it has ended
  if err.upload and keep then keep(err.upload) end
  advise(failure.fields(err), kept, run)
  kept:leave()
  return nil, err
end

-- --- all of them ------------------------------------------------------------

local function tell_done(path, video, form)
  if form == "table" then
    output.line(("%s is video %s"):format(shown(path), video.video_id))
  elseif form == "plain" then
    output.line(video.video_id, "\t", (path:gsub("%c", "?")))
    output.finish() -- whoever reads it may go on with the video
  end
end

local function note_failure(path, err, advice, run)
  local failed = run.document.failed
  local fields = failure.fields(err)
  fields.file = path
  failed[#failed + 1] = fields
  failure.tell(err, { about = path, advice = advice })
  coroutine.yield() -- if nobody reads that, whoever runs this task ends here
end

local function check(options)
  local count = #options.files
  if options.file_name and count > 1 then
    failure.misuse "--file-name is for one file"
  end
  for _, path in ipairs(options.files) do
    if options.resume and source.is_pipe(path) then
      failure.misuse "--resume is for files: what came through a pipe is gone"
    end
  end
end

-- → what is to be sent; those that cannot be have false, and are told of when
-- it is their turn
local function open_all(options)
  local sources, problems = {}, {}
  for i, path in ipairs(options.files) do
    sources[i], problems[i] = source.open(path, options.file_name)
    sources[i] = sources[i] or false
  end
  return sources, problems
end

local function list_of(sources)
  local list = {}
  for _, it in ipairs(sources) do list[#list + 1] = it or nil end
  return list
end

-- → the video, or nil and an error
local function upload_next(client, give_token, it, options, run)
  local problem = it.first and it.first()
  if problem then
    return nil, failure.new("file", it.path .. ": " .. problem)
  end
  local token = give_token()
  run.about = it.path
  return upload(client, token, it, options, run)
end

-- Misuse is the user's to put right, whoever found it.
local function status_of(failed)
  for _, fields in ipairs(failed) do
    if fields.kind == "misuse" then return failure.MISUSE end
  end
  return #failed == 0 and failure.DONE or failure.FAILED
end

-- Tells of those that come after a refusal.
local function skip(options, from, run)
  for i = from, #options.files do
    local path = options.files[i]
    note_failure(path, failure.new("cancelled", path .. ": it was not tried"),
      nil, run)
  end
end

--- Uploads them, one after the other; one that fails keeps none of the others
-- back, unless the credentials are refused.
---@return integer status
return function(client, options, run)
  check(options)
  local form = output.form(options)
  local done = {}
  run.document = { data = done, failed = {} }
  local sources, problems = open_all(options)
  local give_token = pass.giver(client, options, list_of(sources), run)
  for i, path in ipairs(options.files) do
    local video, err = nil, problems[i]
    if sources[i] then
      video, err = upload_next(client, give_token, sources[i], options, run)
    end
    local advice = run.advice
    run.about, run.advice, run.ambiguous = nil, nil, nil
    if video then
      video.file = path
      done[#done + 1] = video
      tell_done(path, video, form)
    else
      note_failure(path, err, advice, run)
      if failure.is_refusal(err) then
        skip(options, i + 1, run)
        break
      end
    end
  end
  if form == "json" then output.document(run.document) end
  return status_of(run.document.failed)
end
