#!/usr/bin/env bash
# Sets up, builds catc into build/ and runs it: on the arguments given, or on the main example.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

if [ "${1:-}" = --help ] || [ "${1:-}" = -h ]; then
  echo "usage: scripts/run.sh [catc's arguments]    default: search examples/clip_vit_b16.cat"
  exit 0
fi

"$source_dir/scripts/setup.sh"
# A build folder that is configured already keeps its options; its own rules notice what changed.
if [ ! -f "$source_dir/build/build.ninja" ]; then
  (cd "$source_dir" && cmake --preset release -DCATC_BUILD_TESTS=OFF -DCATC_BUILD_BENCHMARKS=OFF)
fi
cmake --build "$source_dir/build" --target tools -j"$(nproc)"

if [ "$#" -eq 0 ]; then
  set -- search "$source_dir/examples/clip_vit_b16.cat"
  # Run again, it shows what it found, or goes on where it was stopped.
  [ ! -f clip_vit_b16.run/study.sqlite ] || set -- "$@" --resume
fi
exec "$source_dir/build/bin/catc" "$@"
