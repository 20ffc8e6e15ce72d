#!/usr/bin/env bash
# Installs what catc builds with, from Debian 12's own packages. Does nothing where all of it is installed already.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
set -euo pipefail

usage() {
  cat <<'END'
usage: scripts/setup.sh [--tests] [--list]
  --tests   also install what the tests need
  --list    print the packages and install nothing
Set CATC_SKIP_SETUP=1 where the packages are provided in another way.
END
}

build_packages=(
  g++ cmake ninja-build ccache mold pkg-config python3
  libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools zlib1g-dev libzstd-dev
  antlr4 libantlr4-runtime-dev
  libeigen3-dev libsqlite3-dev
  libtorch-dev libopenblas0-pthread
  libarchive-dev libjpeg62-turbo-dev libpng-dev libutf8proc-dev libpcre2-dev
  libonnx-dev libprotobuf-dev
)
# clang-format checks the sources' layout; git lists them; clang has libFuzzer; the emitted hardware is simulated by Verilator and
# Icarus, and synthesised by Yosys.
test_packages=(
  libgtest-dev libgmock-dev libbenchmark-dev clang-format-22 git
  clang-22 libclang-rt-22-dev
  verilator iverilog yosys
)

packages=("${build_packages[@]}")
list=false
for argument in "$@"; do
  case "$argument" in
    --tests) packages+=("${test_packages[@]}") ;;
    --list) list=true ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

if "$list"; then
  printf '%s\n' "${packages[@]}"
  exit 0
fi
if [ "${CATC_SKIP_SETUP:-}" = 1 ]; then
  exit 0
fi
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "setup: this script installs Debian packages, and this is not a Debian system." >&2
  echo "setup: install the equivalents of these, then set CATC_SKIP_SETUP=1: ${packages[*]}" >&2
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
if [ "${#missing[@]}" -eq 0 ]; then
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "setup: run this as root, or install sudo; missing packages: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "setup: installing ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
