# Compares two safetensors files of F32 with the same tensors: distance.py A B TOLERANCE.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import array
import json
import pathlib
import struct
import sys


def read(path):
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    return header, array.array("f", data[8 + length :])


(first, a), (second, b) = read(sys.argv[1]), read(sys.argv[2])
if first != second:
    raise SystemExit("the files have other tensors")
distance = max(abs(x - y) for x, y in zip(a, b))
print(f"{sorted(first)} differ by {distance:.2g}")
if not distance <= float(sys.argv[3]):
    raise SystemExit(f"more than {sys.argv[3]}")
