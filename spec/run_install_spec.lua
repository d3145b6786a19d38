-- What `./run` does about a tool that is not there, on systems whose packages
-- have other names, or none: with an apt of our own, that offers what it is
-- told and "installs" a tool by making a file.
local place = require "spec.support.place"

local PACKAGES = [[
gizmo   gizmo-ng|gizmo-classic+gizmo-data  gizmo  -      gizmo
widget  widget                             -      widget widget
hollow  hollow-one+hollow-two              hollow hollow hollow
]]

local TOOLS = {
  ["apt-cache"] = [[
    case " $OFFERED " in
      *" $2 "*) printf '%s:\n  Installed: (none)\n  Candidate: 1.0\n' "$2" ;;
      *) printf '%s:\n  Installed: (none)\n  Candidate: (none)\n' "$2" ;;
    esac]],
  ["apt-get"] = [[
    while [ $# -gt 0 ]; do
      case $1 in
        update) echo update >>"$PLACE/asked" ;;
        gizmo-*) echo "$1" >>"$PLACE/asked"; : >"$PLACE/bin/gizmo"
          chmod +x "$PLACE/bin/gizmo" ;;
        widget | hollow-*) echo "$1" >>"$PLACE/asked" ;;
      esac
      shift
    done]],
  id = 'echo "${USER_ID:-0}"',
  sudo = "exit 1",
}

describe("./run, where something is missing,", function()
  local here

  before_each(function()
    here = place.new()
    here:run "mkdir bin run.d"
    here:write("run.d/packages.txt", PACKAGES)
    for name, script in pairs(TOOLS) do
      here:write("bin/" .. name, "#!/bin/sh\n" .. script .. "\n")
    end
    here:run "chmod +x bin/*; touch asked"
  end)
  after_each(function() here:close() end)

  -- Ensures what `needs`, shell code, finds. -> what was printed, the status,
  -- and what apt was asked for.
  local function ensure(needs, environment)
    local script = here:write("script", ([[
      set -eu
      root=%s
      fail() { printf 'run: %%s\n' "$1" >&2; exit "${2:-1}"; }
      . run.d/install.sh
      . run.d/needs.sh
      need_it() { %s
      }
      ensure need_it
      echo there]]):format(here.path, needs))
    local pipe = assert(io.popen(([[
      PLACE=%s PATH=%s/bin:/usr/bin:/bin %s sh %s 2>&1 </dev/null
      echo "status $?"]]):format(here.path, here.path, environment, script)))
    local text = pipe:read "*a"
    pipe:close()
    local words, status = text:match "^(.-)status (%d+)\n$"
    return words, tonumber(status), here:read "asked"
  end

  it("takes the first package that the system offers", function()
    local words, status, asked = ensure("need_tools gizmo",
      "OFFERED='gizmo-ng gizmo-classic gizmo-data'")
    assert.equal("run: installing gizmo-ng\nthere\n", words)
    assert.equal(0, status)
    assert.equal("gizmo-ng\n", asked)
  end)

  it("takes an alternative only as a whole", function()
    local words, status = ensure("need_tools gizmo",
      "OFFERED='gizmo-classic'")
    assert.equal("run: this system has no package for gizmo\n", words)
    assert.equal(1, status)
  end)

  it("takes another where the first is not offered", function()
    local _, status, asked = ensure("need_tools gizmo",
      "OFFERED='gizmo-classic gizmo-data'")
    assert.equal(0, status)
    assert.equal("gizmo-classic\ngizmo-data\n", asked)
  end)

  it("looks again, and names the package that did not bring it", function()
    local words, status = ensure("need_tools hollow gizmo",
      "OFFERED='hollow-one hollow-two gizmo-ng'")
    assert.equal("run: installing hollow-one hollow-two gizmo-ng\n" ..
      "run: hollow is still missing; the package hollow-one and hollow-two " ..
      "should have brought it\n", words)
    assert.equal(1, status)
  end)

  describe("where nginx has Lua built in", function()
    before_each(function()
      here:write("bin/nginx", [[#!/bin/sh
        case $* in
          -V) echo "configure arguments: --add-module=../ngx_lua-0.10.29" >&2 ;;
          *) grep -q "'cjson'" "$2nginx.conf" ;;
        esac]])
      here:run "chmod +x bin/nginx"
    end)

    it("takes that, and no folder of modules", function()
      assert.equal("there\n", (ensure("has_nginx_lua || lacks gizmo",
        "OFFERED=''")))
    end)

    it("asks it for its modules", function()
      assert.equal("there\n", (ensure("has_nginx_cjson || lacks gizmo",
        "OFFERED=''")))
      assert.equal("run: this system has no package for gizmo\n",
        (ensure("openresty_has_module widget || lacks gizmo", "OFFERED=''")))
    end)
  end)

  it("goes on without what is only wanted, and says so", function()
    local words, status = ensure("need_tools gizmo; want_tools widget",
      "OFFERED='gizmo-ng'")
    assert.equal("run: installing gizmo-ng\n" ..
      "run: goes on without widget, which this system does not offer\n" ..
      "there\n", words)
    assert.equal(0, status)
  end)

  it("names the packages where it may not install", function()
    local words, status, asked = ensure("need_tools gizmo widget",
      "USER_ID=1000 OFFERED='gizmo-ng'")
    assert.matches("takes root, and sudo refused, but these are missing: gizmo widget\n",
      words, 1, true)
    assert.matches("apt-get install --no-install-recommends gizmo-ng widget",
      words, 1, true)
    assert.matches("Not in dnf, as far as we know: widget", words, 1, true)
    assert.equal(1, status)
    assert.equal("", asked)
  end)

  it("asks for nothing where all is there", function()
    local words, status, asked = ensure("need_tools sh", "OFFERED=''")
    assert.equal("there\n", words)
    assert.equal(0, status)
    assert.equal("", asked)
  end)
end)

describe("the systems of ./run matrix", function()
  it("name specs that there are", function()
    for line in io.lines "run.d/systems.txt" do
      local names = line:match "^[^#].-(%S+)$" or "all"
      for name in names:gmatch "[^+]+" do
        local file = name ~= "all" and io.open("spec/" .. name .. "_spec.lua")
        assert.truthy(name == "all" or file, name)
        if file then file:close() end
      end
    end
  end)
end)
