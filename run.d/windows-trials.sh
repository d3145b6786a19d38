# shellcheck shell=sh
# What is tried under wine, beside the demo; see windows.sh.

# The specs of the library that run on a Lua for Windows: a shell that they ask
# is the POSIX system's. docs/windows.md says why the others do not.
windows_spec_names='answers bearer cli_doctor cli_values core date epoch errors
examples faults_content faults_framing faults_reuse file_parts gate later
library log misuse pages parallel part_set part_sizes progressive response
resume_state retries retry safe secrets secrets_uploads stream_parts tasks
tasks_cancel tasks_misuse tasks_step upload_examples upload_tokens videos
videos_cancel videos_misuse videos_once videos_progress videos_resume
videos_slow walk'

# Of LuaJIT, what another runtime could change.
windows_luajit_names='bearer core date later library pages parallel part_sizes
response resume_state safe tasks tasks_step upload_tokens videos_cancel
videos_once walk'

# Not of them, as Lua's patterns: names that Windows' files cannot have;
# devices, descriptors and processes of POSIX; walks by the thousand, which
# take a while.
windows_filters='--filter-out=random.walks --filter-out=200.more
--filter-out=device.or.a.process --filter-out=name.of.a.file
--filter-out=leaves.no.file.open --filter-out=that.of.the.file.cannot
--filter-out=such.a.file.under --filter-out=finds.all.well.at.the
--filter-out=call.that.ends.when.it.is.started'

windows_spec_files() {
  for name in "$@"; do printf 'spec/%s_spec.lua\n' "$name"; done
}

try_windows() {
  try_compilers
  shell_trial 'a host in C with the module in it: demo' links_into_a_host
  try_windows_zip
  try_schannel
  windows_specs 'lua5.4: files' lua spec/windows/files.lua
  windows_specs 'lua5.4: TLS' lua spec/windows/tls.lua
  windows_specs 'lua5.4: proxies' lua spec/windows/proxies.lua
  windows_specs 'lua5.4: the command line' lua spec/windows/cli.lua
  try_windows_console
  windows_specs 'lua5.4: uploads that are killed' lua spec/windows/killed.lua
  windows_specs 'luajit: files' luajit spec/windows/files.lua
  windows_specs 'luajit: the command line' luajit spec/windows/cli.lua
  # shellcheck disable=SC2046,SC2086  # lists
  windows_specs 'luajit: specs of the library' luajit \
    $(windows_spec_files $windows_luajit_names)
  # shellcheck disable=SC2046,SC2086  # lists
  windows_specs 'lua5.4: specs of the library' lua \
    $(windows_spec_files $windows_spec_names)
}

# Whose terminal is the POSIX system's, and so is the Lua that looks at it.
try_windows_console() {
  make_for build lua5.4 >"$windows_logs/build" 2>&1
  count_specs 'lua5.4: a console' spec/support/with.sh lua5.4 lua5.4 \
    "$(command -v busted)" --output=plainTerminal spec/windows/console.lua
}

# --- compilers ---------------------------------------------------------------

compiles_for_x86() {
  for file in src/core/*.c src/binding/*.c; do
    i686-w64-mingw32-gcc -std=c99 -Wall -Wextra -Wshadow -Wstrict-prototypes \
      -Werror -DCURL_STATICLIB -I"$windows_prefix/include" \
      -I"$windows_prefix/lua5.4/include" -fsyntax-only "$file" || return
  done
}

# Microsoft's compiler is not here: clang, as if it were that, and the headers
# of mingw. It links nothing.
compiles_like_msvc() {
  for file in src/core/*.c src/binding/*.c; do
    clang --target=x86_64-pc-windows-msvc -fsyntax-only -std=c11 -Wall \
      -Wextra -Werror -ffreestanding -include spec/lint/msvc.h \
      -D_CRT_SECURE_NO_WARNINGS -DCURL_STATICLIB \
      -isystem "/usr/$windows_triplet/include" \
      -isystem "$windows_prefix/include" \
      -isystem "$windows_prefix/lua5.4/include" "$file" || return
  done
}

try_compilers() {
  shell_trial 'compiles for x86' compiles_for_x86
  shell_trial 'compiles as with MSVC: clang' compiles_like_msvc
}

# A host in C, linked statically, as docs/embedding.md says. Its Lua is beside
# it, its modules where spec/windows/lua has them.
links_into_a_host() {
  home=$windows_prefix/lua5.4
  host=$windows_build/host/host.exe
  windows_make static-lua5.4
  mkdir -p "${host%/*}"
  cp "$home/lua54.dll" "${host%/*}/"
  $windows_cc spec/windows/host.c "$windows_build/lua5.4/libapivideo.a" \
    -I"$home/include" -o "$host" -L"$home" -llua54 -L"$windows_prefix/lib" \
    -lcurl -lws2_32 -lcrypt32 -lbcrypt -ladvapi32 || return
  # shellcheck disable=SC2016  # it is that shell's
  LUA_PATH="Z:$root/lua/?.lua;Z:$root/lua/?/init.lua" \
    LUA_CPATH="Z:$home/?.dll" with_wine timeout 60 sandbox/sandbox -- \
    wine "$host" examples/demo.lua
}

# --- TLS ---------------------------------------------------------------------

# Wine's Schannel may take any server whose authority nobody named. That is
# shown with libcurl alone; the spec that says otherwise is then skipped, and
# not proven here.
try_schannel() {
  $windows_cc -DCURL_STATICLIB -I"$windows_prefix/include" \
    spec/windows/schannel.c -o "$windows_build/schannel.exe" \
    -L"$windows_prefix/lib" -lcurl -lws2_32 -lcrypt32 -lbcrypt -static-libgcc
  if with_wine timeout 60 sandbox/sandbox --tls -- sh -c \
    "exec wine '$windows_build/schannel.exe' \
      \"https://localhost:\${APIVIDEO_BASE_URL##*:}\"" \
    >"$windows_logs/schannel.log" 2>&1; then
    export APIVIDEO_SCHANNEL_TRUSTS_ALL=1
    printf '%-46s %s\n' 'libcurl alone: an unknown authority' \
      "accepted, by wine's Schannel"
  else
    printf '%-46s %s\n' 'libcurl alone: an unknown authority' refused
  fi
}
