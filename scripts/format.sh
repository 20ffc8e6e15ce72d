#!/usr/bin/env bash
# Checks the layout of the C++ sources against .clang-format, or with --fix rewrites them.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=(--dry-run -Werror)
case "${1:-}" in
  "") ;;
  --fix) mode=(-i) ;;
  *) echo "usage: scripts/format.sh [--fix]" >&2; exit 2 ;;
esac

formatter=$(command -v clang-format-22 || true)
if [ -z "$formatter" ]; then
  echo "format: clang-format-22 is not installed; scripts/setup.sh --tests installs it" >&2
  exit 1
fi
# Generated files are not in the tree; everything below these folders is ours.
if ! find lib dialects tools test examples \( -name '*.cpp' -o -name '*.h' \) -not -path '*/build*/*' -print0 \
  | xargs -0 --no-run-if-empty "$formatter" --style=file "${mode[@]}"; then
  echo "format: the files above are not laid out as .clang-format says; scripts/format.sh --fix rewrites them" >&2
  exit 1
fi
