# shellcheck shell=sh
# apivideo-VERSION-windows-x64.zip, and its trial: unpacked beside a Lua that
# has nothing else.

windows_version() {
  sed -n 's/^#define APV_VERSION "\(.*\)"$/\1/p' "$root"/src/core/*.h
}

# Where the licence of source $1 is; a comment of its own has it where there is
# no file.
windows_licence() {
  folder=$(windows_source "$1")
  for file in COPYING LICENSE COPYRIGHT; do
    if [ -f "$folder/$file" ]; then printf '%s\n' "$folder/$file"; return; fi
  done
  fail "the licence of $1 is not in $folder"
}

# Seconds since 1970 when what it is made of was committed: the date of each
# file of an archive.
windows_date() {
  if [ -e "$root/.git" ]; then
    git -C "$root" log -1 --format=%ct
  else
    date -r "$root/LICENSE" +%s
  fi
}

# Makes it in build/windows; sets $zip.
make_windows_zip() {
  folder=$windows_build/apivideo-$(windows_version)-windows-x64
  zip=$folder.zip
  rm -rf "$folder" "$zip"
  mkdir -p "$folder/licences" "$folder/lua"
  for runtime in lua5.4 luajit; do
    mkdir -p "$folder/$runtime/apivideo"
    cp "$windows_build/$runtime/apivideo/core.dll" "$folder/$runtime/apivideo/"
    cp "$windows_prefix/$runtime/cjson.dll" "$folder/$runtime/"
    $windows_triplet-strip -p "$folder/$runtime/cjson.dll" \
      "$folder/$runtime/apivideo/core.dll"
  done
  cp -r lua/apivideo "$folder/lua/"
  cp /usr/share/lua/5.4/argparse.lua "$folder/lua/"
  cp bin/apivideo "$folder/apivideo-cli.lua"
  cp LICENSE "$folder/licences/apivideo.txt"
  cp "$(windows_licence curl)" "$folder/licences/libcurl.txt"
  cp "$(windows_licence lua-cjson)" "$folder/licences/lua-cjson.txt"
  cp /usr/share/doc/lua-argparse/copyright "$folder/licences/argparse.txt"
  sed 's/$/\r/' run.d/windows-readme.txt >"$folder/README.txt"
  # Other dates would differ from one run to the next.
  find "$folder" -exec touch -h -d "@${SOURCE_DATE_EPOCH:-$(windows_date)}" {} +
  (
    cd "$windows_build"
    find "${folder##*/}" -print | LC_ALL=C sort |
      TZ=UTC zip -q -X "$zip" -@
  )
}

# unpack_beside RUNTIME ZIP: what README.txt of the zip tells to do; sets
# $fresh, where the Lua is.
unpack_beside() {
  fresh=$windows_build/fresh-$1
  unpacked=$fresh/unpacked/$(basename "$2" .zip)
  rm -rf "$fresh"
  mkdir -p "$fresh"
  cp "$windows_prefix/$1"/lua*.exe "$windows_prefix/$1"/lua5?.dll "$fresh/"
  unzip -q "$2" -d "$fresh/unpacked"
  cp -r "$unpacked/lua" "$unpacked/$1"/* "$unpacked/apivideo-cli.lua" "$fresh/"
  rm -r "$fresh/unpacked"
}

# run_unpacked RUNTIME WORD…: with nothing in its environment, but a sandbox.
run_unpacked() {
  program=lua.exe
  if [ "$1" = luajit ]; then program=luajit.exe; fi
  shift
  (
    unset LUA_PATH LUA_CPATH
    cd "$fresh"
    with_wine timeout 60 "$root/sandbox/sandbox" -- wine "$program" "$@"
  )
}

# try_unpacked RUNTIME WORD…
try_unpacked() {
  unpack_beside "$1" "$zip"
  cp examples/demo.lua "$fresh/"
  run_unpacked "$@"
}

try_windows_zip() {
  shell_trial 'zip: is made' make_windows_zip
  for runtime in lua5.4 luajit; do
    shell_trial "zip: demo, $runtime" try_unpacked "$runtime" demo.lua
    shell_trial "zip: command line, $runtime" try_unpacked "$runtime" \
      apivideo-cli.lua token create --ttl 60
  done
}
