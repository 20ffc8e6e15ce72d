#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/published.md: published designs, costed by catc, beside their published latency and carbon.

usage: scripts/published_docs.py [--catc build/bin/catc] [--refs FOLDER] [--out docs/published.md]

The rows come from accuracy/paper_carbonclip.csv of the reference data (CATC_REFS); every row there is costed.
"""
import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

CLOCK = 625e6  # Hz, the template's

SPEC = """import "catlib/carbon.cat"   as carbon;
import "catlib/openclip.cat" as openclip;
import "catlib/edge_npu.cat" as npu;
import "catlib/memory.cat"   as memory;
import "catlib/predictor.cat" as predictor;
model design : openclip.vit_b_{patch} {{
  tower text   {{ layers = {t_layers}; ffn = {t_ffn}; heads = {t_heads}; width = {t_width}; }}
  tower vision {{ layers = {v_layers}; ffn = {v_ffn}; heads = {v_heads}; width = {v_width}; }}
}}
hardware machine : npu.weight_stationary {{
  clusters = {TC}; array_width = {PEx}; array_depth = {PEy};
  local_sram = {L2_KB} KiB; local_bandwidth = {L2_bw} B/cycle; global_buffer = {GLB_MB} MiB;{more}
}}
carbon footprint {{
  fab = carbon.taiwan_2023; grid = carbon.california_2024; yield = 87.5 %; lifetime = 3 years; inferences = 23.65e6;
  package = 150 gCO2e;
}}
study published {{
  model = design; hardware = machine; carbon = footprint;
  workload single {{ images = 1; texts = 1; image = 224 px; }}
  minimize carbon;
  evaluate {{ accuracy = predictor.imagenet_top1; }}
}}
"""

# Other assumptions, as text of the hardware block.
VARIANTS = {
    "as it is": "",
    "accumulators without area and energy": " array pe { accumulator_area = 0 um2/B; accumulator_width_area = 0 um2; accumulator_energy = 0 pJ/B; }",
    "CACTI's areas of SRAM (`memory.sram_22nm_lstp_cacti`)": " sram = memory.sram_22nm_lstp_cacti;",
}

TEXT = """# Published designs, costed by catc

Written by `scripts/published_docs.py`; do not edit by hand. Each row of the reference table (CATransformers, arXiv 2505.01386v4) is
compiled, lowered and costed as `catc evaluate` does: LPDDR4X, 625 MHz, INT8, 22 nm, one image and one text, ACT's fab intensity for
Taiwan (642 g/kWh), California's grid (224 g/kWh), 23.65 million inferences in three years, and a package of 150 g.

{table}

Spearman rank correlation with the published figures: {ranks}.

## Where the time goes

`ideal` above is the time that the design's MACs take on the row's array at full use, a bound for any schedule.{below} Here
catc's time is split by the kind of operator: *products* (projections, MLPs and attention; the ratio is to `ideal`) and the
rest (softmax, norms, embeddings).

{terms}

## Where they disagree, and why

* **Latency.** catc charges what the emitted machine does: columns padded to the array's width (one head's 64 columns use 64 of 256
  lanes), weights over one LPDDR4X channel (17.07 GB/s, of which 80 % is usable), a link of `local_bandwidth` between the global buffer
  and each cluster, results that wait for requantisers, first loads that nothing hides, and every element of softmax, layer norm and
  GELU. The published estimator has no requantisers, and charges a GELU one cycle and a layer norm one pass. Shallow, wide arrays differ
  most: a row of 256 lanes brings 256 results for a few MACs each.
* **Embodied carbon.** catc counts accumulators, which the published estimator has not: two-port memories of 32-bit words, as wide as
  the array. On the widest arrays of the table they take {accumulators}. Carbon's correlations with other assumptions:

{variants}

* **DRAM.** The published figures charge 1 GB of LPDDR3 at 184 g/GB over the yield (210 g), where catc charges LPDDR4's 48 g/GB.
* **Energy.** The published estimator charges the energy of 32-bit memory accesses for each byte, and a MAC 2.2 pJ in one place and
  0.469 pJ in another. catc charges leakage, DRAM's background power and idle energy over the lifetime, which that estimator leaves out.
* **Bandwidth.** catc charges the local SRAM's port in area and energy. The published estimator lets bandwidth cost nothing, and
  searches factors that divide the sequence length of 197 exactly, which is prime.
* **Attention.** The published estimator takes the contraction of the attention products from the wrong axis (QK^T 3.08 times too large,
  AV 3.08 times too small) and folds all heads into one; here each head has its own K and V.
"""


def ranks(values):
    order = sorted(range(len(values)), key=lambda i: values[i])
    result = [0.0] * len(values)
    i = 0
    while i < len(order):
        j = i
        while j < len(order) and values[order[j]] == values[order[i]]:
            j += 1
        for k in range(i, j):
            result[order[k]] = (i + j - 1) / 2
        i = j
    return result


def spearman(a, b):
    ra, rb = ranks(a), ranks(b)
    ma, mb = sum(ra) / len(ra), sum(rb) / len(rb)
    cov = sum((x - ma) * (y - mb) for x, y in zip(ra, rb))
    va, vb = sum((x - ma) ** 2 for x in ra), sum((y - mb) ** 2 for y in rb)
    return cov / (va * vb) ** 0.5 if va and vb else float("nan")


def correlations(rows, metrics, names):
    """Rank correlations of the named figures with the published ones, for all rows and for each patch size."""
    value = {"latency": lambda m: m["latency_s"], "carbon": lambda m: m["carbon_kg"]}
    parts = []
    for label, keep in (("all", lambda r: True), ("patch 16", lambda r: r["patch"] == "16"), ("patch 32", lambda r: r["patch"] == "32")):
        some = [(r, m) for r, m in zip(rows, metrics) if keep(r)]
        if len(some) < 3:
            continue
        figures = (f"{name + ' ' if len(names) > 1 else ''}{spearman([r[name] for r, _ in some], [value[name](m) for _, m in some]):.2f}" for name in names)
        parts.append(f"{label} ({len(some)} designs) " + ", ".join(figures))
    return "; ".join(parts)


def evaluate(catc, row, more):
    """What `catc evaluate --json` says of a row; `more` is text of the hardware block."""
    with tempfile.NamedTemporaryFile("w", suffix=".cat") as spec:
        spec.write(SPEC.format(**row, more=more))
        spec.flush()
        run = subprocess.run([catc, "evaluate", spec.name, "--json"], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"published_docs: {row['name']}: {run.stderr}")
    return json.loads(run.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--catc", default=str(ROOT / "build/bin/catc"))
    parser.add_argument("--refs", default=os.environ.get("CATC_REFS", str(ROOT.parent / "shared/refs")))
    parser.add_argument("--out", default=str(ROOT / "docs/published.md"))
    args = parser.parse_args()
    path = pathlib.Path(args.refs) / "accuracy/paper_carbonclip.csv"
    if not path.exists():
        print(f"published_docs: {path} is absent; set CATC_REFS to the reference data", file=sys.stderr)
        return 1
    rows = []
    for row in csv.DictReader(path.open()):
        try:
            row["latency"], row["carbon"] = float(row["latency_ms"]), float(row["carbon_kg"])
        except ValueError:
            continue
        rows.append(row)
    results = {name: [evaluate(args.catc, row, more) for row in rows] for name, more in VARIANTS.items()}
    costed = []
    for row, result in zip(rows, results["as it is"]):
        slots = int(row["TC"]) * int(row["PEx"]) * int(row["PEy"])
        row["ideal"] = 1e3 * sum(op["macs"] for op in result["operators"]) / (slots * CLOCK)
        costed.append((row, result["metrics"]))
    lines = ["| design | published ms | catc ms | ratio | ideal ms | published kg | catc kg | ratio | embodied kg | accuracy (predicted) | published |",
             "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for row, m in costed:
        accuracy = m["accuracy"]
        lines.append(
            f"| {row['name']} | {row['latency']:.1f} | {m['latency_s'] * 1e3:.1f} | {m['latency_s'] * 1e3 / row['latency']:.2f} | {row['ideal']:.1f} "
            f"| {row['carbon']:.2f} | {m['carbon_kg']:.3f} | {m['carbon_kg'] / row['carbon']:.2f} | {m['embodied_kg']:.3f} "
            f"| {100 * accuracy['value']:.1f} +- {100 * accuracy['sigma']:.1f} | {row['in1k']} |")
    terms = ["| design | catc ms | products ms | to ideal | rest ms | accumulators mm2 | of the die |", "|---|---:|---:|---:|---:|---:|---:|"]
    shares = []
    for row, result in zip(rows, results["as it is"]):
        products = 1e3 * sum(op["latency_s"] for op in result["operators"] if op["macs"])
        total = 1e3 * result["metrics"]["latency_s"]
        area = result["breakdown"]["area_mm2"]["accumulators"]
        share = area / result["metrics"]["area_mm2"]
        if int(row["PEx"]) == max(int(other["PEx"]) for other in rows):
            shares.append(share)
        terms.append(f"| {row['name']} | {total:.1f} | {products:.1f} | {products / row['ideal']:.2f} | {total - products:.1f} | {area:.2f} | {100 * share:.0f} % |")
    low, high = f"{100 * min(shares):.0f}", f"{100 * max(shares):.0f}"
    faster = [row["name"] for row in rows if row["latency"] < row["ideal"]]
    below = f" The published latency of {', '.join(faster)} lies below it." if faster else ""
    carbon = {name: correlations(rows, [r["metrics"] for r in each], ["carbon"]) for name, each in results.items()}
    variants = ["  | assumption | carbon's rank correlation |", "  |---|---|"]
    variants += [f"  | {name} | {carbon[name]} |" for name in VARIANTS]
    page = TEXT.format(table="\n".join(lines), ranks=correlations(rows, [m for _, m in costed], ["latency", "carbon"]), below=below,
                       terms="\n".join(terms), accumulators=(low if low == high else f"{low} to {high}") + " % of the die",
                       variants="\n".join(variants))
    pathlib.Path(args.out).write_text(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
