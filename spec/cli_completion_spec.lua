-- What completes commands and options, in the shells that it is for.

local cli = require "spec.support.cli"
local needs = require "spec.support.needs"

if not cli.tested then return end

local BASH = [[
bash --norc -c '. ./completion.bash
COMP_WORDS=(apivideo %s) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_apivideo; printf "%%s\n" "${COMPREPLY[@]}"']]

describe("completion", function()
  for _, shell in ipairs { "bash", "zsh", "fish" } do
    needs.it(shell)("is a script that " .. shell .. " understands", function()
      local script, errors, status = cli.run("completion " .. shell)
      assert.equal("", errors)
      assert.equal(0, status)
      cli.file("completion." .. shell, script)
      local _, complaints, understood = cli.shell(("%s -n completion.%s"):format(shell, shell))
      assert.equal("", complaints)
      assert.equal(0, understood)
    end)
  end

  for words, expected in pairs {
    ["u"] = "upload\n", ["token cr"] = "create\n", ["token purge --old"] = "--older-than\n",
    ["token list --sort-order d"] = "desc\n", ["upload --res"] = "--resume\n",
    ["--environment s"] = "sandbox\n", ["--json token cr"] = "create\n",
  } do
    needs.it "bash"("in bash completes apivideo " .. words, function()
      cli.shell "apivideo completion bash >completion.bash"
      assert.equal(expected, (cli.shell(BASH:format(words))))
    end)
  end

  needs.it "fish"("in fish completes apivideo token pu", function()
    local written = cli.shell [[
apivideo completion fish >completion.fish
HOME=. fish --no-config -c 'source completion.fish; complete -C "apivideo token pu"']]
    assert.matches("^purge\t", written)
  end)

  needs.it "zsh"("in zsh defines what completes", function()
    local written = cli.shell [[
apivideo completion zsh >_apivideo
zsh -f -c 'fpath=($PWD $fpath); autoload -U compinit; compinit -D -u; print -r -- $_comps[apivideo]']]
    assert.equal("_apivideo\n", written)
  end)

  it("offers no option for a key", function()
    for _, shell in ipairs { "bash", "zsh", "fish" } do
      local script = cli.run("completion " .. shell)
      assert.truthy(script:find("api-key-file", 1, true))
      assert.is_nil(script:gsub("api%-key%-file", ""):find("api-key", 1, true))
    end
  end)
end)
