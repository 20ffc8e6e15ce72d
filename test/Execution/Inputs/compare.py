#!/usr/bin/env python3
# Compares tensors of two safetensors files.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""compare.py ACTUAL EXPECTED TOLERANCE NAME=NAME...: the largest difference between a tensor of the one and a tensor of
the other must be at most the tolerance. NAME=unit:NAME scales the rows of the other to unit length first."""

import json
import math
import pathlib
import struct
import sys


def read(path):
    """All tensors of F32 in a file, by name."""
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            tensors[name] = struct.unpack(f"<{(end - begin) // 4}f", data[begin:end])
            width = entry["shape"][-1] if entry["shape"] else 1
            tensors["unit:" + name] = unit_rows(tensors[name], width)
    return tensors


def unit_rows(values, width):
    rows = (values[i : i + width] for i in range(0, len(values), width))
    return [value / max(math.hypot(*row), 1e-12) for row in rows for value in row]


def main():
    actual, expected = read(sys.argv[1]), read(sys.argv[2])
    tolerance = float(sys.argv[3])
    ok = True
    for pair in sys.argv[4:]:
        mine, theirs = pair.split("=")
        if len(actual[mine]) != len(expected[theirs]):
            print(f"{pair}: {len(actual[mine])} elements, expected {len(expected[theirs])}")
            ok = False
            continue
        # A not-a-number is no match.
        worst = max(abs(a - b) if a == a else float("inf") for a, b in zip(actual[mine], expected[theirs]))
        largest = max(abs(b) for b in expected[theirs])
        print(f"{pair}: largest difference {worst:.2g} (values to {largest:.2g}), tolerance {tolerance:g}")
        ok = ok and worst <= tolerance
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
