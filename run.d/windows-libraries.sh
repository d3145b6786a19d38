# shellcheck shell=sh
# What the module for Windows is built from and runs on: Lua, LuaJIT, their
# modules, and libcurl, cross-built from Debian's source packages. It is made
# once, outside the checkout, for one architecture:
#
#   sources/      the packages, as they were fetched
#   x64/lua5.4/   lua.exe, lua54.dll, modules; include/ to build with
#   x64/luajit/   the same of LuaJIT
#   x64/lib/      libcurl.a, pkgconfig/; x64/include/

windows=${APIVIDEO_WINDOWS:-${XDG_CACHE_HOME:-$HOME/.cache}/apivideo/windows}
windows_triplet=x86_64-w64-mingw32
windows_prefix=$windows/x64
windows_cc=$windows_triplet-gcc

# The names of Debian's source packages, and of those that only specs need,
# which are taken as their authors wrote them.
windows_packages='lua5.4 luajit lua-cjson curl'
windows_spec_packages='luasocket lua-filesystem'

# Runs a command with its output in a log, which is shown if it fails. In the
# background, because a shell does not stop at errors in front of "||".
logged() {
  log=$windows/log/$1
  shift
  mkdir -p "${log%/*}"
  "$@" >"$log" 2>&1 &
  wait $! || {
    tail -n 30 "$log" >&2
    fail "'$1' failed, see $log"
  }
}

# --- sources -----------------------------------------------------------------

# apt with lists of its own: the system's sources, of which it takes source
# packages.
windows_apt() {
  apt-get -q -o Dir::Etc::SourceList=/dev/null \
    -o Dir::Etc::SourceParts="$windows/apt/sources" \
    -o Dir::State::Lists="$windows/apt/lists" \
    -o Dir::Cache="$windows/apt/cache" \
    -o APT::Sandbox::User="$(id -un)" "$@"
}

list_windows_sources() {
  rm -rf "$windows/apt"
  mkdir -p "$windows/apt/sources" "$windows/apt/lists/partial" \
    "$windows/apt/cache/archives/partial"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
    /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] || continue
    sed -E 's/^deb([[:space:]])/deb-src\1/
      s/^(Types:[[:space:]]*).*/\1deb-src/' "$file" \
      >"$windows/apt/sources/${file##*/}"
  done
  logged apt-update windows_apt update
}

# Fetches and unpacks the packages into a new folder, $1.
unpack_windows_sources() {
  list_windows_sources
  cd "$1"
  # shellcheck disable=SC2086  # they are lists
  {
    logged apt-source windows_apt source $windows_packages
    logged apt-source-specs windows_apt source --download-only --tar-only \
      $windows_spec_packages
  }
  for package in $windows_spec_packages; do
    tar xzf "$package"_*.orig.tar.gz
  done
  # It brings a function along that LuaJIT has.
  sed -i 's/LUA_VERSION_NUM < 502/LUA_VERSION_NUM < 501/' \
    "$(windows_source lua-cjson "$1")/lua_cjson.c"
}

fetch_windows_sources() {
  sources=$windows/sources
  if [ -d "$sources" ]; then return; fi
  printf 'run: fetching the sources of Lua and libcurl\n' >&2
  rm -rf "$sources.new"
  mkdir -p "$sources.new"
  (unpack_windows_sources "$sources.new")
  mv "$sources.new" "$sources"
}

# The folder of source $1, whatever its version.
windows_source() {
  for folder in "${2-$windows/sources}/$1"-[0-9]*/; do
    if [ -d "$folder" ]; then printf '%s\n' "${folder%/}"; return; fi
  done
  fail "there is no source of $1"
}

# --- Lua ---------------------------------------------------------------------

build_windows_lua() {
  folder=$(windows_source lua5.4)/src
  home=$prefix/lua5.4
  mkdir -p "$home/include"
  (
    cd "$folder"
    cp lua.h luaconf.h lualib.h lauxlib.h lua.hpp "$home/include/"
    for source in *.c; do
      case $source in lua.c | luac.c) ;; *) set -- "$@" "$source" ;; esac
    done
    $windows_cc -O2 -DLUA_BUILD_AS_DLL -DLUA_COMPAT_5_3 -shared -static-libgcc \
      -o "$home/lua54.dll" "$@"
    $windows_cc -O2 -DLUA_BUILD_AS_DLL -o "$home/lua.exe" lua.c \
      "$home/lua54.dll"
  )
  describe_windows_lua lua5.4 lua54
}

build_windows_luajit() {
  folder=$work/luajit
  home=$prefix/luajit
  mkdir -p "$home/include"
  cp -r "$(windows_source luajit)" "$folder"
  make -C "$folder/src" HOST_CC=cc CROSS=$windows_triplet- TARGET_SYS=Windows
  (
    cd "$folder/src"
    cp lua.h luaconf.h lualib.h lauxlib.h luajit.h lua.hpp "$home/include/"
    cp lua51.dll luajit.exe "$home/"
    mkdir -p "$home/lua"
    cp -r jit "$home/lua/"
  )
  describe_windows_lua luajit lua51
}

# For pkg-config: runtime $1 with the library $2. A module of ours takes Lua
# from the DLL of its host, which has that name.
describe_windows_lua() {
  cat >"$prefix/lib/pkgconfig/$1.pc" <<PC
Name: $1
Description: Lua for Windows
Version: 1
Cflags: -I"$windows_prefix/$1/include"
Libs: -L"$windows_prefix/$1" -l$2
PC
}

# build_windows_module RUNTIME FILE LIBRARIES FLAG… SOURCE…
build_windows_module() {
  home=$prefix/$1
  dll=$home/$2.dll
  libraries=$3
  shift 3
  mkdir -p "${dll%/*}"
  # shellcheck disable=SC2086  # a list
  $windows_cc -O2 -shared -static-libgcc -Wl,--no-insert-timestamp \
    -I"$home/include" -o "$dll" "$@" "$home"/lua5?.dll $libraries
}

# Those that Lua's own programs would have; all but the first for specs.
build_windows_modules() {
  export='__declspec(dllexport)'
  (
    cd "$(windows_source lua-cjson)"
    build_windows_module "$1" cjson '' lua_cjson.c strbuf.c fpconv.c
  )
  (
    cd "$(windows_source luasocket)/src"
    base='luasocket.c timeout.c buffer.c io.c auxiliar.c options.c inet.c'
    base="$base except.c select.c tcp.c udp.c wsocket.c compat.c"
    # shellcheck disable=SC2086  # a list
    build_windows_module "$1" socket/core -lws2_32 "-DLUASOCKET_API=$export" \
      $base
    build_windows_module "$1" mime/core '' "-DMIME_API=$export" mime.c compat.c
  )
  (
    cd "$(windows_source lua-filesystem)/src"
    build_windows_module "$1" lfs '' lfs.c
  )
}

# --- libcurl -----------------------------------------------------------------

write_windows_toolchain() {
  cat >"$1" <<TOOLCHAIN
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER $windows_cc)
set(CMAKE_RC_COMPILER $windows_triplet-windres)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
TOOLCHAIN
}

# With Windows' own TLS, and nothing else that would have to be brought along.
build_windows_libcurl() {
  write_windows_toolchain "$work/toolchain.cmake"
  cmake -S "$(windows_source curl)" -B "$work/curl" \
    -DCMAKE_TOOLCHAIN_FILE="$work/toolchain.cmake" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$work/installed" \
    -DCURL_USE_SCHANNEL=ON -DHTTP_ONLY=ON -DCURL_ZLIB=OFF \
    -DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none \
    -DBUILD_SHARED_LIBS=OFF -DBUILD_CURL_EXE=OFF -DBUILD_TESTING=OFF
  make -C "$work/curl" -j"$(cores)" install
  cp "$work/installed/lib/libcurl.a" "$prefix/lib/"
  cp -r "$work/installed/include" "$prefix/"
  cat >"$prefix/lib/pkgconfig/libcurl.pc" <<PC
Name: libcurl
Description: libcurl for Windows
Version: $(awk '/define LIBCURL_VERSION / { gsub(/"/, ""); print $3 }' \
    "$prefix/include/curl/curlver.h")
Cflags: -DCURL_STATICLIB -I"$windows_prefix/include"
Libs: -L"$windows_prefix/lib" -lcurl -lws2_32 -lcrypt32
PC
}

# --- all of it ---------------------------------------------------------------

make_windows_libraries() {
  if [ -d "$windows_prefix" ]; then return; fi
  fetch_windows_sources
  printf 'run: building Lua, LuaJIT and libcurl for Windows\n' >&2
  prefix=$windows_prefix.new
  work=$windows/work
  rm -rf "$prefix" "$work"
  mkdir -p "$prefix/lib/pkgconfig" "$work"
  logged lua5.4 build_windows_lua
  logged luajit build_windows_luajit
  for runtime in lua5.4 luajit; do
    logged "modules-$runtime" build_windows_modules "$runtime"
  done
  logged libcurl build_windows_libcurl
  rm -rf "$work"
  mv "$prefix" "$windows_prefix"
}
