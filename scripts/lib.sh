# Helpers shared by the scripts of this folder. Sourced by them, never run by itself.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Programs that only tests need (newer restic, node, the Bitwarden CLI) live here, never in the tree.
# shellcheck disable=SC2034  # Read by the scripts that source this file.
tools=$root/build/tools
cd "$root"

# What CMakeLists.txt asks for, as Debian calls it.
# shellcheck disable=SC2034
build_packages=(cmake ninja-build g++ ccache libpoco-dev libssl-dev libsqlite3-dev libcrypt-dev
  libargon2-dev libyaml-cpp-dev nlohmann-json3-dev prometheus-cpp-dev libcli11-dev doctest-dev
  libfido2-dev liboath-dev libarchive-dev libkainjow-mustache-dev zlib1g-dev)

say() { printf '%s\n' "$*" >&2; }
die() {
  say "$(basename "$0"): $*"
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "needs root or sudo for: $*"
  fi
}

# Installs the Debian packages that are missing. Touches no network when none is.
need_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing from Debian: ${missing[*]}"
  # `env` because sudo drops the caller's environment.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
    "${missing[@]}" >/dev/null 2>&1 && return 0
  # The package lists may be missing (a fresh container) or older than the archive.
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
    "${missing[@]}" >/dev/null
}

# Like need_packages, but a program that is already there, from wherever, is good enough.
need_program() { # PROGRAM PACKAGE…
  local program=$1
  shift
  command -v "$program" >/dev/null || need_packages "$@"
}

# Compile jobs: one per core, but no more than memory carries at about 1.2 GB each.
jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1200000) }' /proc/meminfo)
  [ "$memory" -ge 1 ] || memory=1
  echo $((cores < memory ? cores : memory))
}

# Configures a CMake preset into build/PRESET.
configure_preset() { # PRESET [-DNAME=VALUE…]
  local preset=$1 log=$root/build/$1.configure.log
  need_packages "${build_packages[@]}"
  case $preset in clang | fuzz) need_packages clang libclang-rt-dev ;; esac
  mkdir -p "$root/build"
  cmake --preset "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    die "cmake --preset $preset failed"
  }
}

# Builds the targets of a preset (all when none is named).
build_preset() { # PRESET [-DNAME=VALUE…] [TARGET…]
  local preset=$1 definitions=()
  shift
  while [[ ${1:-} == -D* ]]; do
    definitions+=("$1")
    shift
  done
  configure_preset "$preset" "${definitions[@]}"
  ninja -C "$root/build/$preset" -j "$(jobs)" "$@"
}
