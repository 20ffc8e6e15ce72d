# Safetensors files as numpy arrays, and comparisons of what models compute.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import json
import pathlib
import struct

import numpy

TYPES = {"F32": numpy.float32, "F64": numpy.float64, "I64": numpy.int64}
# Tolerances of features and of logits.
FEATURES, LOGITS = 1e-5, 3e-5


def read(path):
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    body = data[8 + length :]
    arrays = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        arrays[name] = numpy.frombuffer(body[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
    return arrays


def write(path, arrays):
    names = {numpy.dtype(type_): name for name, type_ in TYPES.items()}
    header, body = {}, b""
    for name, array in arrays.items():
        data = numpy.ascontiguousarray(array).tobytes()
        header[name] = {
            "dtype": names[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [len(body), len(body) + len(data)],
        }
        body += data
    text = json.dumps(header).encode()
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + body)


def unit(features):
    return features / numpy.linalg.norm(features, axis=-1, keepdims=True)


def difference(what, found, expected, tolerance):
    """Prints how far two arrays are apart; an error if it is too far."""
    if found.shape != expected.shape:
        raise SystemExit(f"{what}: shape {found.shape} instead of {expected.shape}")
    distance = float(numpy.abs(found - expected).max())
    print(f"{what}: {distance:.2g}")
    if not distance <= tolerance:
        raise SystemExit(f"{what}: {distance:.3g} apart, more than {tolerance:g}")


def run_onnx(path, image, text):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"pixel_values": image, "input_ids": text})))


def check_onnx(path, image, text, expected):
    """Compares a graph's outputs with features (not normalised) and logits of images by texts."""
    outputs = run_onnx(path, image, text)
    name = pathlib.Path(path).name
    difference(f"{name} image_embeds", outputs["image_embeds"], unit(expected["image_features"]), FEATURES)
    difference(f"{name} text_embeds", outputs["text_embeds"], unit(expected["text_features"]), FEATURES)
    difference(f"{name} logits_per_image", outputs["logits_per_image"], expected["logits_per_image"], LOGITS)
    difference(f"{name} logits_per_text", outputs["logits_per_text"], expected["logits_per_image"].T, LOGITS)
