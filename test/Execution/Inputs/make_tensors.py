#!/usr/bin/env python3
# Writes a safetensors file.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""make_tensors.py FILE NAME=DTYPE:SHAPE:VALUES...: w=F32:2,3:1,2,3,4,5,6 is a tensor of 2 x 3 elements, s=F32::1 a
scalar. "wave" in place of the values stands for some between -2 and 2."""

import json
import math
import pathlib
import struct
import sys

FORMATS = {"F32": "f", "F64": "d", "I32": "i", "I64": "q"}


def main():
    header, data = {}, b""
    for argument in sys.argv[2:]:
        name, _, description = argument.partition("=")
        dtype, shape, values = description.split(":")
        begin = len(data)
        if values == "wave":
            count = math.prod(int(size) for size in shape.split(","))
            values = ",".join(str(2 * math.sin(0.7 * i * i)) for i in range(count))
        numbers = [float(v) if dtype[0] == "F" else int(v) for v in values.split(",")]
        data += struct.pack(f"<{len(numbers)}{FORMATS[dtype]}", *numbers)
        sizes = [int(size) for size in shape.split(",")] if shape else []
        header[name] = {"dtype": dtype, "shape": sizes, "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(sys.argv[1]).write_bytes(struct.pack("<Q", len(text)) + text + data)


if __name__ == "__main__":
    main()
