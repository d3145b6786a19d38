-- What `./run` says of words that it does not know: nothing is installed or
-- built then.

local place = require "spec.support.place"
local shell = require "spec.support.shell"

local RUNTIMES = "lua5.4 lua5.3 lua5.2 lua5.1 luajit"

describe("./run", function()
  for _, words in ipairs {
    "build lua5.9", "static lua5.9", "env lua5.9", "build lua5", "build lua5.4 luajut", "test lua5.9",
  } do
    it("knows no other runtimes: " .. words, function()
      local written, status = shell.run("timeout 20 ./run " .. words)
      local name = words:match "%S+$"
      assert.equal(("run: there is no runtime '%s', try: %s\n"):format(name, RUNTIMES), written)
      assert.equal(2, status)
    end)
  end

  for value, name in pairs { foo = "foo", ["foo lua5.4"] = "foo", [" "] = "", [" foo "] = "foo" } do
    it(("knows no other runtimes: RUNTIMES='%s'"):format(value), function()
      for _, command in ipairs { "build", "demo", "test" } do
        local written, status = shell.run(("RUNTIMES='%s' timeout 20 ./run %s"):format(value, command))
        assert.equal(("run: there is no runtime '%s', try: %s\n"):format(name, RUNTIMES), written)
        assert.equal(2, status)
      end
    end)
  end

  for _, command in ipairs { "build", "broker", "demo", "test", "release", "lint" } do
    it("has help for who asks for it behind a command: " .. command, function()
      for _, option in ipairs { "--help", "-h" } do
        local written, status = shell.run(("timeout 20 ./run %s %s"):format(command, option))
        assert.matches("^usage: %./run COMMAND\n", written)
        assert.equal(0, status)
      end
    end)
  end

  for words, message in pairs {
    ["demo extra"] = "demo takes no arguments", ["lint extra"] = "lint takes no arguments",
    ["upload-faults extra"] = "upload-faults takes no arguments",
    ["fuzz nope"] = "there is no target 'nope' in spec/fuzz", ["fuzz 5 1"] = "there is no target '1' in spec/fuzz",
    ["fuzz fuzz"] = "there is no target 'fuzz' in spec/fuzz",
    ["valgrind calls"] = "valgrind takes --calls, not 'calls'",
    ["broker extra"] = "broker takes a port, such as 8080, not 'extra'",
    ["broker 8080 8081"] = "broker takes a port, such as 8080, not '8080 8081'",
    ["crashes many"] = "crashes takes a number, not 'many'", ["crashes 1 2"] = "crashes takes a number, not '1 2'",
    ["soak -1"] = "soak takes a number, not '-1'", ["forks 1e3"] = "forks takes a number, not '1e3'",
    ["forks ''"] = "forks takes a number, not ''",
    ["bench nope"] = "there is no row 'nope' in bench/rows",
    ["bench --long"] = "there is no row '--long' in bench/rows",
    ["asan tcc"] = "there is no runtime 'tcc', try: " .. RUNTIMES,
    ["asan gcc lua5.9"] = "there is no runtime 'lua5.9', try: " .. RUNTIMES,
  } do
    it("refuses what a command does not take: " .. words, function()
      local written, status = shell.run("timeout 20 ./run " .. words)
      assert.equal(("run: %s\n"):format(message), written)
      assert.equal(2, status)
    end)
  end

  it("is found through links", function()
    local here = place.new()
    here:run(("mkdir a b; ln -s %s a/run; ln -s ../a/run b/again"):format(shell.quote(shell.root .. "/run")))
    for _, name in ipairs { "a/run", "b/again" } do
      local written, status = shell.run(("cd /; timeout 20 %s help"):format(here:file(name)))
      assert.matches("^usage: %./run COMMAND\n", written)
      assert.equal(0, status)
    end
    here:close()
  end)

  it("needs nobody to say where the home is", function()
    for _, words in ipairs { "env -u HOME", "env HOME=" } do
      local written, status = shell.run(words .. " timeout 20 ./run help")
      assert.matches("^usage: %./run COMMAND\n", written)
      assert.equal(0, status)
    end
  end)

  it("makes a release of a checkout only", function()
    local here = place.new()
    here:run(("cp -R %s/run %s/run.d ."):format(shell.root, shell.root))
    local written, status = shell.run(("%s release 0.1.0"):format(here:file "run"))
    assert.equal("run: a release is made of what is committed, and there is no git here\n", written)
    assert.equal(1, status)
    here:close()
  end)
end)
