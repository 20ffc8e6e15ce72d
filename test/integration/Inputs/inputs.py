# Random images and texts for the model in a folder that catc emitted: inputs.py FOLDER COUNT OUT.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import json
import pathlib
import sys

import numpy
import tensors

record = json.loads(pathlib.Path(sys.argv[1], "model.catc.json").read_text())
count = int(sys.argv[2])
sizes = {}
for segment in record["segments"]:
    sizes |= {key: segment["sizes"][key] for key in ("image", "context", "vocab") if key in segment["sizes"]}
generator = numpy.random.default_rng(3)
image = generator.standard_normal((count, 3, sizes["image"], sizes["image"]), dtype=numpy.float32)
text = generator.integers(1, sizes["vocab"] - 1, (count, sizes["context"]))
for i in range(count):
    end = int(generator.integers(1, sizes["context"]))
    text[i, end] = sizes["vocab"] - 1
    text[i, end + 1 :] = 0
tensors.write(sys.argv[3], {"image": image, "text": text})
