#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/parameters.md: how often the exact front uses each value of each search parameter, and why some are never used.

usage: scripts/parameters_docs.py [--catc build/bin/catc] [--out docs/parameters.md]

A value that the front does not use needs an explanation here that the figures bear out: the script fails if one is missing or wrong.
"""
import argparse
import csv
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPEC = ROOT / "examples/clip_vit_b16.cat"
RARE = 0.001  # A share of designs below which a value needs an explanation.
LEVELS = 100  # Levels of accuracy and of latency, whose pairs are the demands.

# The example's space, whole or with the model fixed, under one other assumption each.
WHAT_IF = """import "clip_vit_b16.cat"    as example;
import "catlib/memory.cat"   as memory;
import "catlib/openclip.cat" as openclip;

study as_it_is : example.low_carbon {}

hardware fast_memory : example.edge { dram = memory.lpddr4x(capacity = 1 GiB, bandwidth = 136.56 GB/s); }
study eightfold_dram : example.low_carbon { hardware = fast_memory; }

hardware no_accumulators : example.edge {
  array pe {
    accumulator_area       = 0 um2/B;
    accumulator_width_area = 0 um2;
    lane_area              = 0 um2;
    fifo_area              = 0 um2/B;
    accumulator_energy     = 0 pJ/B;
  }
 }
study free_accumulators : example.low_carbon { hardware = no_accumulators; }

model vit_b_16 : openclip.vit_b_16 {}
study one_pair : example.low_carbon {
  model = vit_b_16;
  minimize carbon  threshold 1 kgCO2e;
  minimize latency threshold 50 ms;
}
study eight_pairs : one_pair {
  workload inference { images = 8; texts = 8; }
  minimize carbon  threshold 2 kgCO2e;
  minimize latency threshold 400 ms;
}
"""

TEXT = """# Which values the front uses

Written by `scripts/parameters_docs.py`; do not edit by hand. The exact front of `examples/clip_vit_b16.cat` has {designs:,} designs. For
each search parameter and value the table gives two shares, in per cent:

* of the front's *designs*. They are not spread evenly: many differ in little but the model.
* of the *demands*, in brackets. A demand is an accuracy to reach and a latency to keep, each on {levels} levels evenly spaced between the
  front's extremes; it is answered by the design that meets both for the least carbon, which is what a user would pick. {answered:,} of
  {all_demands:,} demands can be met.

{shares}

## Values that are used by fewer than {rare} of the designs

{rare_values}. Each is worse than its neighbours here for a reason that the tables show, and becomes useful where that reason goes.

{explanations}
"""


class Failure(Exception):
    pass


class Front:
    """The exact front of a study: parameters, and how its designs and demands use their values."""

    def __init__(self, path):
        self.rows = []  # (accuracy, latency, carbon, id, values)
        with open(path, newline="") as file:
            reader = csv.reader(file)
            header = next(reader)
            self.parameters = header[1:header.index("latency_s")]
            self.uses = {name: {} for name in self.parameters}  # parameter -> value -> designs
            accuracy, latency, carbon = (header.index(name) for name in ("accuracy", "latency_s", "carbon_kg"))
            for row in reader:
                values = tuple(row[1:1 + len(self.parameters)])
                self.rows.append((float(row[accuracy]), float(row[latency]), float(row[carbon]), int(row[0]), values))
                for name, value in zip(self.parameters, values):
                    self.uses[name][value] = self.uses[name].get(value, 0) + 1

    def answer_demands(self):
        """Counts the demands that each value's designs answer."""
        worst_accuracy, best_accuracy = min(r[0] for r in self.rows), max(r[0] for r in self.rows)
        best_latency, worst_latency = min(r[1] for r in self.rows), max(r[1] for r in self.rows)
        accuracies = [best_accuracy + (worst_accuracy - best_accuracy) * i / (LEVELS - 1) for i in range(LEVELS)]
        latencies = [best_latency + (worst_latency - best_latency) * i / (LEVELS - 1) for i in range(LEVELS)]
        # The front in the order of falling accuracy; of what is accurate enough, the best within each level of latency.
        rows = sorted(self.rows, key=lambda r: -r[0])
        best = [None] * LEVELS
        step, position = (worst_latency - best_latency) / (LEVELS - 1), 0
        self.answered = 0
        self.demands = {name: {} for name in self.parameters}  # parameter -> value -> demands
        for level in accuracies:
            while position < len(rows) and rows[position][0] >= level - 1e-12:
                _, latency, carbon, id_, values = rows[position]
                at = max(0, int((latency - best_latency) / step) - 1)
                while latencies[at] < latency - 1e-15:
                    at += 1
                if best[at] is None or (carbon, id_) < best[at][:2]:
                    best[at] = (carbon, id_, values)
                position += 1
            chosen = None
            for candidate in best:
                if candidate is not None and (chosen is None or candidate[:2] < chosen[:2]):
                    chosen = candidate
                if chosen is None:
                    continue
                self.answered += 1
                for name, value in zip(self.parameters, chosen[2]):
                    self.demands[name][value] = self.demands[name].get(value, 0) + 1

    def share(self, parameter, value):
        return self.uses[parameter].get(value, 0) / len(self.rows)

    def demand_share(self, parameter, value):
        return self.demands[parameter].get(value, 0) / self.answered


class Tool:
    """catc, run on the what-if spec."""

    def __init__(self, catc, folder):
        self.catc, self.folder = catc, pathlib.Path(folder)
        self.spec = self.folder / "what_if.cat"
        self.spec.write_text(WHAT_IF)

    def run(self, command, *arguments):
        run = subprocess.run([self.catc, command, str(self.spec), "-I", str(SPEC.parent), *arguments], capture_output=True, text=True)
        if run.returncode:
            raise Failure(f"catc {command} {' '.join(arguments)}: {run.stderr}")
        return run.stdout

    def front(self, study):
        out = self.folder / f"{study}.run"
        self.run("search", "--study", study, "--strategy", "exhaustive", "--out", str(out))
        return Front(out / "pareto.csv")

    def domain(self, parameter):
        """The parameter's values, in the unit of its domain."""
        run = subprocess.run([self.catc, "evaluate", str(SPEC), "--at", f"{parameter}=-1"], capture_output=True, text=True)
        found = re.search(r"is not in the domain of '.*': (?:\{(.*)\}|(\d+)\.\.(\d+)(?: step (\d+))?)", run.stderr)
        if not found:
            raise Failure(f"no domain of {parameter}: {run.stderr}")
        if found.group(1):
            return [value.strip() for value in found.group(1).split(",")]
        first, last, step = int(found.group(2)), int(found.group(3)), int(found.group(4) or 1)
        return [str(value) for value in range(first, last + 1, step)]

    def evaluate(self, study, design):
        """The metrics of a design, its DRAM traffic, and what its accumulators take of the die and of the energy."""
        at = ",".join(f"{name}={value}" for name, value in design.items())
        record = json.loads(self.run("evaluate", "--study", study, "--at", at, "--json"))
        text = self.run("evaluate", "--study", study, "--at", at)
        m = record["metrics"]
        return {
            "latency": m["latency_s"] * 1e3,
            "energy": m["energy_j"] * 1e3,
            "area": m["area_mm2"],
            "carbon": m["carbon_kg"],
            "dram": sum(op["dram_bytes"] for op in record["operators"]) / 1e6,
            "accumulator area": amount(text, "area", "accumulators", "mm2"),
            "accumulator energy": amount(text, "energy", "accumulator", "mJ"),
        }


def amount(text, line, part, unit):
    """A part of one of the breakdowns that `catc evaluate` prints, in mm2 or mJ."""
    scale = {"mm2": {"mm2": 1, "um2": 1e-6}, "mJ": {"mJ": 1, "uJ": 1e-3, "nJ": 1e-6}}[unit]
    breakdown = re.search(rf"^{line}:(.*)$", text, re.M)
    found = re.search(rf"\b{part} ([0-9.e-]+) (\w+)", breakdown.group(1)) if breakdown else None
    if not found:
        return 0.0
    return float(found.group(1)) * scale[found.group(2)]


# Explanations -----------------------------------------------------------------------------------------------------------------


def expect(claim, text):
    if not claim:
        raise Failure(f"no longer true: {text}")


def design(front, row):
    """The values of a design, by the names of parameters."""
    return {name.split(" ")[0]: value for name, value in zip(front.parameters, row[4])}


def hardware_of(values):
    return {name: value for name, value in values.items() if name.startswith("edge.")}


def array_of(values):
    return " x ".join(values[f"edge.{name}"] for name in ("clusters", "array_width", "array_depth"))


def model_of(values):
    towers = (" x ".join(values[f"clip.{tower}.{size}"] for size in ("layers", "ffn", "heads", "width")) for tower in ("text", "vision"))
    return "text {}, vision {}".format(*towers)


def table(name, rows, columns):
    """Rows of (label, metrics)."""
    heads = {"latency": "latency ms", "energy": "energy mJ", "area": "area mm2", "carbon": "carbon kg", "dram": "DRAM MB",
             "accumulator area": "accumulators mm2", "accumulator energy": "accumulators mJ"}
    digits = {"latency": 2, "energy": 2, "area": 2, "carbon": 3, "dram": 1, "accumulator area": 3, "accumulator energy": 2}
    lines = [f"| {name} | " + " | ".join(heads[c] for c in columns) + " |", "|---|" + "---:|" * len(columns)]
    for label, metrics in rows:
        lines.append(f"| {label} | " + " | ".join(f"{metrics[c]:.{digits[c]}f}" for c in columns) + " |")
    return "\n".join(lines)


def change(after, before, metric):
    return f"{100 * (after[metric] / before[metric] - 1) + 0.0:+.1f} %"


def used_elsewhere(values, *elsewhere):
    """The values' shares of other studies' fronts, given with their parameter, in one of which one of them at least must be used."""
    shares = [{value: front.share(parameter, value) for value in values} for front, parameter in elsewhere]
    expect(max(max(some.values()) for some in shares) >= RARE, f"one of {elsewhere[0][1]} = {', '.join(values)} used in another front")
    texts = ["; ".join(f"{value}: {100 * share:.1f} %" for value, share in some.items()) for some in shares]
    return texts if len(texts) > 1 else texts[0]


def explain_depth(tool, front, rare, others):
    """Shallow arrays: each lane has its accumulators, however many MACs feed them."""
    parameter = "edge.array_depth"
    base = design(front, min(front.rows, key=lambda r: (r[2], r[3])))
    slots = int(base["edge.array_width"]) * int(base["edge.array_depth"])
    depths = [value for value in tool.domain(parameter) if str(slots // int(value)) in tool.domain("edge.array_width")]
    rows = []
    for depth in depths:
        values = dict(base, **{parameter: depth, "edge.array_width": str(slots // int(depth))})
        rows.append((f"{values['edge.array_width']} x {depth}", tool.evaluate("as_it_is", values)))
    for (_, shallow), (_, deep) in zip(rows, rows[1:]):
        for metric in ("area", "energy", "carbon", "accumulator area", "accumulator energy"):
            expect(shallow[metric] > deep[metric], f"a shallower array of as many MACs has more {metric}")
    gap = {m: rows[0][1][m] - rows[-1][1][m] for m in rows[0][1]}
    expect(gap["accumulator area"] > 0.5 * gap["area"], "accumulators are most of the area between shallow and deep")
    expect(gap["accumulator energy"] > 0.5 * gap["energy"], "accumulators are most of the energy between shallow and deep")
    other = others["free_accumulators"]
    used = used_elsewhere(rare, (other, parameter.replace("edge", "no_accumulators")))
    return f"""### array_depth {' and '.join(rare)}

A lane sums `array_depth` products in a cycle and adds them to one of its accumulators. Its accumulators cost the same whatever the
depth, so that a shallow array pays for more of them, and for more accesses, than a deep one of as many MACs. {slots} MACs, and all else
as in the front's design of least carbon ({model_of(base)}):

{table("width x depth", rows, ("latency", "energy", "area", "carbon", "accumulator area", "accumulator energy"))}

{rows[-1][0]} instead of {rows[0][0]} saves {gap['area']:.3f} mm2 and {gap['energy']:.2f} mJ; the accumulators alone save
{gap['accumulator area']:.3f} mm2 and {gap['accumulator energy']:.2f} mJ. With accumulators that cost neither, their shares of the
designs of the front are {used}. What accumulators cost is fitted to compiled
macros and CACTI (`docs/validation.md`), and this result rests on it.
"""


def vary(tool, study, base, parameter, values, unit):
    return [(f"{value} {unit}", tool.evaluate(study, dict(base, **{parameter: value}))) for value in values]


def explain_local(tool, front, rare, others):
    """Large local SRAMs: past what the operands of a cluster need, area without use."""
    parameter = "edge.local_sram"
    column = parameter + " [KiB]"
    values = tool.domain(parameter)
    eight_front = others["eight_pairs"]
    at = eight_front.parameters.index(column)
    base = hardware_of(design(eight_front, min((r for r in eight_front.rows if r[4][at] == rare[0]), key=lambda r: (r[1], r[3]))))
    columns = ("latency", "energy", "area", "carbon")
    one = vary(tool, "one_pair", base, parameter, values, "KiB")
    eight = vary(tool, "eight_pairs", base, parameter, values, "KiB")
    more = values.index(rare[0])
    before, after = one[more - 1][1], one[more][1]
    expect(after["carbon"] > before["carbon"] and after["latency"] >= 0.99 * before["latency"],
           f"{rare[0]} KiB costs carbon and spares less than 1 % of latency")
    expect(eight[more][1]["latency"] < eight[more - 1][1]["latency"], f"{rare[0]} KiB spares latency with eight pairs")
    used = used_elsewhere(rare, (eight_front, column))
    return f"""### local_sram {' and '.join(rare)} KiB

A cluster's local SRAM pays where the operands of its part of a product do not fit, and are read from the global buffer again. With one
image and one text there are 197 and 77 rows of activations, and what a larger SRAM spares is soon nothing. OpenCLIP's ViT-B/16 on the
fastest machine with {rare[0]} KiB that is worth having for eight images and eight texts at once (clusters x width x depth {array_of(base)},
{base["edge.global_buffer"]} MiB), and on others equal but for `local_sram`, here with one image and one text:

{table("local SRAM", one, columns)}

{rare[0]} KiB instead of {values[more - 1]} KiB: latency {change(after, before, "latency")}, energy {change(after, before, "energy")}, area {change(after, before, "area")}. With eight
(figures of all eight):

{table("local SRAM", eight, columns)}

There it is latency {change(eight[more][1], eight[more - 1][1], "latency")} and energy {change(eight[more][1], eight[more - 1][1], "energy")}. Shares of the front of carbon and
latency of all machines for this model and workload, in KiB: {used}.
"""


def explain_global(tool, front, rare, others):
    """Large global buffers: activations of one image fit into the least."""
    parameter = "edge.global_buffer"
    column = parameter + " [MiB]"
    values = tool.domain(parameter)
    expect(values[1:] == rare, "all but the least global buffer are rare")
    columns = ("latency", "energy", "area", "carbon", "dram")
    most_accurate = max(r[0] for r in front.rows)
    base = hardware_of(design(front, min((r for r in front.rows if r[0] == most_accurate), key=lambda r: (r[1], r[3]))))
    one = vary(tool, "one_pair", base, parameter, values, "MiB")
    eight = vary(tool, "eight_pairs", base, parameter, values, "MiB")
    for _, metrics in one[1:]:
        expect(metrics["dram"] == one[0][1]["dram"] and metrics["carbon"] > one[0][1]["carbon"],
               "a larger global buffer spares no DRAM traffic with one pair, and costs carbon")
    for (_, smaller), (_, larger) in zip(eight, eight[1:]):
        expect(all(larger[m] < smaller[m] for m in ("dram", "latency", "energy")), "a larger global buffer spares traffic with eight pairs")
    # A machine that gains from the next size all the same, and what else would help it more.
    wide = dict(base, **{"edge.clusters": "1", "edge.array_width": "256", "edge.array_depth": "64", "edge.local_sram": "256",
                         "edge.local_bandwidth": "32", parameter: values[0]})
    rows = [(f"{values[0]} MiB, 32 B/cycle", tool.evaluate("one_pair", wide)),
            (f"{values[1]} MiB, 32 B/cycle", tool.evaluate("one_pair", dict(wide, **{parameter: values[1]}))),
            (f"{values[0]} MiB, 64 B/cycle", tool.evaluate("one_pair", dict(wide, **{"edge.local_bandwidth": "64"})))]
    (_, start), (_, larger), (_, wider) = rows
    expect(larger["dram"] < start["dram"] and larger["energy"] < start["energy"], "a larger global buffer spares traffic of the wide machine")
    expect(all(wider[m] < larger[m] for m in ("latency", "energy", "area", "carbon")), "bandwidth helps it more and costs less")
    used = used_elsewhere(rare, (others["eight_pairs"], column))
    return f"""### global_buffer {' and '.join(rare)} MiB

What a larger global buffer spares first is DRAM traffic, and with one image and one text there is none to spare: the activations fit
into {values[0]} MiB beside the weights on their way, and each weight is read once. OpenCLIP's ViT-B/16 on the machine of the fastest of
the front's most accurate designs (clusters x width x depth {array_of(base)}), and on others equal but for `global_buffer`:

{table("global buffer", one, columns)}

With eight images and eight texts at once (figures of all eight):

{table("global buffer", eight, columns)}

Shares of the front of carbon and latency of all machines for this model and workload, in MiB: {used}.

With one pair there are machines that gain too: the column steps of a wide array are large, and beside one of the deepest layers
activations do not fit into {values[0]} MiB, so that they cross from DRAM in blocks. But what such a machine lacks is had for less elsewhere. The
same model on 1 x 256 x 64 with 256 KiB:

{table("global buffer, local bandwidth", rows, columns)}

What catc does not model would speak for larger buffers: its schedule reads every weight anew for each inference, and a buffer that keeps
some of them from one to the next would spare their traffic.
"""


def explain_macs(parameter, more):
    """Wide or many arrays: the channel to DRAM brings no more weights, and one image and one text use each once."""

    def explain(tool, front, rare, others):
        values = tool.domain(parameter)
        base = hardware_of(design(front, min(front.rows, key=lambda r: (r[1], r[3]))))
        columns = ("latency", "energy", "area", "carbon")
        one = vary(tool, "one_pair", base, parameter, values, "")
        eight = vary(tool, "eight_pairs", base, parameter, values, "")
        at = values.index(base[parameter])
        for _, metrics in one[at + 1:]:
            expect(metrics["carbon"] > one[at][1]["carbon"] and metrics["latency"] > 0.9 * one[at][1]["latency"],
                   f"more {parameter} spares less than a tenth of the latency with one pair, and costs carbon")
        name = parameter.split(".")[1]
        fast, pairs = used_elsewhere(rare, (others["eightfold_dram"], f"fast_memory.{name}"), (others["eight_pairs"], parameter))
        return f"""### {name} {' and '.join(rare)}

With one image and one text each weight that comes from DRAM is used for 197 or 77 rows at most, and weights come at 22 bytes a cycle
whatever computes with them. {more} OpenCLIP's ViT-B/16 on the front's fastest machine (clusters x width x depth {array_of(base)},
{base["edge.local_sram"]} KiB, {base["edge.local_bandwidth"]} B/cycle), and on others equal but for `{name}`:

{table(name, [(label.strip(), metrics) for label, metrics in one], columns)}

With eight images and eight texts at once (figures of all eight):

{table(name, [(label.strip(), metrics) for label, metrics in eight], columns)}

Shares of the front of carbon and latency of all machines for eight pairs and this model: {pairs}. Of the whole space's front with a DRAM of
eight times the bandwidth, at the same cost: {fast}.
"""

    return explain


# By the parameter's name: what explains that values are not used.
EXPLANATIONS = {"edge.clusters": explain_macs("edge.clusters", "More clusters wait for the same weights."),
                "edge.array_width": explain_macs(
                    "edge.array_width", "A wider array computes faster, but the first of its wider tiles, for which it waits at each product, comes later."),
                "edge.array_depth": explain_depth, "edge.local_sram": explain_local, "edge.global_buffer": explain_global}


def fill(text):
    """Breaks the lines of paragraphs anew; tables, lists and headings stay."""
    blocks = text.strip().split("\n\n")
    return "\n\n".join(b if b[0] in "#|*" else textwrap.fill(" ".join(b.split()), 120) for b in blocks) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--catc", default=str(ROOT / "build/bin/catc"))
    parser.add_argument("--out", default=str(ROOT / "docs/parameters.md"))
    args = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            tool = Tool(args.catc, folder)
            front = tool.front("as_it_is")
            front.answer_demands()
            domains = {name: tool.domain(name.split(" ")[0]) for name in front.parameters}
            widest = max(len(values) for values in domains.values())
            lines = ["| parameter |" + " value: designs (demands) |" + " |" * (widest - 1), "|---|" + "---|" * widest]
            rare = {}
            for name, values in domains.items():
                cells = []
                for value in values:
                    cells.append(f"{value}: {100 * front.share(name, value):.1f} ({100 * front.demand_share(name, value):.1f})")
                    if front.share(name, value) < RARE:
                        rare.setdefault(name, []).append(value)
                lines.append(f"| {name} | " + " | ".join(cells + [""] * (widest - len(cells))) + " |")
            others = {study: tool.front(study) for study in ("eight_pairs", "free_accumulators", "eightfold_dram")}
            explanations = []
            for name, values in rare.items():
                explain = EXPLANATIONS.get(name.split(" ")[0])
                if not explain:
                    raise Failure(f"no explanation of why {name} is rarely {', '.join(values)}")
                explanations.append(explain(tool, front, values, others))
    except Failure as failure:
        print(f"parameters_docs: {failure}", file=sys.stderr)
        return 1
    named = [f"`{name.split(' ')[0]}` {' and '.join(values)}" for name, values in rare.items()]
    text = TEXT.format(designs=len(front.rows), levels=LEVELS, answered=front.answered, all_demands=LEVELS * LEVELS, rare=f"{100 * RARE:.1f} %",
                       shares="\n".join(lines), rare_values="; ".join(named), explanations="\n".join(explanations))
    pathlib.Path(args.out).write_text(fill(text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
