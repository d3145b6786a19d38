-- POST /videos, and POST /upload with an upload token.
local auth = require "service.auth"
local clock = require "server.clock"
local content_range = require "service.content_range"
local json = require "server.json"
local problems = require "service.problems"
local tokens = require "service.tokens"
local upload_form = require "service.upload_form"
local videos = require "service.videos"

local video_calls = {}

local function assets(id)
  local embed = "https://embed.api.video/vod/" .. id
  local cdn = "https://cdn.api.video/vod/" .. id
  return {
    iframe = '<iframe src="' .. embed .. '" width="100%" height="100%" '
      .. 'frameborder="0" scrolling="no" allowfullscreen=""></iframe>',
    player = embed,
    hls = cdn .. "/hls/manifest.m3u8",
    thumbnail = cdn .. "/thumbnail.jpg",
    mp4 = cdn .. "/mp4/source.mp4",
  }
end

local function full(video)
  local created = clock.atom(video.created_at)
  return {
    videoId = video.id, title = video.title, description = "",
    public = true, panoramic = false, mp4Support = true,
    tags = json.array({}), metadata = json.array({}),
    createdAt = created, publishedAt = created, updatedAt = created,
    discarded = false, discardedAt = json.null, deletesAt = json.null,
    source = { uri = "/videos/" .. video.id .. "/source" },
    assets = assets(video.id),
  }
end

function video_calls.create(request)
  local body = request:object()
  if not body then return problems.answer("invalid-payload") end
  local title = body.title
  if title == nil then
    return problems.parameters("attribute-required",
      { { name = "title", title = "This attribute is required." } })
  elseif type(title) ~= "string" then
    return problems.parameters("invalid-attribute",
      { { name = "title", title = "This attribute must be a string." } })
  end
  local video = videos.new(title)
  videos.add(video)
  return 201, full(video)
end

local function token_problem(token)
  if not token or token == "" then
    return "authentication-missing-upload-token"
  end
  if not tokens.find(token) then
    return "authentication-invalid-upload-token"
  end
  return auth.suspension_problem()
end

local function base_name(file_name)
  return file_name:match("([^/\\]*)$")
end

-- The video that the upload goes to, or nil when its id is unknown.
local function video_of(form)
  if form.video_id then return videos.find(form.video_id) end
  return videos.new(base_name(form.file.file_name))
end

local function unknown_video()
  return problems.parameters("invalid-attribute",
    { { name = "videoId", title = "There is no video with this id." } })
end

function video_calls.upload(request)
  local problem = token_problem(request:query("token"))
  if problem then return problems.answer(problem) end
  local form
  form, problem = upload_form.receive(request)
  if not form then return problems.answer(problem) end
  local header = request:header("content-range")
  local range = header and content_range.parse(header)
  if header and not range then
    return problems.answer("video-content-range-malformed")
  end
  local video = video_of(form)
  if not video then return unknown_video() end
  problem = videos.problem(video, range, form.file.size)
  if problem then return problems.answer(problem) end
  videos.add(video)
  videos.take(video, range, form.file)
  if video.complete then return 201, full(video) end
  return 201, { videoId = video.id, title = video.title }
end

return video_calls
