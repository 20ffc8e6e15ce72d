# Checks emitted files against each other and against the front that the design is of.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import hashlib
import json
import math
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
emitted = json.loads((folder / "accelerator.json").read_text())
manifest = json.loads((folder / "manifest.json").read_text())
front = json.loads(pathlib.Path(sys.argv[2]).read_text())
point = next(p for p in front["points"] if p["id"] == emitted["design"])

for name, value in emitted["metrics"].items():
    if name != "accuracy":
        assert value == point["metrics"][name], name
assert emitted["metrics"]["accuracy"]["value"] == point["metrics"]["accuracy"]["value"]
assert {name: p["value"] for name, p in emitted["parameters"].items()} == point["parameters"]

cycles = sum(op["cycles"] * op["executions"] for op in emitted["operators"])
energy = sum(op["energy_j"] * op["executions"] for op in emitted["operators"])
assert cycles / emitted["machine"]["clock_hz"] == emitted["metrics"]["latency_s"], cycles
assert math.isclose(energy, emitted["metrics"]["energy_j"], rel_tol=1e-12), energy

assert {f["name"] for f in manifest["files"]} | {"manifest.json"} == {p.name for p in folder.iterdir()}
for file in manifest["files"]:
    data = (folder / file["name"]).read_bytes()
    assert len(data) == file["bytes"] and hashlib.sha256(data).hexdigest() == file["sha256"], file["name"]

# OpenCLIP takes a configuration's members as keyword arguments (open_clip/model.py: CLIP, CLIPVisionCfg, CLIPTextCfg).
model = json.loads((folder / "model.json").read_text())
vision = {"image_size", "layers", "width", "head_width", "patch_size", "mlp_ratio"}
text = {"context_length", "vocab_size", "width", "heads", "layers", "mlp_ratio"}
assert set(model) - {"quick_gelu"} == {"embed_dim", "vision_cfg", "text_cfg"}, list(model)
assert set(model["vision_cfg"]) == vision and set(model["text_cfg"]) == text, model
record = json.loads((folder / "model.catc.json").read_text())
assert record["configuration"] == "model.json" and record["design"] == manifest["design"], record
