#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/modes.md: the same space searched by different goals, exactly, and what each mode chooses.

usage: scripts/modes_docs.py [--catc build/bin/catc] [--out docs/modes.md]
"""
import argparse
import csv
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPEC = ROOT / "examples/modes/modes.cat"
# Study, what it chooses by, and whether accuracy is among its goals.
MODES = [
    ("carbon_mode", "carbon_kg"),
    ("latency_mode", "latency_s"),
    ("energy_mode", "energy_j"),
    ("carbon_latency_mode", "carbon_kg"),
    ("hardware_only_mode", "carbon_kg"),
    ("model_only_mode", "carbon_kg"),
]
LEVELS = (0.55, 0.63, 0.70)

TEXT = """# Modes of search

Written by `scripts/modes_docs.py`; do not edit by hand. `examples/modes/modes.cat` searches the space of `examples/clip_vit_b16.cat`,
exactly, by accuracy and one cost, by several costs, with the model fixed (TinyCLIP-39M/16) or the hardware fixed (the one published for
it). Accuracy is predicted ImageNet top-1. For each level of accuracy the table shows the design that the mode would choose: the least of
its first cost among the designs of its front that reach the level.

{table}

## Beside the paper's claims (CATransformers, arXiv 2505.01386v4)

{claims}
"""


def front(catc, study):
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([catc, "search", str(SPEC), "--study", study, "--strategy", "exhaustive", "--out", f"{folder}/run"],
                             capture_output=True, text=True)
        if run.returncode:
            raise SystemExit(f"modes_docs: {study}: {run.stderr}")
        with open(f"{folder}/run/pareto.csv", newline="") as file:
            return list(csv.DictReader(file))


def hardware(row):
    names = ("clusters", "array_width", "array_depth", "local_sram", "local_bandwidth", "global_buffer")
    values = []
    for name in names:
        for column, value in row.items():
            if column.split(" ")[0].endswith("." + name):
                values.append(value)
    return " x ".join(values[:3]) + ", " + ", ".join(values[3:]) if values else "published"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--catc", default=str(ROOT / "build/bin/catc"))
    parser.add_argument("--out", default=str(ROOT / "docs/modes.md"))
    args = parser.parse_args()
    lines = ["| mode | accuracy >= | front | accuracy | clusters x width x depth, KiB, B/cycle, MiB | embodied kg | carbon kg | latency ms | energy mJ |",
             "|---|---:|---:|---:|---|---:|---:|---:|---:|"]
    chosen = {}
    for study, cost in MODES:
        rows = front(args.catc, study)
        fixed = not rows[0].get("accuracy")
        for level in LEVELS[:1] if fixed else LEVELS:
            some = rows if fixed else [r for r in rows if float(r["accuracy"]) >= level]
            if not some:
                continue
            best = min(some, key=lambda r: float(r[cost]))
            chosen[study, level] = best
            lines.append(
                f"| {study} | {'fixed' if fixed else f'{100 * level:.0f} %'} | {len(rows)} "
                f"| {'63.0 %' if fixed else f'''{100 * float(best['accuracy']):.1f} %'''} | {hardware(best)} "
                f"| {float(best['embodied_kg']):.3f} | {float(best['carbon_kg']):.3f} | {1e3 * float(best['latency_s']):.2f} "
                f"| {1e3 * float(best['energy_j']):.2f} |")
    embodied = max(float(chosen["latency_mode", l]["embodied_kg"]) / float(chosen["carbon_mode", l]["embodied_kg"]) for l in LEVELS)
    area = max(float(chosen["latency_mode", l]["area_mm2"]) / float(chosen["carbon_mode", l]["area_mm2"]) for l in LEVELS)
    carbon = max(float(chosen["latency_mode", l]["carbon_kg"]) / float(chosen["carbon_mode", l]["carbon_kg"]) for l in LEVELS)
    slower = max(float(chosen["carbon_mode", l]["latency_s"]) / float(chosen["latency_mode", l]["latency_s"]) for l in LEVELS)
    joint = float(chosen["carbon_mode", LEVELS[1]]["carbon_kg"])
    model_only = float(chosen["model_only_mode", LEVELS[1]]["carbon_kg"])
    hardware_only = float(chosen["hardware_only_mode", LEVELS[0]]["carbon_kg"])
    claims = [
        f"* *Hardware chosen by latency alone has up to 2.4 times the embodied carbon.* Here up to {embodied:.2f} times (package and DRAM "
        f"included, which no mode can change), {area:.1f} times the die area, and {carbon:.2f} times the total carbon.",
        f"* *Carbon mode saves 30 % of carbon at 7.7 times the latency of latency mode.* Here {100 * (1 - 1 / carbon):.0f} % at up to "
        f"{slower:.1f} times.",
        f"* *Optimising model and hardware together saves 19 to 20 %.* At 63 % accuracy the joint search reaches {joint:.3f} kg, the model "
        f"alone on the published hardware {model_only:.3f} kg ({100 * (joint / model_only - 1):+.1f} %), the hardware alone for "
        f"TinyCLIP-39M/16 {hardware_only:.3f} kg ({100 * (joint / hardware_only - 1):+.1f} %). The differences are smaller than the "
        "paper's because most of the carbon is package and DRAM here, and because the energy of memory accesses is not overcharged "
        "(docs/published.md).",
    ]
    pathlib.Path(args.out).write_text(TEXT.format(table="\n".join(lines), claims="\n".join(claims)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
