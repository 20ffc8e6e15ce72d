# Pictures with captions, merges of a tokenizer, and inputs of the model itself: pictures.py FOLDER.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import array
import json
import pathlib
import random
import struct
import sys
import zlib

WORDS = ["red", "green", "blue", "dark", "bright", "striped", "plain", "small"]


def png(width, height, row):
    """A PNG of 8-bit RGB; row(y) gives its bytes."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    body = b"".join(b"\0" + row(y) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


folder = pathlib.Path(sys.argv[1])
generator = random.Random(5)
lines = ["filepath\ttitle"]
for i, word in enumerate(WORDS):
    width, height = 230 + 7 * i, 260 - 3 * i
    picture = png(width, height, lambda y: generator.randbytes(3 * width))
    (folder / f"{i}.png").write_bytes(picture)
    lines.append(f"{i}.png\ta {word} picture")
(folder / "pictures.csv").write_text("\n".join(lines) + "\n")
(folder / "merges.txt").write_text("#version: 0.2\na r\nr e\n")

images = array.array("f", (generator.gauss(0, 1) for _ in range(2 * 3 * 224 * 224)))
tokens = array.array("q")
for end in (5, 20):
    ids = [49406] + [generator.randrange(1, 49406) for _ in range(end - 1)] + [49407]
    tokens.extend(ids + [0] * (77 - len(ids)))
first, second = images.tobytes(), tokens.tobytes()
header = {
    "image": {"dtype": "F32", "shape": [2, 3, 224, 224], "data_offsets": [0, len(first)]},
    "text": {"dtype": "I64", "shape": [2, 77], "data_offsets": [len(first), len(first) + len(second)]},
}
text = json.dumps(header).encode()
(folder / "in.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + first + second)
