-- The command that uploads, in a pipe.

local cjson = require("cjson").new()
local cli = require "spec.support.cli"
local sandbox = require "spec.support.sandbox_http"
local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

if not cli.tested then return end

local MIB = 2^20
local FILM = uploads.data(3 * 5 * MIB + 1) -- four parts
local DELETE = { method = "DELETE", path = "/upload-tokens/*" }
local UPLOAD = { method = "POST", path = "/upload" }

local function tokens_left()
  return #service.client().upload_tokens:list().data
end

-- How many tokens were made.
local function tokens_made()
  return sandbox.control("GET", "stats").routes["POST /upload-tokens"] or 0
end

-- The part after so many is refused.
local function refuse_after(count)
  local list = {}
  for i = 1, count do list[i] = { delay = 0.001, match = UPLOAD } end
  list[#list + 1] = { status = 403, match = UPLOAD }
  service.faults(list)
end

describe("upload", function()
  before_each(function()
    service.reset()
    cli.remove "film.mp4.upload"
    cli.file("film.mp4", FILM)
  end)

  it("gives the video's id and the file in a pipe", function()
    local written, errors, status = cli.run "upload film.mp4"
    local id = written:match "^(vi%w+)\tfilm.mp4\n$"
    assert.truthy(id, written)
    uploads.assert_one({ video_id = id }, FILM)
    assert.equal("", errors)
    assert.equal(0, status)
  end)

  it("makes a token for it that is gone afterwards", function()
    cli.run "upload film.mp4"
    assert.equal(1, tokens_made())
    assert.equal(0, tokens_left())
  end)

  it("deletes that token also when it fails", function()
    refuse_after(0)
    local _, errors, status = cli.run "upload film.mp4"
    assert.matches("^apivideo: film.mp4: upload_with_upload_token: forbidden: [^\n]+\n$", errors)
    assert.equal(1, status)
    assert.equal(1, tokens_made())
    assert.equal(0, tokens_left())
  end)

  it("deletes that token also when the key can be read once only", function()
    cli.file("key.txt", service.key)
    local _, errors, status = cli.shell "cat key.txt | apivideo upload --api-key-file /dev/stdin film.mp4"
    assert.equal("", errors)
    assert.equal(0, status)
    assert.equal(0, tokens_left())
  end)

  it("needs no key with a token, and does not delete that", function()
    local token = sandbox.create_token().token
    local _, errors, status = cli.shell("APIVIDEO_API_KEY= apivideo upload film.mp4 --token " .. token)
    assert.equal("", errors)
    assert.equal(0, status)
    assert.equal(1, tokens_left())
  end)

  it("takes the token from a variable", function()
    local token = sandbox.create_token().token
    cli.shell("APIVIDEO_UPLOAD_TOKEN=" .. token .. " apivideo upload film.mp4")
    assert.equal(1, tokens_made())
    assert.equal(1, #uploads.requests())
  end)

  it("sends parts of the size that it is told, and leaves no state behind", function()
    local document = cli.json "upload --chunk-size 5M --parallel 3 film.mp4"
    uploads.assert_one(document.data[1], FILM)
    assert.equal(4, #uploads.requests())
    assert.is_nil(cli.read "film.mp4.upload")
  end)

  it("gives the library's fields as JSON", function()
    local document = cli.json "upload film.mp4"
    local video = document.data[1]
    assert.equal("film.mp4", video.title)
    assert.equal("film.mp4", video.file)
    assert.same({}, document.failed)
  end)

  it("goes on with --resume where it broke off", function()
    refuse_after(2)
    local _, errors, status = cli.run "upload --chunk-size 5M film.mp4"
    assert.matches("forbidden: .*; %-%-resume goes on with it\n$", errors)
    assert.equal(1, status)
    assert.matches('"sent":"1%-2"', cli.read "film.mp4.upload")
    local document
    document, errors = cli.json "upload --resume film.mp4"
    assert.equal("", errors)
    uploads.assert_one(document.data[1], FILM)
    assert.equal(5, #uploads.requests())
    assert.is_nil(cli.read "film.mp4.upload")
  end)

  it("begins with --resume where there is nothing to go on with", function()
    uploads.assert_one(cli.json "upload --resume film.mp4".data[1], FILM)
  end)

  it("says that it begins anew where it could go on", function()
    refuse_after(2)
    cli.run "upload --chunk-size 5M film.mp4"
    local _, errors, status = cli.run "upload film.mp4"
    assert.matches("^apivideo: film.mp4: starts from the beginning; %-%-resume would go on[^\n]+\n$", errors)
    assert.equal(0, status)
    assert.is_nil(cli.read "film.mp4.upload")
  end)

  it("goes on with no other file of that name, and says what to do", function()
    refuse_after(2)
    cli.run "upload --chunk-size 5M film.mp4"
    cli.file("film.mp4", FILM .. "more")
    local _, errors, status = cli.run "upload --resume film.mp4"
    assert.matches("file: .*; delete film.mp4.upload to start from the beginning\n$", errors)
    assert.equal(1, status)
  end)

  it("promises no going on where the video was changed meanwhile", function()
    service.faults { { delay = 0.001, match = UPLOAD }, { delay = 1, match = UPLOAD } }
    local _, errors, status = cli.shell [[
apivideo upload --chunk-size 5M film.mp4 &
wait_for_file film.mp4.upload
echo more >>film.mp4
wait $!]]
    assert.matches("file: the file [hw]as %a+ since the upload began [^;]+; "
      .. "delete film.mp4.upload to start from the beginning\n$", errors)
    assert.equal(1, status)
  end)

  it("promises none where the service knows the video no more", function()
    refuse_after(2)
    cli.run "upload --chunk-size 5M film.mp4"
    service.reset()
    local _, errors = cli.run "upload --resume film.mp4"
    assert.matches("bad_request: [^;]+; delete film.mp4.upload to start from the beginning\n$", errors)
  end)

  it("leaves nothing half written on a disk that is full", function()
    local written = cli.shell [[
(trap '' XFSZ; ulimit -f 0; apivideo upload --chunk-size 5M film.mp4 2>&1) | cat
ls film.mp4.*]]
    assert.matches("^apivideo: [^\n]+not be able to go on with it: [^\n]+\nvi%w+\tfilm.mp4\n$", written)
  end)

  it("says so when the state is none", function()
    cli.file("film.mp4.upload", "{}garbage")
    local _, errors, status = cli.run "upload --resume film.mp4"
    assert.matches("^apivideo: film.mp4: file: film.mp4.upload .*; leave out %-%-resume to start from[^\n]+\n$", errors)
    assert.equal(1, status)
    assert.equal(0, tokens_left())
  end)

  -- What a shell makes of the name of the state, what it is then, and how to
  -- look at it.
  for what, case in pairs {
    ["notes"] = { "echo mine >$it", "it is no JSON object", "[ $(cat $it) = mine ]" },
    ["JSON"] = { "echo '[1]' >$it", "its field version is nil", "[ $(cat $it) = '[1]' ]" },
    ["large"] = { "truncate -s 9G $it", "it is no JSON object", "[ $(stat -c %s $it) = 9663676416 ]" },
    ["a number"] = { "echo 5 >$it", "it is no JSON object", "[ $(cat $it) = 5 ]" },
    ["an empty file"] = { ": >$it", "it is empty", "[ -f $it ] && [ ! -s $it ]" },
    ["a folder"] = { "mkdir $it", "it is a directory", "[ -d $it ]" },
    ["a pipe"] = { "mkfifo $it", "it is not a regular file", "[ -p $it ]" },
    ["a link"] = { "echo mine >notes; ln -s notes $it", "it is no JSON object",
      "[ -L $it ] && [ $(cat notes) = mine ]" },
    ["a link that leads nowhere"] =
      { "ln -s nowhere $it", "No such file or directory", "[ -L $it ] && [ ! -e nowhere ]" },
  } do
    describe("leaves alone what has the name of its state, and is " .. what .. ":", function()
      before_each(function()
        cli.shell("rm -rf film.mp4.up* notes nowhere; it=film.mp4.upload; " .. case[1])
      end)
      after_each(function()
        assert.equal("there\n", (cli.shell("it=film.mp4.upload; " .. case[3] .. " && echo there")))
        cli.shell "rm -rf film.mp4.up* notes"
      end)

      it("an upload that arrives", function()
        local _, errors, status = cli.run "upload --chunk-size 5M film.mp4"
        assert.equal("", errors)
        assert.equal(0, status)
        assert.is_nil(cli.read "film.mp4.upload.2")
      end)

      it("one that breaks off, and --resume", function()
        refuse_after(2)
        cli.run "upload --chunk-size 5M film.mp4"
        assert.matches('"sent":"1%-2"', cli.read "film.mp4.upload.2")
        local document, errors = cli.json "upload --resume film.mp4"
        assert.equal("", errors)
        uploads.assert_one(document.data[1], FILM)
        assert.is_nil(cli.read "film.mp4.upload.2")
      end)

      it("one that begins anew where it could go on", function()
        refuse_after(2)
        cli.run "upload --chunk-size 5M film.mp4"
        local _, errors = cli.run "upload --chunk-size 5M film.mp4"
        assert.matches("^[^\n]+%-%-resume would go on[^\n]+\n$", errors)
        assert.is_nil(cli.read "film.mp4.upload.2")
        assert.is_nil(cli.read "film.mp4.upload.3")
      end)

      it("--resume, which says what it is", function()
        local _, errors, status = cli.run "upload --resume film.mp4"
        assert.truthy(errors:find("(" .. case[2] .. ")", 1, true), errors)
        assert.equal(1, status)
      end)
    end)
  end

  it("leaves alone what has the name of its next state", function()
    cli.file("film.mp4.upload.new", "mine")
    local _, errors, status = cli.run "upload --chunk-size 5M film.mp4"
    assert.matches("%-%-resume will not be able to go on with it: film.mp4.upload.new is in the way\n$", errors)
    assert.equal(0, status)
    assert.equal("mine", cli.read "film.mp4.upload.new")
    cli.remove "film.mp4.upload.new"
    assert.is_nil(cli.read "film.mp4.upload")
  end)

  it("writes over what was left half written", function()
    cli.file("film.mp4.upload.new", '{"check":"0')
    local _, errors = cli.run "upload --chunk-size 5M film.mp4"
    assert.equal("", errors)
    assert.is_nil(cli.read "film.mp4.upload.new")
  end)

  it("sends nothing where no file is there", function()
    local _, errors, status = cli.run "upload nowhere.mp4"
    assert.equal("apivideo: file: nowhere.mp4: No such file or directory\n", errors)
    assert.equal(1, status)
    assert.same({}, service.requests())
  end)

  -- What a shell makes a file of, what it is called, and why it is not sent.
  for name, case in pairs {
    ["is missing"] = { ":", "nowhere.mp4", "file: nowhere.mp4: No such file or directory" },
    ["has a name that is not UTF-8"] = { "cp b.mp4 $name", "$(printf 'caf\\351.mp4')", "its name cannot be sent" },
    ["has a control character in its name"] =
      { "cp b.mp4 $name", "$(printf 'a\\001b.mp4')", "it is not UTF%-8 or has control characters: rename it" },
    ["is a directory"] = { "mkdir -p $name", "folder", "file: folder: it is a directory" },
    ["has a state that is none"] = { "cp b.mp4 $name; echo {}x >$name.upload", "c.mp4",
      "leave out %-%-resume to start from the beginning" },
    ["has a state that another program left"] =
      { "cp b.mp4 $name; echo '{}' >$name.upload", "d.mp4", "file: d.mp4.upload is not the state of an upload" },
  } do
    it("goes on with the others where one " .. name, function()
      cli.file("b.mp4", "b")
      local make = case[1]:gsub("%$name", '"$name"')
      local written, errors, status = cli.shell(([[name=%s; %s
%s]]):format(case[2], make, cli.command 'upload --resume --json b.mp4 "$name" film.mp4'))
      local document = cjson.decode(written)
      assert.equal(2, #document.data)
      assert.equal("film.mp4", document.data[2].file)
      assert.equal(1, #document.failed)
      assert.is_nil(document.error)
      assert.matches("^apivideo: [^\n]+\n$", errors)
      assert.matches(case[3], errors)
      assert.equal(1, status)
      assert.equal(0, tokens_left())
    end)
  end

  it("sends nothing with a token that can be none, and says misuse", function()
    local _, errors, status = cli.shell("APIVIDEO_UPLOAD_TOKEN=a/b apivideo upload film.mp4")
    assert.matches("^apivideo: [^\n]*misuse: [^\n]+\n$", errors)
    assert.equal(2, status)
    assert.same({}, service.requests())
  end)

  it("names the file that failed, whatever its name", function()
    for _, name in ipairs { "u", "forbidden" } do
      cli.file(name, "x")
      refuse_after(0)
      local _, errors = cli.run("upload " .. name)
      assert.matches("^apivideo: " .. name .. ": upload_with_upload_token: forbidden: [^\n]+\n$", errors)
    end
  end)

  it("has one line for each, whatever its name", function()
    cli.file("new\nline\t.mp4", "x")
    local written, errors = cli.run("upload --file-name line.mp4 'new\nline\t.mp4'")
    assert.equal("", errors)
    assert.matches("^vi%w+\tnew%?line%?%.mp4\n$", written)
  end)

  it("names it once", function()
    cli.file("file", "")
    local _, errors = cli.run "upload file"
    assert.matches("^apivideo: file: file: it is empty[^\n]+\n$", errors)
  end)

  it("gives JSON also of a name that is not UTF-8", function()
    local written = cli.run "upload --json \"$(printf 'nope\\351.mp4')\""
    assert.matches("nope\239\191\189.mp4", written)
    assert.is_nil(written:find "\233")
  end)

  it("says that a video may have been made, where one may", function()
    service.faults { { status = 201, body = "{}", match = UPLOAD } }
    local document, errors = cli.json "upload film.mp4"
    assert.matches("protocol: [^\n]+; a video may have been made\n$", errors)
    assert.is_true(document.failed[1].ambiguous)
  end)

  it("goes on with the others where one fails", function()
    cli.file("empty.mp4", "")
    cli.file("b.mp4", "b")
    local document, errors, status = cli.json "upload empty.mp4 b.mp4"
    assert.equal("b.mp4", document.data[1].file)
    assert.equal("empty.mp4", document.failed[1].file)
    assert.equal("file", document.failed[1].kind)
    assert.matches("^apivideo: [^\n]*empty.mp4[^\n]*\n$", errors)
    assert.equal(1, status)
  end)

  it("says that its token is left, where it is", function()
    service.faults { { status = 403, match = DELETE } }
    local _, errors, status = cli.run "upload film.mp4"
    assert.matches("^apivideo: the upload token of this upload, valid until %d[^ ]+, was not deleted: "
      .. "delete_token: forbidden: [^\n]+\n$", errors)
    assert.equal(0, status)
    assert.equal(1, tokens_left())
  end)

  if cli.interruptible then
    it("says so, with 130, when its deletion is interrupted", function()
      service.faults { { delay = 5, match = DELETE } }
      local written, errors, status = cli.interrupt "upload film.mp4"
      assert.matches("^vi%w+\tfilm.mp4\n$", written)
      assert.matches("^apivideo: the upload token of this upload, valid until %d[^ ]+, was not deleted: "
        .. "stopped by Ctrl%-C\n$", errors)
      assert.equal(130, status)
    end)

    it("says that a video may have been made, when it is interrupted before the answer", function()
      cli.file("film.mp4", "x")
      service.faults { { delay = 30, match = UPLOAD } }
      -- That all of it has left, the command knows a moment later.
      local written, errors = cli.shell(cli.command "upload --json film.mp4" .. [[ &
wait_for_faults 0
sleep 1; kill -INT $!; wait $!]])
      assert.equal("apivideo: film.mp4: interrupted: stopped by Ctrl-C; a video may have been made\n", errors)
      assert.matches('"error":{"ambiguous":true,', written)
    end)

    it("does not say so of one that has not begun", function()
      cli.file("film.mp4", "x")
      local _, errors = cli.shell("mkfifo pipe; rm -f out; " .. cli.command "upload film.mp4 pipe" .. [[ >out &
wait_for_file out
kill -INT $!; wait $!]])
      assert.equal("apivideo: interrupted: stopped by Ctrl-C\n", errors)
    end)

    it("ends soon, with 130 and a document, when it is interrupted", function()
      service.faults { { delay = 0.001, match = UPLOAD }, { delay = 5, match = UPLOAD } }
      local written, errors, status = cli.shell(cli.command "upload --chunk-size 5M --json film.mp4" .. [[ &
wait_for_file film.mp4.upload
kill -INT $!
wait $!]])
      assert.matches("^apivideo: film.mp4: interrupted: stopped by Ctrl%-C; %-%-resume goes on with it\n$", errors)
      assert.matches('"error":{[^}]*"kind":"interrupted"', written)
      assert.equal(130, status)
      assert.equal(0, tokens_left())
    end)
  end
end)
