-- What completes commands and options, in the shells that it is for.

local cli = require "spec.support.cli"
local screen = require "spec.support.screen"

if not cli.tested then return end

local BASH = [[
bash --norc -c '. ./completion.bash
COMP_WORDS=(apivideo %s) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_apivideo; printf "%%s\n" "${COMPREPLY[@]}"']]

describe("completion", function()
  for _, shell in ipairs { "bash", "zsh", "fish" } do
    it("is a script that " .. shell .. " understands", function()
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
    it("in bash completes apivideo " .. words, function()
      cli.shell "apivideo completion bash >completion.bash"
      assert.equal(expected, (cli.shell(BASH:format(words))))
    end)
  end

  it("in fish completes apivideo token pu", function()
    local written = cli.shell [[
apivideo completion fish >completion.fish
HOME=. fish --no-config -c 'source completion.fish; complete -C "apivideo token pu"']]
    assert.matches("^purge\t", written)
  end)

  it("in zsh defines what completes", function()
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

-- How a shell is begun that knows nothing else, and told of the script.
local SHELLS = {
  bash = [[PS1="> " exec bash --norc --noprofile -i]], zsh = [[PROMPT="> " exec zsh -f -i]],
  fish = [[exec fish --no-config -i]],
}
local LEARN = {
  bash = [[bind 'set show-all-if-ambiguous on'; . ./completion.bash]],
  zsh = [[fpath=($PWD $fpath); autoload -U compinit; compinit -D -u]],
  fish = [[source ./completion.fish]],
}

-- What is typed before Tab, what is on the screen then, and what is not.
local TYPED = {
  { "apivideo ", { "completion", "doctor", "token", "upload" }, { "film" } },
  { "apivideo completion ", { "bash", "fish", "zsh" }, { "film" } },
  { "apivideo token list --environment=", { "production", "sandbox" }, { "film" } },
  { "apivideo token list --sort-by ", { "created_at", "ttl" }, { "film" } },
  { "apivideo token list --environment=s", { "--environment=sandbox" } },
  { "apivideo --environment sandbox token --json l", { "token --json list" } },
  { "apivideo token get ", {}, { "film", "--json" } },
  { "apivideo token create --ttl ", {}, { "film" } },
  { "apivideo token list --page ", {}, { "film" } },
  { "apivideo upload --parallel ", {}, { "film" } },
  { "apivideo upload fi", { "upload film\\ one.mp4" } },
  { "apivideo upload it", { "upload it\\'s.mp4" } },
  { 'apivideo upload "film', { '"film one.mp4"' } },
  { "apivideo upload 夏", { "upload 夏休み.mp4" } },
  { "apivideo upload fold", { "upload folder/" } },
  { "apivideo upload -- -d", { "-- -dash.mp4" } },
  { "apivideo upload --api-key-file fi", { "file film\\ one.mp4" } },
  { "apivideo upload --api-key-file=fold", { "=folder/" } },
  { "apivideo upload --res", { "--resume" } },
}

describe("completion while somebody types", function()
  for shell, begin in pairs(SHELLS) do
    describe("in " .. shell, function()
      local seen

      setup(function()
        local script = shell == "zsh" and "_apivideo" or "completion." .. shell
        cli.shell(("apivideo completion %s >%s"):format(shell, script))
        cli.shell "mkdir -p typed/folder; cd typed; cp ../_apivideo ../completion.* . ; :>'film one.mp4'; "
        cli.shell [[cd typed; :>"it's.mp4"; :>夏休み.mp4; :>./-dash.mp4]]
        seen = screen.open("cd typed; export LC_ALL=C.UTF-8 HOME=.; " .. begin)
        seen:press("-l '" .. LEARN[shell]:gsub("'", "'\\''") .. "; echo re''ady'")
        seen:press "Enter"
        seen:wait "\nready"
      end)

      teardown(function() seen:close() end)

      for _, case in ipairs(TYPED) do
        it("offers what is meant, and nothing else: " .. case[1], function()
          seen:press "C-u C-l"
          seen:press("-l '" .. case[1]:gsub("'", "'\\''") .. "'")
          seen:press "Tab"
          if #case[2] == 0 then -- what does not come cannot be waited for
            seen:press "-l x"
            seen:wait(case[1]:gsub("%p", "%%%0") .. "x")
          end
          for _, text in ipairs(case[2]) do seen:wait((text:gsub("%p", "%%%0"))) end
          for _, text in ipairs(case[3] or {}) do
            assert.is_nil(seen:text():find(text, 1, true), text)
          end
        end)
      end
    end)
  end
end)
