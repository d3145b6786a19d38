-- What pkg-config is told: `make install-core`, of the core for programs in C;
-- `./run windows`, of what the module for Windows is built from.

local place = require "spec.support.place"
local shell = require "spec.support.shell"

-- What was built for the specs with sanitizers cannot be linked without them.
if os.getenv "APIVIDEO_PRELOAD" then return end

local BUILD = os.getenv "APIVIDEO_BUILD"

describe("the core for programs in C, installed", function()
  local here

  before_each(function() here = place.new() end)
  after_each(function() here:close() end)

  -- As it was built for the specs: nothing is compiled.
  local function install(words)
    shell.must(("umask 077; make -s -o %s install-core BUILD=%s %s"):format(
      shell.quote(BUILD .. "/libapivideo-core.a"), shell.quote(BUILD), words))
  end

  local function pkg_config(folder, words)
    return shell.must(("PKG_CONFIG_PATH=%s pkg-config %s apivideo-core"):format(
      shell.quote(folder .. "/lib/pkgconfig"), words))
  end

  local function compile(flags)
    here:write("program.c", "#include <apv.h>\n"
      .. "int main(void) { return apv_status_text(APV_OK) == 0; }\n")
    here:run(("cc -o program program.c %s && ./program"):format(
      flags:gsub("\n", "")))
  end

  it("may be in a folder with blanks in its name", function()
    local folder = here:file "my apps"
    install("PREFIX=" .. shell.quote(folder))
    compile(pkg_config(folder, "--cflags --libs"))
  end)

  it("may be moved to another folder", function()
    install("PREFIX=/opt/there DESTDIR=" .. shell.quote(here.path))
    local folder = here:file "opt/there"
    compile(pkg_config(folder, "--cflags --libs --define-variable=prefix=" .. shell.quote(folder)))
  end)

  it("is everybody's to read, whoever installs it", function()
    install("PREFIX=/usr DESTDIR=" .. shell.quote(here.path .. "/root"))
    assert.equal("", shell.must(("find %s -type f ! -perm 644 -o -type d ! -perm 755"):format(
      shell.quote(here:file "root"))))
  end)
end)

describe("what the module for Windows is built from", function()
  it("may be in a folder with blanks in its name", function()
    local here = place.new()
    local flags = shell.must(("export APIVIDEO_WINDOWS=%s;"):format(shell.quote(here:file "my windows")) .. [[
      . run.d/windows-libraries.sh
      prefix=$windows_prefix
      mkdir -p "$prefix/lib/pkgconfig"
      describe_windows_lua lua5.4 lua54
      PKG_CONFIG_LIBDIR=$prefix/lib/pkgconfig pkg-config --cflags lua5.4]])
    assert.equal("-I" .. here:file "my\\ windows/x64/lua5.4/include", (flags:gsub("%s*$", "")))
    here:close()
  end)
end)
