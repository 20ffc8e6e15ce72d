# An evaluator that saves random weights of what it is asked for.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import array
import json
import math
import pathlib
import random
import struct
import sys


def shapes_of(record):
    """The tensors of a model, as OpenCLIP names them."""
    towers = {("visual." if "patch" in s["sizes"] else ""): s["sizes"] for s in record["segments"]}
    shapes = {"logit_scale": []}
    for prefix, size in towers.items():
        width, ffn, qkv = size["width"], size["ffn"], size["heads"] * size["head_dim"]
        norms = []
        for i in range(size["layers"]):
            layer = f"{prefix}transformer.resblocks.{i}."
            norms += [layer + "ln_1", layer + "ln_2"]
            shapes |= {
                layer + "attn.in_proj_weight": [3 * qkv, width],
                layer + "attn.in_proj_bias": [3 * qkv],
                layer + "attn.out_proj.weight": [width, qkv],
                layer + "attn.out_proj.bias": [width],
                layer + "mlp.c_fc.weight": [ffn, width],
                layer + "mlp.c_fc.bias": [ffn],
                layer + "mlp.c_proj.weight": [width, ffn],
                layer + "mlp.c_proj.bias": [width],
            }
        if prefix:
            patch, tokens = size["patch"], (size["image"] // size["patch"]) ** 2 + 1
            norms += ["visual.ln_pre", "visual.ln_post"]
            shapes |= {
                "visual.class_embedding": [width],
                "visual.conv1.weight": [width, 3, patch, patch],
                "visual.positional_embedding": [tokens, width],
                "visual.proj": [width, record["embed"]],
            }
        else:
            norms += ["ln_final"]
            shapes |= {
                "token_embedding.weight": [size["vocab"], width],
                "positional_embedding": [size["context"], width],
                "text_projection": [width, record["embed"]],
            }
        shapes |= {name + part: [width] for name in norms for part in (".weight", ".bias")}
    return shapes


def save(record, path):
    header = {"__metadata__": {"catc.model": json.dumps(record)}}
    values = array.array("f")
    generator = random.Random(1)
    for name, shape in sorted(shapes_of(record).items()):
        begin = 4 * len(values)
        values.extend(generator.gauss(0, 0.3) for _ in range(math.prod(shape)))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, 4 * len(values)]}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + values.tobytes())


def main():
    print(json.dumps({"catc": "evaluator/1", "configurable": True}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request["type"] == "configure":
            answer = {"ready": True, "metric": "heads", "artefacts": True}
        else:
            record = request["model"]
            vision = next(s["sizes"] for s in record["segments"] if "patch" in s["sizes"])
            answer = {"accuracy": 0.5 + vision["heads"] / 50 + vision["width"] / 1000}
            folder = pathlib.Path(request["artefacts"])
            folder.mkdir(parents=True)
            save(record, folder / "model.safetensors")
        print(json.dumps({"id": request["id"], **answer}), flush=True)


if __name__ == "__main__":
    main()
