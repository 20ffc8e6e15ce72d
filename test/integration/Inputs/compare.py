# Compares what programs compute: compare.py INPUTS EXPECTED (FOUND.safetensors | GRAPH.onnx | OPENCLIP-FOLDER)...
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import json
import pathlib
import sys

import tensors


def run_openclip(folder, image, text):
    """What OpenCLIP as it stands makes of the two files that it looks for."""
    import open_clip
    import torch

    if hasattr(open_clip.factory, "LOCAL_DIR_PREFIX"):  # Since 3.0 it loads folders itself.
        model = open_clip.create_model(f"local-dir:{folder}")
    else:
        model = open_clip.CLIP(**json.loads((folder / "open_clip_config.json").read_text())["model_cfg"])
        weights = tensors.read(folder / "open_clip_model.safetensors")
        model.load_state_dict({name: torch.tensor(array) for name, array in weights.items()}, strict=True)
    model.eval()
    with torch.no_grad():
        images, texts = model.encode_image(torch.tensor(image)), model.encode_text(torch.tensor(text))
        logits, _ = model.get_logits(torch.tensor(image), torch.tensor(text))
    return {"image_features": images.numpy(), "text_features": texts.numpy(), "logits_per_image": logits.numpy()}


given, expected = tensors.read(sys.argv[1]), tensors.read(sys.argv[2])
for argument in sys.argv[3:]:
    path = pathlib.Path(argument)
    if path.suffix == ".onnx":
        one = "batch1" in path.name
        image, text = (given[name][:1] if one else given[name] for name in ("image", "text"))
        wanted = {name: array[:1, :1] if one and name.startswith("logits") else array[: len(image)] for name, array in expected.items()}
        tensors.check_onnx(path, image, text, wanted)
        continue
    found = run_openclip(path, given["image"], given["text"]) if path.is_dir() else tensors.read(path)
    if "similarity" in found:  # As cat-run names what the graph ends in.
        tensors.difference(f"{path.name} vision", found["vision"], tensors.unit(expected["image_features"]), tensors.FEATURES)
        tensors.difference(f"{path.name} text", found["text"], tensors.unit(expected["text_features"]), tensors.FEATURES)
        tensors.difference(f"{path.name} similarity", found["similarity"], expected["logits_per_image"], tensors.LOGITS)
        continue
    for name, tolerance in [("image_features", tensors.FEATURES), ("text_features", tensors.FEATURES), ("logits_per_image", tensors.LOGITS)]:
        tensors.difference(f"{path.name} {name}", found[name], expected[name], tolerance)
print("all agree")
