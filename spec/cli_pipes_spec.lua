-- The command that uploads, and what comes through a pipe.

local cli = require "spec.support.cli"
local place = require "spec.support.place"
local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

if not cli.tested then return end

local MIB = 2^20
local FILM = uploads.data(3 * 5 * MIB + 1)
local CREATE = { method = "POST", path = "/upload-tokens" }

local function title()
  return uploads.only_video().title
end

local function tokens_left()
  return #service.client().upload_tokens:list().data
end

describe("an upload through a pipe", function()
  before_each(function()
    service.reset()
    cli.file("film.mp4", FILM)
    for _, name in ipairs { "film.mp4.upload", "pipe.mp4", "pipe.mp4.upload" } do cli.remove(name) end
  end)

  -- What a shell does, and the title.
  for what, case in pairs {
    ["stdin"] = { "cat film.mp4 | apivideo upload -", "file" },
    ["stdin that is a file"] = { "apivideo upload - <film.mp4", "file" },
    ["stdin with a title"] = { "cat film.mp4 | apivideo upload --file-name holiday.mp4 -", "holiday.mp4" },
    ["stdin of large parts"] = { "cat film.mp4 | apivideo upload --chunk-size 50M -", "file" },
    ["stdin, several parts at once"] = { "cat film.mp4 | apivideo upload --parallel 3 -", "file" },
    ["a FIFO"] = { "mkfifo pipe.mp4; cat film.mp4 >pipe.mp4 & apivideo upload pipe.mp4", "pipe.mp4" },
    ["a FIFO whose writer comes late"] =
      { "mkfifo pipe.mp4; { sleep 0.3; cat film.mp4 >pipe.mp4; } & apivideo upload pipe.mp4", "pipe.mp4" },
    ["a descriptor"] = { "cat film.mp4 | apivideo upload /dev/fd/0", "file" },
    ["stdin by its name, a file"] = { "apivideo upload --parallel 2 /dev/stdin <film.mp4", "file" },
    ["a descriptor of a file"] = { "apivideo upload --chunk-size 5M /dev/fd/5 5<film.mp4", "file" },
    ["a descriptor by the process"] = { "apivideo upload --chunk-size 5M /proc/self/fd/5 5<film.mp4", "file" },
  } do
    it("sends what comes through it, and is one video: " .. what, function()
      local written, errors, status = cli.shell(case[1])
      assert.equal("", errors)
      assert.equal(0, status)
      uploads.assert_one({ video_id = written:match "^(vi%w+)\t[^\n]+\n$" }, FILM)
      assert.equal(case[2], title())
      assert.equal(0, tokens_left())
      assert.is_nil(cli.read "pipe.mp4.upload")
    end)
  end

  it("sends what a shell puts in a command's place", function()
    local written, errors = cli.shell("bash -c '" .. cli.command("upload <(cat film.mp4)"):gsub("'", "") .. "'")
    assert.equal("", errors)
    uploads.assert_one({ video_id = written:match "^(vi%w+)\t/dev/fd/%d+\n$" }, FILM)
  end)

  it("sends parts while others are still to come", function()
    local _, errors, status = cli.shell([[
{ head -c 11000000 film.mp4
  tries=0
  until [ $tries -gt 400 ] || curl -s "$APIVIDEO_BASE_URL/sandbox/videos" | grep -q '"number":2'; do
    sleep 0.02; tries=$((tries + 1))
  done
  [ $tries -gt 400 ] || tail -c +11000001 film.mp4
} | apivideo upload -]])
    assert.equal("", errors)
    assert.equal(0, status)
    assert.equal(#FILM, uploads.only_video().size)
  end)

  it("goes on with what is in flight while nothing comes", function()
    local _, errors, status =
      cli.shell "{ cat film.mp4; sleep 1; } | apivideo upload --idle-timeout 20s --parallel 4 -"
    assert.equal("", errors)
    assert.equal(0, status)
  end)

  it("makes no token where nothing comes", function()
    for _, script in ipairs { "apivideo upload -", "mkfifo pipe.mp4; : >pipe.mp4 & apivideo upload pipe.mp4" } do
      local _, errors, status = cli.shell(script)
      assert.matches("^apivideo: file: [^\n]+: nothing came through it\n$", errors)
      assert.equal(1, status)
    end
    assert.same({}, service.requests())
  end)

  it("is no terminal", function()
    local _, errors, status = cli.shell(
      ('script -qec "%s" /dev/null </dev/null >out; cat out >&2'):format(cli.command "upload -"))
    if errors:find "script: " then return pending "there is no script(1)" end
    assert.matches("misuse: %-: stdin is a terminal: give it a pipe or a file", errors)
    assert.equal(0, status)
  end)

  it("cannot go on with --resume", function()
    for _, script in ipairs { "cat film.mp4 2>broken | apivideo upload --resume -",
      "mkfifo pipe.mp4; apivideo upload --resume pipe.mp4", "apivideo upload --resume /dev/stdin <film.mp4" } do
      local _, errors, status = cli.shell(script)
      assert.matches("^apivideo: misuse: %-%-resume is for files: [^\n]+\n$", errors)
      assert.equal(2, status)
    end
  end)

  if cli.interruptible then
    it("is ended by Ctrl-C while much comes, and its token is gone", function()
      for _ = 1, 3 do
        local _, errors, status = cli.shell([[
mkfifo pipe.mp4
{ head -c 20000000 /dev/zero; echo >begun; cat /dev/zero; } >pipe.mp4 2>broken &
]] .. cli.command "upload --chunk-size 128M pipe.mp4" .. [[ &
wait_for_file begun # the token is there as well
kill -INT $!; wait $!; status=$?; rm pipe.mp4 begun; (exit $status)]])
        assert.equal("apivideo: pipe.mp4: interrupted: stopped by Ctrl-C\n", errors)
        assert.equal(130, status)
        assert.equal(0, tokens_left())
        service.reset()
      end
    end)

    it("is ended by Ctrl-C while nobody writes", function()
      local _, errors, status = cli.shell("mkfifo pipe.mp4; " .. cli.command "upload pipe.mp4" .. [[ &
sleep 0.3; kill -INT $!; wait $!]])
      assert.equal("apivideo: interrupted: stopped by Ctrl-C\n", errors)
      assert.equal(130, status)
    end)
  end
end)

describe("the title of an upload", function()
  before_each(service.reset)

  -- A file's name, and its video's.
  for name, expected in pairs {
    ["back\\slash.mp4"] = "back_slash.mp4", ["end\\"] = "end_", ["dir/in it.mp4"] = "in it.mp4",
    ["100%22 off.mp4"] = "100%22 off.mp4", ['say "hi".mp4'] = 'say "hi".mp4', [" lead.mp4"] = " lead.mp4",
  } do
    it("is the file's whole name: " .. name, function()
      cli.shell "mkdir -p dir"
      cli.file(name, "x")
      local _, errors = cli.run("upload '" .. name .. "'")
      assert.equal("", errors)
      assert.equal(expected, title())
    end)
  end

  it("is another one with --file-name, also where the file's cannot be sent", function()
    local _, errors, status = cli.shell [[
printf x >"$(printf 'caf\351.mp4')"; apivideo upload --file-name "café.mp4" "$(printf 'caf\351.mp4')"]]
    assert.equal("", errors)
    assert.equal(0, status)
    assert.equal("café.mp4", title())
  end)

  it("is refused where it can be none, and for several files", function()
    for words, expected in pairs {
      ["--file-name a/b x"] = "a file name is 1 to 255 bytes of UTF%-8", ["--file-name '' x"] = "a file name is",
      ["--file-name a x y"] = "%-%-file%-name is for one file",
    } do
      local _, errors, status = cli.run("upload " .. words)
      assert.matches("^apivideo: misuse: " .. expected .. "[^\n]*\n$", errors)
      assert.equal(2, status)
    end
    assert.same({}, service.requests())
  end)

  it("of a file with a dash first comes behind --", function()
    cli.file("-dash.mp4", "x")
    for _, words in ipairs { "-- -dash.mp4", "./-dash.mp4" } do
      service.reset()
      local _, errors, status = cli.run("upload " .. words)
      assert.equal("", errors)
      assert.equal(0, status)
      assert.equal("-dash.mp4", title())
    end
    local _, errors, status = cli.run "upload -dash.mp4"
    assert.matches("^apivideo: misuse: [^\n]*'%-dash.mp4'[^\n]*%./%-dash.mp4[^\n]*\n$", errors)
    assert.is_nil(errors:find("did you mean", 1, true))
    assert.equal(2, status)
  end)
end)

describe("the token of an upload", function()
  before_each(service.reset)

  it("is made only for what can be sent", function()
    cli.shell ": >empty.mp4; truncate -s 31G huge.mp4; mkdir -p folder"
    for _, name in ipairs { "empty.mp4", "huge.mp4", "folder", "nowhere.mp4", "/dev/null", "/dev/full/x" } do
      local _, errors, status = cli.run("upload " .. name)
      assert.matches("^apivideo: file: " .. name .. ": [^\n]+\n$", errors)
      assert.equal(1, status)
    end
    assert.same({}, service.requests())
  end)

  it("is cleaned in its variable like a key, and refused in its name", function()
    local token = service.client().upload_tokens:create_token().token
    cli.file("a.mp4", "x")
    local _, errors = cli.shell(("APIVIDEO_UPLOAD_TOKEN=' \"%s\"\n' apivideo upload a.mp4"):format(token))
    assert.equal("", errors)
    local status
    _, errors, status = cli.shell "APIVIDEO_UPLOAD_TOKEN=a/b apivideo upload a.mp4"
    assert.matches("^apivideo: misuse: APIVIDEO_UPLOAD_TOKEN: an upload token is 1 to 128 of [^\n]+\n$", errors)
    assert.equal(2, status)
  end)

  it("is named with its variable where that is refused", function()
    cli.file("a.mp4", "x")
    local _, errors = cli.shell "APIVIDEO_UPLOAD_TOKEN=toNobodyKnowsThisToken apivideo upload a.mp4"
    assert.matches("unauthorized: .*; the upload token is from APIVIDEO_UPLOAD_TOKEN\n$", errors)
    _, errors = cli.shell "APIVIDEO_UPLOAD_TOKEN=a apivideo upload --token toNobodyKnowsThisToken a.mp4"
    assert.is_nil(errors:find "from")
  end)

  it("is shown once where it is refused, and the others are not tried", function()
    for i = 1, 3 do cli.file("r" .. i .. ".mp4", "x") end
    local document, errors, status = cli.json "upload --token toNobodyKnowsThisToken r1.mp4 r2.mp4 r3.mp4"
    assert.matches("^apivideo: r1.mp4: [^\n]*unauthorized: [^\n]+\napivideo: cancelled: r2.mp4: it was not tried\n"
      .. "apivideo: cancelled: r3.mp4: it was not tried\n$", errors)
    assert.equal(3, #document.failed)
    assert.equal(1, status)
    assert.equal(1, #uploads.requests())
  end)
end)

describe("the limits of an upload", function()
  before_each(function()
    service.reset()
    cli.file("film.mp4", FILM)
    cli.remove "film.mp4.upload"
  end)

  it("are --timeout, for all of it", function()
    service.faults { { delay = 30, match = { method = "POST", path = "/upload" } } }
    local _, errors, status = cli.run "upload --timeout 1s film.mp4"
    assert.matches("timeout: ", errors)
    assert.is_nil(errors:find "idle")
    assert.equal(1, status)
  end)

  it("and --idle-timeout, for how long nothing moves", function()
    cli.file("film.mp4", "small: all of it leaves")
    for _, words in ipairs { "", "--timeout 20s " } do
      service.faults { { delay = 30, match = { method = "POST", path = "/upload" } } }
      local _, errors, status = cli.run("upload --idle-timeout 1s " .. words .. "film.mp4")
      assert.matches("timeout: .*; a video may have been made; %-%-idle%-timeout gives it more time\n$", errors)
      assert.equal(1, status)
      service.reset()
    end
  end)

  it("are more than nothing", function()
    for _, words in ipairs { "--timeout 0", "--idle-timeout 0s", "--timeout -5", "--timeout soon" } do
      local _, errors, status = cli.run("upload film.mp4 " .. words)
      assert.matches("^apivideo: misuse: [^\n]+\n$", errors)
      assert.equal(2, status)
    end
  end)
end)

describe("a signal", function()
  if not cli.interruptible then return end

  before_each(function()
    service.reset()
    cli.file("film.mp4", FILM)
    cli.remove "film.mp4.upload"
  end)

  for name, status_expected in pairs { TERM = 143, HUP = 129, INT = 130 } do
    it("ends an upload and tidies up: SIG" .. name, function()
      local upload = { method = "POST", path = "/upload" }
      service.faults { { delay = 0.001, match = upload }, { delay = 5, match = upload } }
      local _, errors, status = cli.shell(cli.command "upload --chunk-size 5M film.mp4" .. ([[ &
wait_for_file film.mp4.upload
kill -%s $!
wait $!]]):format(name))
      assert.matches("^apivideo: film.mp4: interrupted: stopped by %S+; %-%-resume goes on with it\n$", errors)
      assert.equal(status_expected, status)
      assert.equal(0, tokens_left())
      assert.matches('"sent":"1%-1"', cli.read "film.mp4.upload")
    end)
  end

  for name, status_expected in pairs { TERM = 143, HUP = 129, INT = 130 } do
    it("ends it at once the second time, as that signal does: SIG" .. name, function()
      service.faults {
        { delay = 5, match = { method = "POST", path = "/upload" } },
        { delay = 5, match = { method = "DELETE", path = "/upload-tokens/*" } },
      }
      local _, errors, status = cli.shell(cli.command "upload film.mp4" .. ([[ &
wait_for_faults 1
kill -%s $!
wait_for_faults 0
kill -%s $!
wait $!]]):format(name, name))
      assert.matches("^apivideo: film.mp4: interrupted: stopped by ", errors)
      assert.equal(status_expected, status)
    end)
  end

  it("ends a command that waits for its key", function()
    local _, errors, status = cli.shell("rm -f key; mkfifo key; " .. cli.command "token list --api-key-file key" .. [[ &
command=$!; exec 3>key; sleep 0.3; kill -INT $command
{ sleep 8; kill -KILL $command; } >/dev/null 2>&1 & guard=$!
wait $command; status=$?; kill $guard; (exit $status)]])
    assert.equal("apivideo: interrupted: stopped by Ctrl-C\n", errors)
    assert.equal(130, status)
  end)

  it("that was ignored before stays so", function()
    service.faults { { delay = 1, match = CREATE } }
    local _, errors, status = cli.shell("trap '' HUP; " .. cli.command "token create" .. [[ &
wait_for_faults 0
kill -HUP $!
wait $!]])
    assert.equal("", errors)
    assert.equal(0, status)
  end)
end)

describe("a reader that goes away", function()
  local UPLOAD = { method = "POST", path = "/upload" }

  before_each(function()
    service.reset()
    cli.file("film.mp4", FILM)
    cli.remove "film.mp4.upload"
    cli.shell "printf x >one.mp4; printf x >two.mp4; printf x >three.mp4"
  end)

  -- Whoever runs the specs may ignore the signal.
  local COMMAND = "env --default-signal=PIPE " .. cli.command ""

  -- Runs a script in which `apivideo` heeds the signal. Its status is in a
  -- file, since a pipe has that of its end.
  -- → stdout, stderr, the status
  local function shell(script)
    local written, errors = cli.shell(("apivideo() { %s \"$@\"; }; %s"):format(COMMAND, script))
    return written, errors, tonumber(cli.read "status")
  end

  it("of stdout ends an upload, quietly, and its token is gone", function()
    for _, words in ipairs { "one.mp4", "film.mp4", "--json one.mp4", "one.mp4 two.mp4 three.mp4" } do
      local _, errors, status = shell(("{ apivideo upload %s; echo $? >status; } | true"):format(words))
      assert.equal("", errors)
      assert.equal(141, status, words)
      assert.equal(0, tokens_left(), words)
    end
  end)

  it("of stdout gets a line as soon as a video is there", function()
    service.faults { { delay = 0.001, match = UPLOAD }, { delay = 0.5, match = UPLOAD } }
    local written, errors, status = shell "{ apivideo upload one.mp4 two.mp4 three.mp4; echo $? >status; } | head -n 1"
    assert.equal("", errors)
    assert.matches("^vi%w+\tone.mp4\n$", written)
    assert.equal(2, #uploads.requests())
    assert.equal(141, status)
    assert.equal(0, tokens_left())
  end)

  it("of stderr ends an upload before more is made", function()
    local _, _, status = shell "{ apivideo upload nowhere.mp4 one.mp4 2>&1 >out; echo $? >status; } | true"
    assert.equal(141, status)
    assert.same({}, service.requests())
  end)

  it("of stderr ends an upload that goes on, its state is kept", function()
    service.faults { { delay = 0.001, match = UPLOAD }, { delay = 0.5, match = UPLOAD }, { delay = 5, match = UPLOAD } }
    local _, _, status = shell("{ " .. COMMAND .. [[ upload --chunk-size 5M film.mp4 2>&1 >out &
  wait_for_file film.mp4.upload
  rm film.mp4.upload
  wait $!; echo $? >status
} | true]])
    assert.equal(141, status)
    assert.equal(0, tokens_left())
    assert.matches('"sent":"1%-2"', cli.read "film.mp4.upload")
  end)

  it("ends other commands, too", function()
    service.make_tokens(120, 60)
    for _, words in ipairs {
      "token list --all", "token create", "doctor", "token list --json", "completion bash", "completion --json bash",
    } do
      local _, errors, status = shell(("{ sleep 0.1; apivideo %s; echo $? >status; } | true"):format(words))
      assert.equal("", errors)
      assert.equal(141, status, words)
    end
  end)

  it("is a failure of stdout where the signal is ignored", function()
    local _, errors, status = shell([[
trap '' PIPE; { ]] .. cli.command "" .. [[ upload one.mp4; echo $? >status; } | true]])
    assert.equal("apivideo: file: stdout: Broken pipe\n", errors)
    assert.equal(1, status)
    assert.equal(0, tokens_left())
  end)
end)

describe("two uploads of one file", function()
  local UPLOAD = { method = "POST", path = "/upload" }

  before_each(function()
    service.reset()
    cli.file("film.mp4", FILM)
    for i = 1, 3 do cli.remove("film.mp4.upload" .. (i > 1 and "." .. i or "")) end
  end)

  it("have states of their own, and each goes on with its own", function()
    service.faults { { delay = 0.3, times = 99, match = UPLOAD } }
    local written, errors = cli.shell(("%s >one & one=$!\n"):format(cli.command "upload --chunk-size 5M film.mp4")
      .. "wait_for_file film.mp4.upload\n"
      .. ("%s & two=$!\n"):format(cli.command "upload --chunk-size 5M film.mp4")
      .. "wait_for_file film.mp4.upload.2\nwait $one; kill -KILL $two; wait $two; ls; cat one")
    assert.matches("film.mp4.upload.2\n", written)
    assert.is_nil(written:find "film.mp4.upload\n")
    assert.is_nil(errors:find("apivideo: ", 1, true))
    assert.truthy(cli.read "film.mp4.upload.2")
    service.faults {}
    local document, notes = cli.json "upload --resume film.mp4"
    assert.equal("", notes)
    assert.equal(1, #document.data)
    assert.is_nil(cli.read "film.mp4.upload.2")
  end)

  it("write over no state of another one that broke off", function()
    cli.shell "echo left >film.mp4.upload.2"
    service.faults { { delay = 0.3, times = 99, match = UPLOAD } }
    cli.shell(cli.command "upload --chunk-size 5M film.mp4" .. [[ &
wait_for_file film.mp4.upload
]] .. cli.command "upload --chunk-size 5M film.mp4" .. [[ & two=$!
wait_for_file film.mp4.upload.3
wait]])
    assert.equal("left\n", cli.read "film.mp4.upload.2")
    assert.is_nil(cli.read "film.mp4.upload.3")
  end)

  it("that broke off are found by --resume, whatever their number", function()
    service.faults { { delay = 0.001, match = UPLOAD }, { status = 403, match = UPLOAD } }
    cli.run "upload --chunk-size 5M film.mp4"
    cli.shell "mv film.mp4.upload film.mp4.upload.2"
    service.faults {}
    local document, errors = cli.json "upload --resume film.mp4"
    assert.equal("", errors)
    uploads.assert_one(document.data[1], FILM)
    assert.is_nil(cli.read "film.mp4.upload.2")
  end)

  it("say so where the state is gone", function()
    service.faults { { delay = 0.001, match = UPLOAD }, { delay = 0.5, times = 2, match = UPLOAD } }
    local _, errors, status = cli.shell(cli.command "upload --chunk-size 5M film.mp4" .. [[ &
wait_for_file film.mp4.upload
rm film.mp4.upload
wait $!]])
    assert.matches("^apivideo: film.mp4.upload was removed meanwhile: it is written once more\n$", errors)
    assert.equal(0, status)
    local _, notes = cli.run "upload --chunk-size 5M --resume film.mp4"
    assert.equal("apivideo: film.mp4: starts from the beginning: no state of an earlier upload is there\n", notes)
  end)

  it("that --resume goes on with keep their options", function()
    service.faults { { delay = 0.001, match = UPLOAD }, { status = 403, match = UPLOAD } }
    cli.run "upload --chunk-size 5M film.mp4"
    service.faults {}
    for words, expected in pairs { ["--chunk-size 6M"] = "chunk%-size", ["--file-name x.mp4"] = "file%-name" } do
      local _, errors, status = cli.run("upload --resume film.mp4 " .. words)
      assert.matches("^apivideo: misuse: film.mp4: the upload that broke off had another %-%-" .. expected
        .. ": leave it out\n$", errors)
      assert.equal(2, status)
    end
    assert.truthy(place.wait(function() return cli.read "film.mp4.upload" end))
    local document = cli.json "upload --resume --chunk-size 5M film.mp4"
    uploads.assert_one(document.data[1], FILM)
  end)
end)
