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
werror=OFF
while [ "$#" -gt 0 ]; do
  case "$1" in
    --sanitize)
      preset=asan
      build_dir="$source_dir/build-asan"
      ;;
    --werror) werror=ON ;;
    -h | --help) usage; exit 0 ;;
    *) break ;;
  esac
  shift
done

"$source_dir/scripts/setup.sh" --tests
(cd "$source_dir" && cmake --preset "$preset" \
  -DCATC_BUILD_TESTS=ON -DCATC_BUILD_BENCHMARKS=ON -DCATC_WERROR="$werror")
# The benchmarks are built, so that they keep up with the code, and run by scripts/bench_docs.py and scripts/search_docs.py alone.
cmake --build "$build_dir" --target all benchmarks -j"$(nproc)"

status=0
(cd "$source_dir" && ctest --preset "$preset" -j"$(nproc)" "$@") || status=$?
# ctest has listed the unit tests that were skipped; it keeps to itself what lit says about missing tools and data.
sed -n 's/^lit: .*note: \(.* not found.*\)$/skipped: \1/p' "$build_dir/Testing/Temporary/LastTest.log" | sort -u
exit "$status"
