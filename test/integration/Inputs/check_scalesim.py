# Checks what catc emitted for SCALE-Sim against accelerator.json: check_scalesim.py FOLDER [OUT]. With OUT, a folder to
# make, an installed SCALE-Sim simulates the smallest products, and its cycles are those of its published formula.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import configparser
import csv
import json
import math
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
accelerator = json.loads((folder / "accelerator.json").read_text())
machine = accelerator["machine"]
array, clusters = machine["array"], machine["clusters"]
operators = {op["name"]: op for op in accelerator["operators"] if op["kind"] == "gemm"}

# The fields that scalesim/scale_config.py (v3) reads, none of which may be missing.
required = {
    "general": ["run_name"],
    "run_presets": ["InterfaceBandwidth", "UseRamulatorTrace"],
    "architecture_presets": ["ArrayHeight", "ArrayWidth", "ifmapsramszkB", "filtersramszkB", "ofmapsramszkB", "IfmapOffset",
                             "FilterOffset", "OfmapOffset", "Dataflow", "ReadRequestBuffer", "WriteRequestBuffer",
                             "Bandwidth"],
    "layout": ["IfmapCustomLayout", "FilterCustomLayout", "IfmapSRAMBankBandwidth", "IfmapSRAMBankNum", "IfmapSRAMBankPort",
               "FilterSRAMBankBandwidth", "FilterSRAMBankNum", "FilterSRAMBankPort"],
    "sparsity": ["SparsitySupport"],
}
config = configparser.ConfigParser()
with open(folder / "scalesim/scale.cfg", encoding="ascii") as file:
    config.read_file(file)
for section, keys in required.items():
    for key in keys:
        assert config.get(section, key) != "", (section, key)
presets = config["architecture_presets"]
assert presets["Dataflow"] == "ws" and config["run_presets"]["InterfaceBandwidth"] == "USER"
assert int(presets["ArrayHeight"]) == array["depth"] and int(presets["ArrayWidth"]) == array["width"]
assert int(presets["Bandwidth"]) == machine["local"]["bytes_per_cycle"]
half = machine["local"]["capacity_bytes"] // 2
assert int(presets["IfmapSramSzkB"]) * 1024 == int(presets["FilterSramSzkB"]) * 1024 == half
assert int(presets["OfmapSramSzkB"]) * 1024 == array["accumulator_rows"] * array["width"] * array["accumulator_bytes"]

# Products: exact sizes, and with their executions all of the design's work.
lines = (folder / "scalesim/gemm.csv").read_text().splitlines()
assert lines[0] == "Layer,M,N,K," and all(line.endswith(",") for line in lines)
layers = {line.split(",")[0]: tuple(map(int, line.split(",")[1:4])) for line in lines[1:]}
assert len(layers) == len(lines) - 1
total = 0
with open(folder / "scalesim/executions.csv", encoding="ascii") as file:
    rows = list(csv.DictReader(file))
assert [row["Layer"] for row in rows] == list(layers)
for row in rows:
    op = operators[row["Operator"]]
    whole = (op["m"], op["n"], op["k"])
    assert (int(row["M"]), int(row["N"]), int(row["K"])) == whole and int(row["Batch"]) == op["batch"]
    m, n, k = layers[row["Layer"]]
    steps = math.ceil(math.ceil(op["n"] / array["width"]) / clusters) * array["width"]
    part = {"rows": (math.ceil(op["m"] / clusters), op["n"]), "columns": (op["m"], min(op["n"], steps))}
    assert (m, n) == part.get(row["Split"], (op["m"], op["n"])) and k == op["k"], row
    items = math.ceil(op["batch"] / clusters) if row["Split"] == "batch" else op["batch"]
    assert int(row["Executions"]) % items == 0
    total += int(row["Executions"]) // items * op["batch"] * op["m"] * op["n"] * op["k"]
assert total == sum(op["executions"] * op["batch"] * op["m"] * op["n"] * op["k"] for op in operators.values())

if len(sys.argv) > 2:
    from scalesim.scale_sim import scalesim

    out = pathlib.Path(sys.argv[2])
    out.mkdir()
    small = sorted(layers, key=lambda name: math.prod(layers[name]))[:4]
    (out / "small.csv").write_text("\n".join([lines[0]] + [line for line in lines if line.split(",")[0] in small]) + "\n")
    run = scalesim(save_disk_space=True, verbose=False, config=str(folder / "scalesim/scale.cfg"),
                   topology=str(out / "small.csv"), layout=str(folder / "scalesim/layout.csv"), input_type_gemm=True)
    run.run_scale(top_path=str(out))
    with open(out / config["general"]["run_name"] / "COMPUTE_REPORT.csv", encoding="ascii") as file:
        report = list(csv.DictReader(file, skipinitialspace=True))
    order = [name for name in layers if name in small]
    assert len(report) == len(order)
    for name, row in zip(order, report):
        m, n, k = layers[name]
        folds = math.ceil(k / array["depth"]) * math.ceil(n / array["width"])
        cycles = folds * (2 * array["depth"] + array["width"] + m - 2) - 1
        stalls = int(float(row["Stall Cycles"]))
        assert int(float(row["Total Cycles"])) - stalls == cycles, (name, row, cycles)
        print(f"{name}: {cycles} cycles and {stalls} of stalls")
