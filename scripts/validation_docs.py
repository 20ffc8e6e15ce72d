#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/validation.md: what the cost model's figures were compared with, and how far they agree.

usage: scripts/validation_docs.py [--refs $CATC_REFS] [--validation build/bin/CostValidation] [--rtl RESULTS.jsonl]
                                  [--synthesise] [--yosys yosys] [--out docs/validation.md]

--rtl takes the results of simulated operators, one JSON object a line with the fields "kind", "style", "clusters", "shape" (text),
"simulated", "row_model", "closed_form" (cycles) and "equal" (true if all numbers are). --synthesise fits the blocks of hw/rtl again, which takes some ten
minutes. A section whose input is missing keeps its place and says what it needs.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

import calibration
import cells
from published_docs import spearman

ROOT = pathlib.Path(__file__).resolve().parent.parent

TEXT = """# Validation

Written by `scripts/validation_docs.py`; do not edit by hand. What the figures of the cost model were compared with. No constant was
fitted to NVDLA, Gemmini, Timeloop, SCALE-Sim or the published designs. One choice was made with some of them in view: CACTI and compiled
macros disagree about the area of SRAM by a factor of three, and Gemmini's memories and NVDLA's steps in size spoke for the macros. For the
area of SRAM those two are therefore no independent checks.

## Cycles: RTL against the models

{rtl}

## Traffic: Timeloop

{timeloop}

## Cycles: SCALE-Sim

{scalesim}

## Area and energy: the fits

Areas are synthesised cells and compiled macros, scaled to 22 nm; energies are CACTI's and published operations'. `scripts/calibration.py`
does each fit (`--check` compares catlib with them). The exponent of the node comes from logic between 45 and 7 nm; applying it to SRAM macros
of 130 nm is an extrapolation. *Ratio* is the fit over each reference that it saw: the least, the largest, and how many.

{fits}

Memories that the fit of areas has not seen:

{macros}

Real memories, placed and routed, are met within a quarter, from above. CACTI's areas are a third of the fit's, which is why catlib takes
CACTI for energies, leakage and the ratio of a second port only.

## Blocks of the RTL

{synthesis}

## Area and power: NVDLA

{nvdla}

## The published designs, before and after

{published}
"""

# docs/published.md as it was before cycles came from the emitted machine and areas from these fits: ms, kg, embodied kg.
BEFORE = {
    "CLIP-B/16-DataComp": (19.2, 0.303, 0.266), "TinyCLIP-8M/16": (2.4, 0.288, 0.272), "TinyCLIP-39M/16": (9.4, 0.290, 0.266),
    "CarbonCLIP-XS": (8.5, 0.278, 0.260), "CarbonCLIP-S": (13.3, 0.282, 0.260), "CarbonCLIP-M": (17.0, 0.286, 0.261),
    "CarbonCLIP-L": (11.3, 0.292, 0.266), "CarbonCLIP-XL": (14.7, 0.298, 0.266), "CLIP-B/32-DataComp": (18.8, 0.288, 0.257),
    "TinyCLIP-40M/32": (17.7, 0.279, 0.257), "TinyCLIP-61M/32": (8.8, 0.283, 0.258), "CarbonCLIP-32-S": (7.6, 0.280, 0.257),
    "CarbonCLIP-32-M": (14.5, 0.279, 0.255), "CarbonCLIP-32-L": (8.9, 0.285, 0.259),
}  # fmt: skip


def table(heads, rows, text_columns=1):
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * text_columns + "---:|" * (len(heads) - text_columns)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def quantile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


def rtl_section(path):
    if path is None:
        return "Not run: give the simulated operators' results with `--rtl`."
    results = [json.loads(line) for line in pathlib.Path(path).read_text().splitlines() if line.strip()]
    groups = {}
    for r in results:
        groups.setdefault((r["kind"], r["style"], r["clusters"]), []).append(r)
    rows = []
    for (kind, style, clusters), some in sorted(groups.items()):
        errors = [100 * abs(r["closed_form"] / r["simulated"] - 1) for r in some]
        rows.append([kind, style, str(clusters), str(len(some)), str(sum(r["row_model"] == r["simulated"] for r in some)), str(sum(r["equal"] for r in some)),
                     f"{quantile(errors, 0.5):.2f} %", f"{quantile(errors, 0.99):.2f} %", f"{max(errors):.2f} %"])  # fmt: skip
    heads = ["operator", "style", "clusters", "simulated", "row model equal", "numbers equal", "closed form: median", "99th percentile", "largest"]
    gemms = [r for r in results if r["kind"] == "gemm"]
    sizes = []
    for low, high in ((0, 1_000), (1_000, 3_000), (3_000, 10_000), (10_000, None)):
        errors = [100 * abs(r["closed_form"] / r["simulated"] - 1) for r in gemms if low <= r["simulated"] < (high or float("inf"))]
        if errors:
            sizes.append([f"{low:,} to {high:,}" if high else f"from {low:,}", str(len(errors)), f"{quantile(errors, 0.5):.2f} %",
                          f"{quantile(errors, 0.9):.2f} %", f"{quantile(errors, 0.99):.2f} %", f"{max(errors):.2f} %"])  # fmt: skip
    return (f"{len(results)} operators on {len({r['shape'] for r in results})} shapes of machines, simulated with Verilator. The row model must be "
            "equal to the cycle; the closed form, which the search uses, is compared by its relative error.\n\n" + table(heads, rows, 2)
            + "\n\nThe operators are small, so that thousands can be simulated, and their mappings random: chunks of a few rows, which no mapper would "
            "choose, are among them, and give large GEMMs large errors too. `docs/hardware.md` says what errors are on GEMMs of CLIP's size, with "
            "random mappings and with those that are chosen.\n\n"
            + table(["cycles of a GEMM", "GEMMs", "median", "90th percentile", "99th percentile", "largest"], sizes))  # fmt: skip


def timeloop_section(published):
    rows = published["timeloop"]
    counts, equal = sum(r["counts"] for r in rows), sum(r["equal"] for r in rows)
    off = [abs(r["cycles_model"] - r["cycles"]) for r in rows]
    return (f"timeloop-model 3.0.3 on {len(rows)} fixed weight-stationary mappings (three levels, three operands). {equal} of {counts} counts of reads, "
            f"fills and updates are equal; cycles are equal in {off.count(0)} rows and at most {max(off)} off in the others. The formulas are in "
            "`lib/Cost/Traffic.h`, and a test holds the template's own traffic to them.")  # fmt: skip


def scalesim_section(published):
    rows = published["scalesim"]
    equal = sum(r["cycles_model"] == r["cycles"] for r in rows)
    lines = [[r["name"], r["dataflow"], r["array"], str(r["cycles"]), str(r["cycles_model"])] for r in rows]
    return (f"SCALE-Sim v3, total less stall cycles, against `timing_model = \"scalesim_ws\"` (and `_is`, `_os`): {equal} of {len(rows)} runs are equal.\n\n"
            + table(["GEMM", "dataflow", "array", "SCALE-Sim", "catc"], lines, 3))  # fmt: skip


def fits_table(fits):
    rows = []
    for fit in fits:
        catlib = calibration.in_catlib(fit)
        rows.append([fit.name, fit.basis, f"{fit.value:.4g} {fit.unit}".strip(), "" if catlib is None else f"{catlib:g}", fit.spread()])
    return table(["constant", "fitted to", "fit", "catlib", "ratio"], rows, 2)


def macro_table(refs):
    rows = [[what, f"{fit / 1e3:.1f}", f"{reference / 1e3:.1f}", f"{fit / reference:.2f}"] for what, fit, reference in calibration.macro_checks(refs)]
    return table(["memory at 22 nm", "fit, 1000 um2", "reference, 1000 um2", "ratio"], rows)


def synthesis_section(refs, args):
    if not args.synthesise:
        return "Not run: `--synthesise` fits the blocks again, and needs yosys."
    fits = calibration.synthesis_fits(refs, calibration.Blocks(args.rtl_sources, args.yosys))
    return ("What stands beside the array in a cluster, from yosys on hw/rtl: generic gates, weighted by the areas of Nangate45's cells and the factor "
            "above, scaled to 22 nm. Each term is the difference between two sizes of a block. `test/integration/yosys-cells.test` holds a whole "
            "accelerator of each style to the terms, block by block, within 15 %.\n\n" + fits_table(fits))  # fmt: skip


def nvdla_section(published):
    rows, ratios = published["nvdla"], {}
    for key in ("area", "power"):
        ratios[key] = [r[f"{key}_model"] / r[key] for r in rows]
    lines = [[str(r["macs"]), f"{r['width']} x {r['depth']}", str(r["buffer_kib"]), f"{r['area']:.2f}", f"{r['area_model']:.2f}", f"{r['area_model'] / r['area']:.2f}",
              f"{1e3 * r['power']:.0f}", f"{1e3 * r['peak']:.0f}", f"{1e3 * r['power_model']:.0f}", f"{r['power_model'] / r['power']:.2f}"] for r in rows]  # fmt: skip
    heads = ["MACs", "W x D", "buffer KiB", "area mm2", "catc", "ratio", "average mW", "peak mW", "catc", "ratio to average"]
    gated = [r["power_gated"] / r["power"] for r in rows]
    text = ", ".join(f"{key} {spearman([r[key] for r in rows], [r[f'{key}_model'] for r in rows]):.2f} "
                     f"(ratios {min(ratios[key]):.2f} to {max(ratios[key]):.2f})" for key in ("area", "power"))  # fmt: skip
    return (f"NVDLA's seven published sizes (16 nm, INT8, 1 GHz; `test/unit/Cost/Nvdla.h` says how they become machines of the template). Spearman rank "
            f"correlation: {text}.\n\n{table(heads, lines)}\n\n"
            "Power is at the published rate of ResNet-50 images. It follows the order of sizes, but not their proportions: middle sizes are far above the "
            "published average, though below the published peak. Counting half of the multiplications (operands that are zero behind a ReLU, which the "
            f"template does not gate) leaves ratios of {min(gated):.2f} to {max(gated):.2f}; the rest is not explained. The shapes W x D of the sizes "
            "between the smallest and the largest are assumed.")  # fmt: skip


def published_section():
    path = ROOT / "docs/published.md"
    after = {}
    for line in path.read_text().splitlines():
        cells_ = [c.strip() for c in line.strip("|").split("|")]
        if len(cells_) == 11 and re.fullmatch(r"[0-9.]+", cells_[1]):
            after[cells_[0]] = tuple(float(cells_[i]) for i in (1, 2, 5, 6, 8))
    rows, figures = [], []
    for name, before in BEFORE.items():
        if name not in after:
            return f"`docs/published.md` has no row for {name}: write it again first."
        ms, catc_ms, kg, catc_kg, embodied = after[name]
        figures.append((ms, before[0], catc_ms, kg, before[1], catc_kg))
        rows.append([name, f"{ms:.1f}", f"{before[0]:.1f}", f"{catc_ms:.1f}", f"{kg:.2f}", f"{before[1]:.3f}", f"{catc_kg:.3f}", f"{before[2]:.3f}", f"{embodied:.3f}"])
    if all((f[1], f[4]) == (f[2], f[5]) for f in figures):
        return "`docs/published.md` still has the figures from before: write it again first."
    ranks = [f"{what} {spearman([f[i] for f in figures], [f[i + 1] for f in figures]):.2f} before, {spearman([f[i] for f in figures], [f[i + 2] for f in figures]):.2f} after"
             for what, i in (("latency", 0), ("carbon", 3))]  # fmt: skip
    heads = ["design", "published ms", "before", "after", "published kg", "before", "after", "embodied before", "after"]
    return ("`docs/published.md` before and after the cycles came from the emitted machine and the areas from these fits. Spearman rank correlation with "
            f"the published figures: {'; '.join(ranks)}.\n\n{table(heads, rows)}")  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--refs", default=os.environ.get("CATC_REFS", str(ROOT.parent / "shared/refs")))
    parser.add_argument("--validation", default=str(ROOT / "build/bin/CostValidation"))
    parser.add_argument("--rtl", help="results of simulated operators")
    parser.add_argument("--rtl-sources", default=str(ROOT / "hw/rtl"))
    parser.add_argument("--synthesise", action="store_true")
    parser.add_argument("--yosys", default="yosys")
    parser.add_argument("--out", default=str(ROOT / "docs/validation.md"))
    args = parser.parse_args()
    absent = "Not compared: the reference data are absent (set CATC_REFS)."
    sections = dict.fromkeys(("timeloop", "scalesim", "nvdla", "fits", "macros", "synthesis"), absent)
    try:
        refs = calibration.References(args.refs)
    except OSError:
        refs = None
    try:
        if refs is not None:
            run = subprocess.run([args.validation, "published"], capture_output=True, text=True, env={**os.environ, "CATC_REFS": args.refs})
            if run.returncode:
                raise cells.Failure(run.stderr.strip())
            published = json.loads(run.stdout)
            sections = {"timeloop": timeloop_section(published), "scalesim": scalesim_section(published), "nvdla": nvdla_section(published),
                        "fits": fits_table(calibration.reference_fits(refs)), "macros": macro_table(refs),
                        "synthesis": synthesis_section(refs, args)}  # fmt: skip
        text = TEXT.format(rtl=rtl_section(args.rtl), published=published_section(), **sections)
    except (cells.Failure, OSError, ValueError, KeyError) as error:
        print(f"validation_docs: {error}", file=sys.stderr)
        return 1
    pathlib.Path(args.out).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
