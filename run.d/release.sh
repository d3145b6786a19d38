# shellcheck shell=sh
# What is handed out: made in build/release, from what is committed.

# Debian's packages are made there: what is built on an older libcurl runs on
# newer ones.
release_system=bookworm

run_release() {
  case ${1-} in
    --try)
      shift
      try_release "$@" ;;
    [0-9]*.[0-9]*.[0-9]*)
      [ $# -eq 1 ] || fail "release takes one version, not '$2'" 2
      make_release "$1" ;;
    *) fail 'release takes a version such as 0.1.0, or --try' 2 ;;
  esac
}

need_release() {
  need_build lua5.4
  need_runtimes lua5.4
  need_tools luarocks zip
  need_windows_build
  chosen=$release_system
  need_systems
}

make_release() {
  umask 022 # who makes it has no say in who may read it
  [ -e "$root/.git" ] ||
    fail 'a release is made of what is committed, and there is no git here'
  [ -z "$(git -C "$root" status --porcelain)" ] ||
    fail 'a release is made of what is committed, and git status names more'
  need_root_on_linux
  ensure need_release
  make_for build lua5.4
  check_versions "$1"
  release=$root/build/release
  archive=apivideo-$1.tar.gz rockspec=apivideo-$1-1.rockspec
  # What is made is as old as what it is made from: so it is the same each time.
  SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct)
  export SOURCE_DATE_EPOCH
  rm -rf "$release"
  mkdir -p "$release"
  make_archive "$1"
  make_rock "$1"
  make_debian_packages "$1"
  add_windows_zip
  (cd "$release" && sha256sum -- * >SHA256SUMS && cat SHA256SUMS)
}

need_root_on_linux() {
  [ "$(uname -s)" = Linux ] && [ "$(id -u)" -eq 0 ] ||
    fail 'release makes systems in folders and enters them, as root, on Linux'
}

# --- versions ----------------------------------------------------------------

# Each place that has the version: the version, and the place. The rockspec of
# the checkout has none: the one for $1 is made from it.
versions() {
  sed -n 's/^## \([0-9.]*\).*/\1 CHANGELOG.md/p' "$root/CHANGELOG.md" |
    head -n 1
  sed -n 's|^#define APV_VERSION "\(.*\)"|\1 src/core/types.h|p' \
    "$root/src/core/types.h"
  (
    set_paths lua5.4
    lua5.4 -e 'print(require("apivideo")._VERSION .. " _VERSION in Lua")'
  )
  release_rockspec "$1" '' |
    sed -n 's|.*/apivideo-\(.*\)\.tar\.gz",|\1 the rockspec|p'
}

check_versions() {
  found=$(versions "$1")
  [ "$(printf '%s\n' "$found" | grep -c "^$1 ")" -eq 4 ] || {
    printf '%s\n' "$found" >&2
    fail "they do not agree on $1; docs/contributing.md says how to release"
  }
  ! grep -q "^## $1, not released" "$root/CHANGELOG.md" ||
    echo 'run: CHANGELOG.md says that it is not released yet' >&2
}

# --- the source, and its rock ------------------------------------------------

make_archive() {
  git -C "$root" -c tar.umask=0022 archive --prefix="apivideo-$1/" HEAD |
    gzip -n9 >"$release/$archive"
}

# The rockspec of the checkout, for the version $1 and the archive with the MD5
# sum $2. The variable RELEASE_URL names the folder where that will be to be
# had; without it, it is the folder in which luarocks is started.
release_rockspec() {
  url=${RELEASE_URL:-file:/}/apivideo-$1.tar.gz
  sed -e "s|^version = .*|version = \"$1-1\"|" \
    -e "s|\"git+file://.\",|\"$url\",\n  md5 = \"$2\",|" \
    "$root/apivideo-scm-1.rockspec"
}

# It is what `luarocks pack` makes, but for the time of day.
make_rock() {
  (
    cd "$release"
    sum=$(md5sum "$archive")
    release_rockspec "$1" "${sum%% *}" >"$rockspec"
    luarocks lint "$rockspec"
    touch -d "@$SOURCE_DATE_EPOCH" "$archive" "$rockspec"
    TZ=UTC zip -qX9 "apivideo-$1-1.src.rock" "$rockspec" "$archive"
  )
}

# --- Debian's packages -------------------------------------------------------

make_debian_packages() {
  copy_system "$release_system"
  source=$copy/build/apivideo-$1
  log=$root/build/release.log
  mkdir "$copy/build"
  cp "$release/$archive" "$copy/build/lua-apivideo_$1.orig.tar.gz"
  tar -C "$copy/build" -xf "$release/$archive"
  cp -R "$source/packaging/debian" "$source/debian"
  debian_changelog "$1" >"$source/debian/changelog"
  enter "$copy" env SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" \
    DEBIAN_FRONTEND=noninteractive DEB_BUILD_OPTIONS=noautodbgsym \
    sh -euxc "cd /build/apivideo-$1
      apt-get -qy update
      apt-get -qy --no-install-recommends build-dep ./
      apt-get -qy --no-install-recommends install lintian
      dpkg-buildpackage -us -uc
      lintian --allow-root --display-info --fail-on error,warning,info \
        ../*.changes" >"$log" 2>&1 </dev/null || {
    tail -n 40 "$log" >&2
    fail "the packages could not be made, see $log"
  }
  cp "$copy"/build/*.deb "$release"
  rm -rf "$copy"
}

# There is one entry: what is new is in CHANGELOG.md.
debian_changelog() {
  maintainer=$(sed -n 's/^Maintainer: //p' "$root/packaging/debian/control")
  date=$(LC_ALL=C date -uR -d "@$SOURCE_DATE_EPOCH")
  cat <<ENTRY
lua-apivideo ($1-1) unstable; urgency=medium

  * Version $1; CHANGELOG.md says what is new.

 -- $maintainer  $date
ENTRY
}

# --- Windows -----------------------------------------------------------------

add_windows_zip() {
  make_windows_libraries
  make_windows_modules
  (cd "$root" && make_windows_zip && cp "$zip" "$release")
}
