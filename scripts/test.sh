#!/usr/bin/env bash
# Sets up, builds everything and runs all tests.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
  cat <<'END'
usage: scripts/test.sh [--sanitize] [--werror] [ctest's arguments]
  --sanitize   build into build-asan with AddressSanitizer and UBSan, and run the tests there
  --werror     treat compiler warnings as errors
END
}

preset=release
build_dir="$source_dir/build"
options=(-DCATC_BUILD_TESTS=ON -DCATC_BUILD_BENCHMARKS=ON)
while [ "$#" -gt 0 ]; do
  case "$1" in
    --sanitize)
      preset=asan
      build_dir="$source_dir/build-asan"
      export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
      ;;
    --werror) options+=(-DCATC_WERROR=ON) ;;
    -h | --help) usage; exit 0 ;;
    *) break ;;
  esac
  shift
done

"$source_dir/scripts/setup.sh" --tests
(cd "$source_dir" && cmake --preset "$preset" "${options[@]}")
cmake --build "$build_dir" -j"$(nproc)"

status=0
ctest --test-dir "$build_dir" --output-on-failure -j"$(nproc)" "$@" || status=$?
# What was not tested, and why: ctest keeps the output of a test that passed to itself.
grep -hE '^lit: .*note: .* not found|^SKIPPED: ' "$build_dir/Testing/Temporary/LastTest.log" | sort -u || true
exit "$status"
