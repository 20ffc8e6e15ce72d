#!/usr/bin/env python3
# Prints the record catc.model/1 of a model of tiny.cat.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""record.py TEXT_LAYERS VISION_FFN VISION_HEADS VISION_WIDTH"""

import json
import sys


def record(layers=2, ffn=64, heads=4, width=32, image=32, vocab=32):
    text = {"layers": layers, "ffn": 64, "heads": 2, "width": 32, "head_dim": 16, "context": 12, "vocab": vocab}
    vision = {"layers": 2, "ffn": ffn, "heads": heads, "width": width, "head_dim": 16, "patch": 8, "image": image}
    segments = [{"name": "text", "sizes": text}, {"name": "vision", "sizes": vision}]
    return {"schema": "catc.model/1", "family": "clip", "activation": "gelu", "embed": 16, "segments": segments}


if __name__ == "__main__":
    print(json.dumps(record(*map(int, sys.argv[1:]))))
