# Exports each reference model and runs it: onnx_references.py CATC_ONNX REFERENCES FOLDER.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import pathlib
import subprocess
import sys

import tensors

tool, references, out = sys.argv[1], pathlib.Path(sys.argv[2], "torch"), pathlib.Path(sys.argv[3])
cases = sorted(references.glob("tiny*_io.safetensors"))
for case in cases:
    name = case.name.removesuffix("_io.safetensors")
    weights = references / f"{name}.safetensors"
    if not weights.exists():  # One set of weights serves the models that differ in activation.
        weights = references / "tiny_gelu.safetensors"
    io = tensors.read(case)
    image, text = io["in.image"], io["in.text"]
    expected = {key.removeprefix("out."): value for key, value in io.items() if key.startswith("out.")}
    for kind, options in {"any": [], "fixed": ["--batch", str(len(image))], "outside": ["--external-above", "0"]}.items():
        path = out / f"{name}-{kind}.onnx"
        command = [tool, "--config", references / f"{name}.config.json", "--weights", weights, "--out", path]
        subprocess.run(command + options, check=True)
        tensors.check_onnx(path, image, text, expected)
    # Fewer texts than images.
    fewer = {**expected, "text_features": expected["text_features"][:1]}
    fewer["logits_per_image"] = expected["logits_per_image"][:, :1]
    tensors.check_onnx(out / f"{name}-any.onnx", image, text[:1], fewer)
print(f"{len(cases)} reference models agree")
