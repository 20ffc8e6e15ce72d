#!/usr/bin/env python3
# Checks which models a run keeps.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""kept.py RUN: there are as many folders of models as models on the front, each with its weights and nothing else."""

import json
import pathlib
import sys

run = pathlib.Path(sys.argv[1])
front = json.loads((run / "pareto.json").read_text(encoding="utf-8"))
hardware = "edge."
models = {
    tuple((name, str(value)) for name, value in point["parameters"].items() if not name.startswith(hardware))
    for point in front["points"]
}
kept = sorted(path for path in (run / "models").iterdir())
assert len(kept) == len(models), (kept, models)
for folder in kept:
    assert [path.name for path in folder.iterdir()] == ["model.safetensors"], list(folder.iterdir())
