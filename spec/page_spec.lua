-- The page of examples/nginx, as somebody with a browser meets it: the file
-- that is chosen there is one video in the sandbox.

-- A browser is slow, and the same beside every runtime: that of nginx looks.
if os.getenv "APIVIDEO_RUNTIME" ~= "luajit" then return end
if os.getenv "APIVIDEO_GC" or os.getenv "APIVIDEO_PRELOAD" then return end

local browser = require "spec.support.browser"
local needs = require "spec.support.needs"
local place = require "spec.support.place"
local sandbox = require "spec.support.sandbox_http"
local service = require "spec.support.service"
local shell = require "spec.support.shell"

local it = needs.it("chromium", "chromedriver")

local KEY = "canary_key_7a20e4"

-- Where pictures of the page are kept.
local PICTURES = os.getenv "APIVIDEO_BUILD" .. "/page"

describe("the page that uploads", function()
  local here, page, url

  lazy_setup(function()
    here = place.new()
    here:run [[
      head -c 22020096 /dev/urandom >"a film.mp4"
      : >empty.mp4
    ]]
    page = browser.start()
    os.execute("mkdir -p '" .. PICTURES .. "'")
  end)

  lazy_teardown(function()
    page:close()
    here:close()
  end)

  -- Opens the page of an nginx of the example; what is handed over is in the
  -- environment of that. It has its limits to itself, and ends with the place:
  -- before that it would wait for the browser's connections.
  local function open(...)
    local port = place.free_port()
    url = ("http://127.0.0.1:%d/"):format(port)
    local words = { "env", "TMPDIR=" .. here.path, "APIVIDEO_API_KEY=" .. KEY,
      ... }
    words[#words + 1] = shell.root .. "/examples/nginx/start"
    words[#words + 1] = tostring(port)
    here:serve(port, "nginx.log", unpack(words))
    page:open(url)
    page:complaints()
  end

  before_each(function()
    service.reset()
    service.settings { keys = { KEY } }
    page:resize(1200, 800)
    open()
  end)

  after_each(function()
    page:open "about:blank"
  end)

  local function choose(name)
    page:type("input[type=file]", here:file(name))
  end

  local function wait(state)
    page:wait(('document.querySelector("main").dataset.state === "%s"')
      :format(state))
  end

  -- Uploads a file, and waits for how that ends.
  local function upload(name, state)
    choose(name)
    page:click "#upload"
    wait(state)
  end

  -- The answers that the next uploads get, and not what is asked before.
  local function upload_faults(list)
    for _, fault in ipairs(list) do
      fault.match = { method = "POST", path = "/upload" }
    end
    service.faults(list)
  end

  local function videos()
    return sandbox.control("GET", "videos")
  end

  -- There is one video: the film, in three parts.
  local function assert_film()
    local list = videos()
    assert.equal(1, #list)
    local video = sandbox.video(list[1].videoId)
    assert.same({ "a film.mp4", "part", 3, true },
      { video.title, video.form, #video.parts, video.complete })
    here:run 'sha256sum "a film.mp4" >sum'
    assert.equal(here:read "sum":match "^%x+", video.sha256)
  end

  it("makes one video of a file, in parts", function()
    upload("a film.mp4", "done")
    assert_film()
  end)

  it("shows which video it is", function()
    upload("a film.mp4", "done")
    assert.equal("Uploaded a film.mp4.", page:text "#status")
    assert.equal("a film.mp4", page:text "#title")
    assert.equal(videos()[1].videoId, page:text "#video-id")
  end)

  it("runs without a complaint of the browser", function()
    upload("a film.mp4", "done")
    assert.equal("", page:complaints())
  end)

  it("has a bar that grows to its end, and never goes back", function()
    upload_faults { {}, { status = 503 } }
    page:evaluate [[(() => {
      const bar = document.getElementById("progress");
      window.seen = [];
      new MutationObserver(() => seen.push(bar.value))
        .observe(document.getElementById("figures"), { childList: true });
    })()]]
    upload("a film.mp4", "done")
    assert.is_true(page:evaluate
      "seen.some((value) => value > 0 && value < 1)")
    assert.is_true(page:evaluate "seen.at(-1) === 1")
    assert.is_true(page:evaluate
      "seen.every((value, i) => i === 0 || value >= seen[i - 1])")
  end)

  it("uploads over TLS", function()
    local port = place.free_port()
    local close = here:serve(port, "sandbox.log", "env",
      "TMPDIR=" .. here.path, shell.root .. "/sandbox/sandbox", "--tls",
      "--port", tostring(port))
    local authority = place.wait(function()
      return here:read "sandbox.log":match "ca file: ([^\n]+)\n"
    end)
    local secure = ("https://127.0.0.1:%d"):format(port)
    open("APIVIDEO_BASE_URL=" .. secure, "SSL_CERT_FILE=" .. authority,
      "APIVIDEO_API_KEY=sandbox_key")
    upload("a film.mp4", "done")
    local list = shell.output(("curl -s --cacert '%s' %s/sandbox/videos")
      :format(authority, secure))
    assert.truthy(list:find(page:text "#video-id", 1, true))
    close()
  end)

  it("sends nothing of the account", function()
    upload("a film.mp4", "done")
    local parts = 0
    for _, request in ipairs(service.requests()) do
      if request.path:find "^/upload%?" then
        assert.is_nil(request.headers.authorization)
        if request.method == "POST" then parts = parts + 1 end
      end
    end
    assert.equal(3, parts)
    assert.is_nil(page:evaluate "document.documentElement.outerHTML"
      :find(KEY, 1, true))
  end)

  it("uploads another file with another token", function()
    upload("a film.mp4", "done")
    choose "a film.mp4"
    wait "choosing"
    page:click "#upload"
    wait "done"
    assert.equal(2, #videos())
    assert.equal(2, #service.client({ api_key = KEY }).upload_tokens
      :list().data)
  end)

  it("sends a part again that the service could not take", function()
    upload_faults { {}, { status = 503 } }
    upload("a film.mp4", "done")
    assert_film()
  end)

  it("waits where it uploads too much in a minute", function()
    service.settings { rate_limits = { uploads = 2, window = 2 } }
    upload("a film.mp4", "done")
    assert_film()
  end)

  it("makes no second video when the first answer is lost", function()
    upload_faults { { status = 503, after = true } }
    upload("a film.mp4", "failed")
    assert.equal("The service answered 503.", page:text "#status")
    assert.equal(1, #videos())
  end)

  it("says why a token is refused", function()
    service.faults { {
      match = { path = "/upload-tokens" },
      body = { token = "toOutOfDate", ttl = 600,
        createdAt = "2026-11-24T08:28:16+00:00",
        expiresAt = "2026-11-24T08:38:16+00:00" },
    } }
    upload("a film.mp4", "failed")
    assert.equal("The upload token is invalid or expired.",
      page:text "#status")
    page:picture(PICTURES .. "/refused.png")
  end)

  it("says why there is no token, and when to come back", function()
    service.faults { {
      problem = "too-many-requests", headers = { ["Retry-After"] = 30 },
    } }
    upload("a film.mp4", "failed")
    assert.equal("No upload can begin: too many uploads begin, "
      .. "try again in 30 seconds.", page:text "#status")
  end)

  it("can be told to try again", function()
    upload_faults { { status = 403 } }
    upload("a film.mp4", "failed")
    page:click "#upload"
    wait "done"
    assert_film()
  end)

  it("stops at once when it is told to", function()
    upload_faults { {}, { delay = 30 } }
    upload("a film.mp4", "uploading")
    page:wait 'document.getElementById("progress").value > 0.5'
    page:resize(720, 500)
    page:picture(PICTURES .. "/uploading.png") -- docs/pictures has it
    page:click "#stop"
    wait "failed"
    assert.equal("You stopped the upload.", page:text "#status")
    assert.is_false(videos()[1].complete)
  end)

  it("sends no file that is empty", function()
    upload("empty.mp4", "failed")
    assert.equal("This file is empty.", page:text "#status")
    assert.same({}, videos())
  end)

  it("tells who cannot see it what is what", function()
    assert.matches("^Choose a video", page:label "input[type=file]")
    assert.equal("status", page:role "#status")
    upload_faults { { delay = 30 } }
    upload("a film.mp4", "uploading")
    assert.same({ "progressbar", "Progress" },
      { page:role "progress", page:label "progress" })
  end)

  it("fits into a wide window and a narrow one", function()
    for name, width in pairs { wide = 1200, narrow = 320 } do
      page:resize(width, 700)
      page:picture(PICTURES .. "/" .. name .. ".png")
      upload("a film.mp4", "done")
      page:picture(PICTURES .. "/" .. name .. "-done.png")
      assert.equal(width, page:evaluate "document.body.scrollWidth")
    end
  end)
end)
