# shellcheck shell=sh
# Other systems, each in a folder: made once by debootstrap, copied for each
# run, and thrown away after it. systems.txt lists them.

# What newer libcurls change most.
short_system=trixie
short_runtimes=lua5.4
short_specs='answers faults_framing tls proxy http2 faults_reuse'

systems=${APIVIDEO_SYSTEMS:-${XDG_CACHE_HOME:-$HOME/.cache}/apivideo/systems}

need_systems() {
  need_tools debootstrap
  case " $chosen " in
    *-arm64*) has_tool qemu-aarch64-static || has_tool qemu-aarch64 ||
      lacks qemu ;;
  esac
}

run_matrix() {
  short='' chosen=''
  for word in "$@"; do
    case $word in
      --short) short=yes ;;
      *)
        [ -n "$(system_field "$word" 1)" ] ||
          fail "there is no system '$word', try: $(all_systems)" 2
        chosen="$chosen $word" ;;
    esac
  done
  [ -n "$chosen" ] || chosen=$(all_systems)
  [ -z "$short" ] || chosen=$short_system
  [ "$(uname -s)" = Linux ] && [ "$(id -u)" -eq 0 ] ||
    fail 'matrix makes systems in folders and enters them, as root, on Linux'
  ensure need_systems
  matrix_logs=$root/build/matrix
  mkdir -p "$systems" "$matrix_logs"
  [ -z "$(git -C "$root" status --porcelain)" ] ||
    echo 'run: what is not committed is not tried' >&2
  printf '%-14s  %-8s  %-12s  %-8s  %-6s  %6s  %6s  %7s  %7s\n' system \
    libcurl Lua gcc demo passed failed skipped seconds
  bad=''
  for system in $chosen; do try_system "$system" || bad="$bad $system"; done
  for system in $bad; do show_failures "$system"; done
  [ -z "$bad" ]
}

# Field $2 of system $1.
system_field() {
  awk -v name="$1" -v field="$2" \
    '$1 == name { gsub(/\+/, " ", $field); print $field }' \
    "$root/run.d/systems.txt"
}

all_systems() {
  awk '!/^#/ { printf "%s%s", space, $1; space = " " }' \
    "$root/run.d/systems.txt"
}

# --- making them -------------------------------------------------------------

# Makes the folder of system $1, if it is not there; a half of one never is.
make_system() {
  base=$systems/$1/base
  if [ -d "$base" ]; then return; fi
  printf 'run: making %s\n' "$base" >&2
  rm -rf "$base.new"
  mkdir -p "$systems/$1"
  set -- "$(system_field "$1" 2)" "$(system_field "$1" 3)"
  case $2 in
    arm64)
      register_emulator
      bootstrap "$1" --arch=arm64 --foreign
      enter "$base.new" /debootstrap/debootstrap --second-stage ;;
    -) bootstrap "$1" ;;
    *) bootstrap "$1" --arch="$2" ;;
  esac >"$base.log" 2>&1 || {
    tail -n 20 "$base.log" >&2
    fail "debootstrap failed, see $base.log"
  }
  mv "$base.new" "$base"
}

bootstrap() {
  suite=$1
  shift
  debootstrap --variant=minbase --include=git,ca-certificates "$@" \
    "$suite" "$base.new"
}

# The kernel starts programs of that processor in it, in every folder: flag F.
# This one thing is the whole machine's, and stays until it is restarted.
register_emulator() {
  formats=/proc/sys/fs/binfmt_misc
  [ -e $formats/register ] || mount -t binfmt_misc binfmt_misc $formats
  if [ -e $formats/qemu-aarch64 ]; then return; fi
  emulator=$(command -v qemu-aarch64-static || command -v qemu-aarch64)
  zeros='\x00\x00\x00\x00\x00\x00\x00\x00' ones='\xff\xff\xff\xff\xff\xff\xff'
  magic="\x7fELF\x02\x01\x01\x00$zeros\x02\x00\xb7\x00"
  mask="$ones\x00$ones\xff\xfe\xff\xff\xff"
  printf '%s' ":qemu-aarch64:M::$magic:$mask:$emulator:F" >$formats/register
}

# Runs a command in the folder $1, with mounts and processes of its own, which
# end with it.
enter() {
  folder=$1
  shift
  # shellcheck disable=SC2016  # it is expanded by that shell
  unshare --mount --pid --fork --kill-child sh -euc '
    folder=$1 archives=$2
    shift 2
    mount -t proc proc "$folder/proc"
    mount --rbind /dev "$folder/dev"
    mount -t tmpfs tmpfs "$folder/tmp"
    [ ! -d "$archives" ] || mount --bind "$archives" \
      "$folder/var/cache/apt/archives"
    exec chroot "$folder" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
      HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
      NODE_EXTRA_CA_CERTS=/root/authorities.pem \
      ${http_proxy:+http_proxy="$http_proxy"} \
      ${https_proxy:+https_proxy="$https_proxy"} "$@"
    ' enter "$folder" "${folder%/*}/archives" "$@"
}

# --- trying them -------------------------------------------------------------

# Prints the line of system $1.
try_system() {
  make_system "$1"
  [ "$(system_field "$1" 3)" != arm64 ] || register_emulator
  copy=$systems/$1/run
  log=$matrix_logs/$1
  rm -rf "$copy" "$log".*
  cp -a "$systems/$1/base" "$copy"
  mkdir -p "$systems/$1/archives" # what was downloaded once stays
  git clone -q "$root" "$copy/root/apivideo"
  cp /etc/resolv.conf "$copy/etc/resolv.conf"
  # Whom this machine trusts to be the registry of npm.
  cp /etc/ssl/certs/ca-certificates.crt "$copy/root/authorities.pem"
  test_runtimes=$(system_field "$1" 4)
  test_specs=$(system_field "$1" 5)
  if [ -n "$short" ]; then
    test_runtimes=$short_runtimes test_specs=$short_specs
  fi
  if [ "$test_specs" = all ]; then
    test_specs=''
  else
    test_specs="--library $test_specs"
  fi
  began=$(date +%s)
  demo=ok
  inside="cd /root/apivideo && export RUNTIMES='$test_runtimes' &&"
  enter "$copy" sh -c "$inside ./run demo" </dev/null >"$log.demo" 2>&1 ||
    demo=FAILED
  enter "$copy" sh -c "$inside ./run test $test_runtimes $test_specs" \
    </dev/null >"$log.test" 2>&1 || :
  print_line "$1" "$(enter "$copy" sh -c "$inside
    pkg-config --modversion libcurl
    ${test_runtimes%% *} -v 2>&1 | sed 's/^\\([^ ]* [^ ]*\\).*/\\1/;s/ /-/'
    gcc -dumpfullversion" 2>/dev/null | tr '\n' ' ')"
  rm -rf "$copy"
  [ "$demo" = ok ] && tail -n 1 "$log.test" | grep -q ' 0 failed'
}

# print_line SYSTEM VERSIONS
print_line() {
  # "N passed, N failed, N skipped", or something else if it did not get there
  tail -n 1 "$log.test" | awk -v system_name="$1" -v versions="$2" \
    -v demo="$demo" -v seconds="$(($(date +%s) - began))" '{
      split(versions, version, " ")
      if ($0 !~ /^[0-9]+ passed, [0-9]+ failed/) { $1 = 0; $3 = "-"; $5 = 0 }
      printf "%-14s  %-8s  %-12s  %-8s  %-6s  %6d  %6s  %7d  %7d\n",
        system_name, version[1], version[2], version[3], demo, $1, $3, $5,
        seconds
    }'
}

# The last lines of a demo that failed; which specs did, and how often.
show_failures() {
  printf '\n--- %s: see %s\n' "$1" "$matrix_logs/$1.*"
  tail -n 3 "$matrix_logs/$1.demo"
  grep -aE '^(Failure|Error) ' "$matrix_logs/$1.test" | sed 's/ @ .*//' |
    sort | uniq -c | sort -rn
  tail -n 3 "$matrix_logs/$1.test"
}
