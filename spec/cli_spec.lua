-- The command line as such: help, misuse, keys.

local cli = require "spec.support.cli"
local service = require "spec.support.service"

if not cli.tested then return end

local arguments = require "apivideo.cli.arguments"

-- What it makes of a command line.
local function read(line)
  local words = {}
  for word in line:gmatch "%S+" do words[#words + 1] = word end
  return arguments.read(words)
end

local COMMANDS = {
  "token create", "token get", "token delete", "token list", "token purge",
  "upload", "doctor", "completion",
}

describe("the command line", function()
  before_each(service.reset)

  it("says its version", function()
    local written, errors, status = cli.run "--version"
    assert.equal("apivideo 0.2.0\n", written)
    assert.equal("", errors)
    assert.equal(0, status)
  end)

  for _, command in ipairs(COMMANDS) do
    it("has help with examples for " .. command, function()
      local written, _, status = cli.run(command .. " --help")
      assert.equal(0, status)
      assert.matches("^Usage: apivideo " .. command, written)
      assert.matches("Examples:\n  [^\n]*apivideo " .. command, written)
      for line in written:gmatch "[^\n]+" do assert.is_true(#line <= 80, line) end
    end)
  end

  -- Arguments, and what stderr says, in one line.
  local MISUSE = {
    { "", "a command is required" },
    { "-V", "unknown option '%-V'; did you mean '%-%-version'%?" },
    { "help", "did you mean '%-%-help'%?" },
    { "token ls", "did you mean 'list'%?" },
    { "token", "a command is required: create, get, delete, list or purge" },
    { "token create --ttl -5", "'%-5'; the value of '%-%-ttl' cannot be negative" },
    { "tokn", "unknown command 'tokn'; did you mean 'token'%?" },
    { "token", "a command is required" },
    { "token create --tll 2h", "unknown option '%-%-tll'; did you mean '%-%-ttl'%?" },
    { "token create --ttl 2y", "'2y' is not a length of time" },
    { "token create --ttl 99999w", "is too long" },
    { "upload --timeout 12d film.mp4", "'12d' is too long: 1000000 seconds %(11 days%) are the most" },
    { "upload --idle-timeout 1000001 film.mp4", "'1000001' is too long: 1000000 seconds %(11 days%) are the most" },
    { "token create more", "too many arguments" },
    { "token get", "missing argument 'id'" },
    { "token get ../x", "an upload token is 1 to 128 of" },
    { "token delete --yes fine not/fine", "an upload token is 1 to 128 of" },
    { "upload x --token a/b", "an upload token is 1 to 128 of" },
    { "token list --page 0", "'0' is not a whole number from 1 to" },
    { "token list --page-size 101", "'101' is not a whole number from 1 to 100" },
    { "token list --sort-by name", "created_at" },
    { "token list --all --page 2", "can not be used together" },
    { "token delete a b", "say %-%-yes" },
    { "token purge", "say %-%-yes" },
    { "upload", "missing argument 'files'" },
    { "upload x --parallel 65", "'65' is not a whole number from 1 to 64" },
    { "upload x --chunk-size 3M", "a size of '3M' is not from 5M to 128M" },
    { "upload x --chunk-size big", "'big' is not a size" },
    { "completion tcsh", "'bash', 'zsh', 'fish'" },
    { "doctor --environment staging", "'production', 'sandbox'" },
    { "token list --api-key-file /nowhere", "%-%-api%-key%-file: /nowhere: No such file" },
    { "token list --api-key-file ''", "a file's name is empty" },
    { "upload film.mp4 ''", "a file's name is empty" },
    { "token list --api-key-file /dev/null", "/dev/null holds no key" },
  }

  for _, case in ipairs(MISUSE) do
    it("refuses, in one line, apivideo " .. case[1], function()
      local written, errors, status = cli.run(case[1])
      assert.equal("", written)
      assert.matches("^apivideo: misuse: [^\n]+\n$", errors)
      assert.matches(case[2], errors)
      assert.equal(2, status)
      assert.same({}, service.requests())
    end)
  end

  it("has the kind of a failure in its line on stderr", function()
    local written, errors, status = cli.run "token get toNoSuchToken0123456789"
    assert.equal("", written)
    assert.matches("^apivideo: get_token: not_found: [^\n]+\n$", errors)
    assert.equal(1, status)
  end)

  it("has it also where a name looks like one", function()
    local _, errors = cli.run "token list --api-key-file misuse:"
    assert.matches("^apivideo: misuse: %-%-api%-key%-file: misuse:: No such file", errors)
  end)

  it("gives one document also when it fails", function()
    local document, _, status = cli.json "token get toNoSuchToken0123456789"
    assert.equal("not_found", document.error.kind)
    assert.matches("get_token", document.error.message)
    assert.equal(1, status)
  end)

  it("takes the options that all commands have before the command, too", function()
    local document, errors, status = cli.run "--json token list"
    assert.matches('^{"data":%[%],"pagination":{.*}}\n$', document)
    assert.equal("", errors)
    assert.equal(0, status)
    for _, words in ipairs {
      "--environment sandbox token list", "token --environment sandbox list",
      "--environment production token list --environment sandbox",
    } do
      assert.equal("sandbox", read(words).environment, words)
    end
    local options = read "--api-key-file key.txt --json upload a.mp4"
    assert.equal("key.txt", options.api_key_file)
    assert.is_true(options.json)
  end)

  it("refuses them before the command as behind it", function()
    for _, words in ipairs { "--environment staging token list", "--api-key k token list" } do
      local written, errors, status = cli.run(words)
      assert.equal("", written)
      assert.matches("^apivideo: misuse: [^\n]+\n$", errors)
      assert.equal(2, status)
    end
    assert.matches("in the list of processes", select(2, cli.run "--api-key k token list"))
  end)

  it("gives one document also where the words are wrong", function()
    for _, words in ipairs {
      "token list --page-size 101", "token get -x", "token purge --older-than foo", "tokn", "",
    } do
      local document, errors, status = cli.json(words)
      assert.equal("misuse", document.error.kind)
      assert.truthy(errors:find(document.error.message, 1, true))
      assert.equal(2, status)
    end
  end)

  it("gives none where --json is the name of a file", function()
    local written, _, status = cli.run "upload --parallel 65 -- --json"
    assert.equal("", written)
    assert.equal(2, status)
  end)

  for _, words in ipairs {
    "token create", "completion bash", "completion fish", "--help", "token --help", "token get --help", "--version",
    "token list --json",
  } do
    it("fails where nobody can read what it gives: apivideo " .. words, function()
      local _, errors, status = cli.run(words .. " >/dev/full")
      assert.matches("^apivideo: file: stdout: No space left on device\n$", errors)
      assert.equal(1, status)
    end)
  end

  it("says what failed also where nobody can read the document", function()
    local _, errors, status = cli.run "token get x/ --json >/dev/full"
    assert.matches("^apivideo: misuse: [^\n]+\napivideo: file: stdout: No space left on device\n$", errors)
    assert.equal(2, status)
  end)

  it("writes into no connection where stdout is closed", function()
    service.make_tokens(1)
    local _, errors, status = cli.run "token list >&-"
    assert.equal("apivideo: file: stdout: Bad file descriptor\n", errors)
    assert.equal(1, status)
  end)

  for closed, expected in pairs { ["<&-"] = 0, ["2>&-"] = 0, [">&- 2>&-"] = 1, ["<&- >&- 2>&-"] = 1 } do
    it("opens nothing in place of what is closed: " .. closed, function()
      service.make_tokens(1)
      local _, _, status = cli.run("token list " .. closed)
      assert.equal(expected, status)
      assert.equal(1, #service.requests())
    end)
  end

  it("shows no colours in a pipe, nor to NO_COLOR", function()
    local written, errors = cli.run "doctor --environment sandbox; apivideo token get x"
    assert.is_nil((written .. errors):find "\27")
  end)
end)

describe("the key of the command line", function()
  before_each(service.reset)

  local KEY = "keyOfAFile0123456789abcdef"

  it("comes from a file", function()
    service.settings { keys = { KEY } }
    cli.file("key.txt", "  " .. KEY .. "\r\nmore\n")
    local _, errors, status = cli.run "token list --api-key-file key.txt"
    assert.equal("", errors)
    assert.equal(0, status)
  end)

  -- As editors, shells and people keep one.
  local KEPT = {
    ["a byte order mark"] = "\239\187\191%s", ["quotes"] = '"%s"', ["other quotes"] = "'%s'\n",
    ["typographic quotes"] = "“%s”", ["blanks"] = " \t%s  ", ["line ends"] = "%s\r\n",
    ["no-break spaces"] = "\194\160%s\194\160", ["a mark of no width"] = "%s\226\128\139",
    ["its name"] = "APIVIDEO_API_KEY=%s", ["a name and quotes"] = 'export APIVIDEO_API_KEY="%s"',
    ["all of it"] = "\239\187\191 api_key = '%s' \194\160\r\n",
  }
  for what, form in pairs(KEPT) do
    it("is taken without what is around it: " .. what, function()
      service.settings { keys = { KEY } }
      local text = form:format(KEY)
      cli.file("key.txt", text)
      local quoted = "'" .. text:gsub("'", [['\'']]) .. "'"
      for _, line in ipairs {
        "apivideo token list --api-key-file key.txt", "APIVIDEO_API_KEY=" .. quoted .. " apivideo token list",
      } do
        local _, errors, status = cli.shell(line)
        assert.equal("", errors)
        assert.equal(0, status)
      end
    end)
  end

  it("is taken from UTF-16, and from the first line that says something", function()
    service.settings { keys = { KEY } }
    for _, text in ipairs {
      "\255\254" .. (KEY .. "\r\n"):gsub(".", "%0\0"), "\254\255" .. KEY:gsub(".", "\0%0"), "\n \r\n" .. KEY .. "\n",
    } do
      cli.file("key.txt", text)
      local _, errors = cli.run "token list --api-key-file key.txt"
      assert.equal("", errors)
    end
  end)

  it("is not taken from a line with a zero in it, nor from one without an end", function()
    -- Sanitizers take more than all.
    local bounded = os.getenv "ASAN_OPTIONS" and "" or "; ulimit -v 800000"
    for what, line in pairs {
      ["zero"] = "printf 'sandbox_key\\0' >key.txt", ["word behind a zero"] = "printf 'key\\0word\\n' >key.txt",
      ["UTF-16 without its mark"] = "printf 'k\\0e\\0y\\0\\n\\0' >key.txt",
      ["no end"] = "rm -f key.txt; ln -s /dev/zero key.txt",
    } do
      local _, errors, status = cli.shell(line .. bounded .. "; apivideo token list --api-key-file key.txt")
      assert.matches("^apivideo: misuse: %-%-api%-key%-file: key.txt does not hold the key alone: "
        .. "there is a control character in it\n$", errors, what)
      assert.equal(2, status)
      cli.remove "key.txt"
    end
  end)

  it("is missed where a file holds nothing but marks and blanks", function()
    for _, text in ipairs {
      "", "\n\n", "\255\254", "\255\254 \0\n\0", "\239\187\191", "\194\160\n", '""\n',
      "APIVIDEO_API_KEY=\n", "export api_key = ''", "NAME=", "KEY=\nTOKEN=\n", "k",
    } do
      cli.file("key.txt", text)
      local _, errors, status = cli.run "token list --api-key-file key.txt"
      local expected = text == "k" and "unauthorized: " or "misuse: %-%-api%-key%-file: key.txt holds no key\n$"
      assert.matches(expected, errors)
      assert.equal(text == "k" and 1 or 2, status)
    end
  end)

  it("is none in a variable that holds the beginning of its own line", function()
    for _, text in ipairs { "APIVIDEO_API_KEY=", "NAME=" } do
      local _, errors, status = cli.shell("APIVIDEO_API_KEY=" .. text .. " apivideo token list")
      assert.equal("apivideo: misuse: APIVIDEO_API_KEY holds no key\n", errors)
      assert.equal(2, status)
    end
  end)

  it("may end as BASE64 does", function()
    for _, text in ipairs { "aGVsbG8gd29ybGQ=", "aGVsbG8gd29ybA==", "KEY==" } do
      local _, errors = cli.shell("APIVIDEO_API_KEY=" .. text .. " apivideo token list")
      assert.matches("unauthorized", errors)
    end
  end)

  it("is not in a folder", function()
    local _, errors, status = cli.run "token list --api-key-file /tmp"
    assert.equal("apivideo: misuse: --api-key-file: /tmp: Is a directory\n", errors)
    assert.equal(2, status)
  end)

  it("is read from a file as soon as its line is there, whoever still writes", function()
    service.settings { keys = { KEY } }
    for _, text in ipairs { KEY .. "\\n", "\\n" .. KEY .. "\\n", "\\n\\n \\n" .. KEY .. "\\n" } do
      local _, errors, status = cli.shell("rm -f pipe; mkfifo pipe; { printf '" .. text .. [['; sleep 10; } >pipe &
writer=$!; timeout 8 ]] .. cli.command "token list --api-key-file pipe" .. [[

status=$?; kill $writer; (exit $status)]])
      assert.equal("", errors)
      assert.equal(0, status)
    end
  end)

  for text, words in pairs {
    ["one two"] = "a blank", ["one\ntwo"] = "a line end", ["one:two"] = "a colon", ['"one'] = "a quote",
    ["on\194\160e"] = "a character that is not ASCII", ["one\1two"] = "a control character",
    ["one=two"] = "'=' behind a name", ["#!/two"] = "the beginning of a script",
  } do
    it("is refused with its source, and not shown, where there is " .. words, function()
      local _, errors, status = cli.shell("APIVIDEO_API_KEY='" .. text .. "' apivideo token list")
      assert.matches("^apivideo: misuse: APIVIDEO_API_KEY does not hold the key alone: there is "
        .. words .. " in it\n$", errors)
      assert.equal(2, status)
      if text:find "\n" then return end -- a file's first line is all there is
      cli.file("key.txt", text)
      _, errors, status = cli.run "token list --api-key-file key.txt"
      assert.matches("^apivideo: misuse: %-%-api%-key%-file: key.txt does not hold the key alone", errors)
      assert.is_nil(errors:find("two", 1, true))
      assert.equal(2, status)
    end)
  end

  it("is named with its source where it is not accepted", function()
    local _, errors = cli.shell "APIVIDEO_API_KEY=another apivideo token list"
    assert.matches("unauthorized: .*; the key is from APIVIDEO_API_KEY\n$", errors)
    cli.file("key.txt", "another")
    _, errors = cli.run "token list --api-key-file key.txt"
    assert.matches("unauthorized: .*; the key is from the file key.txt\n$", errors)
  end)

  it("is asked for once where several things are to be done", function()
    local _, errors, status = cli.shell "APIVIDEO_API_KEY=another apivideo token delete -y to1 to2 to3"
    assert.matches("^apivideo: delete_token: unauthorized: [^\n]+\n$", errors)
    assert.equal(1, status)
    assert.equal(1, #service.requests())
  end)

  it("that is wrong keeps the doctor and completions back from nothing", function()
    local written, errors =
      cli.shell "export APIVIDEO_API_KEY='a b'; apivideo doctor; apivideo completion fish"
    assert.equal("", errors)
    assert.matches("failed\tkey\tAPIVIDEO_API_KEY does not hold the key alone", written)
    assert.matches("complete %-c apivideo", written)
  end)

  it("is never an argument, and is not repeated", function()
    for _, words in ipairs {
      "--api-key " .. KEY, "--api-key=" .. KEY, "more --api-key " .. KEY,
    } do
      local _, errors, status = cli.run("token list " .. words)
      assert.matches("APIVIDEO_API_KEY", errors)
      assert.is_nil(errors:find(KEY, 1, true))
      assert.equal(2, status)
    end
  end)

  it("is no argument where a file is named like that option", function()
    local _, errors, status = cli.run "upload --token x -- --api-key"
    assert.matches("file: %-%-api%-key: No such file", errors)
    assert.equal(1, status)
  end)

  it("is missed with words that say where it belongs", function()
    local _, errors, status = cli.shell "APIVIDEO_API_KEY= apivideo token list"
    assert.matches("unauthorized: .*APIVIDEO_API_KEY.*%-%-api%-key%-file", errors)
    assert.equal(1, status)
  end)

  it("is not in the line that lists of processes show", function()
    service.settings { keys = { KEY } }
    cli.file("key.txt", KEY)
    service.faults { { delay = 10 } }
    local written = cli.shell(cli.command "token list --api-key-file key.txt" .. [[ &
wait_for_faults 0
tr '\0' ' ' </proc/$!/cmdline
kill $!]])
    assert.matches("bin/apivideo token list", written)
    assert.is_nil(written:find(KEY, 1, true))
  end)
end)
