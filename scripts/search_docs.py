#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/search.md: how much of the exact hypervolume each strategy finds, over seeds, reference points, surfaces and noise.

Every cell of the tables is a run of build/bin/SearchQuality (test/benchmark), which searches the whole space of a spec for an accuracy that
is known for every model. With --keep, cells that are in that folder already are not run again.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Surfaces, each with what it adds to the predictor.
SHAPE = ("shape", ["--shape"])
FIELD = ("shape and field", ["--shape", "--field", "0.01"])
WHITE = ("shape and white", ["--shape", "--white", "0.001"])
STRATEGIES = [
    ("greybox, predictor as prior mean", ["--strategy", "greybox", "--prior"]),
    ("greybox", ["--strategy", "greybox"]),
    ("random", ["--strategy", "random"]),
]
CEILING = ("ceiling", ["--strategy", "ceiling"])
# Share of the exact hypervolume that the worst seed must reach with the prior mean and no noise: evaluations -> share.
TARGETS = {20: 0.97, 60: 0.993}

TEXT = """# How much of the front a search finds

Written by `scripts/search_docs.py`; do not edit by hand. Each figure is a share, in per cent, of the hypervolume of the exact front of
`{spec}` ({goals}): the median of {seeds} seeds, in brackets the worst. It counts the models that were evaluated, each with all of its
hardware, at their true accuracies.

* *greybox* is `catc search --strategy greybox`, with or without the study's predictor as prior mean; *random* evaluates models at random.
  All three add every feasible hardware point of each evaluated model.
* *ceiling* is the best that so many models can reach, chosen greedily with everything known beforehand. No search can count on it.
* The reference point is the spec's thresholds, or a *tight* one: the exact front's worst value of each goal and 10 % of the front's range
  beyond it, where that is tighter than the threshold.

An accuracy that a search knows beforehand would prove nothing, so the benchmark surfaces hold what the predictor does not know:

* *shape*: the predictor and, in logits, a term of each tower's shape: width matters more than its MACs say, depth, FFN and heads less, and
  dimensions that shrink unequally lose a little.
* *shape and field*: the shape and a smooth random field over all parameters, of standard deviation 1 point (about the predictor's own sigma) and a
  correlation length of half of each parameter's range.
* *shape and white*: the shape and a random term of standard deviation 0.1 points, independent for each model: two models that differ in
  one head tell nothing of each other's.

{tables}
## What this says

{findings}
"""


class Failure(Exception):
    pass


class Study:
    """Runs cells, a few at a time, and keeps their figures."""

    def __init__(self, args, keep):
        self.args, self.keep = args, pathlib.Path(keep)
        self.pool = concurrent.futures.ThreadPoolExecutor(args.jobs)
        self.keep.mkdir(parents=True, exist_ok=True)

    def run(self, options):
        command = [self.args.program, self.args.spec, "--seeds", str(self.args.seeds), "--at", self.args.at, *options]
        # A program that was built anew is another one.
        stamp = hashlib.sha256(pathlib.Path(self.args.program).read_bytes()).hexdigest()
        path = self.keep / (hashlib.sha256(json.dumps([stamp, *command]).encode()).hexdigest()[:24] + ".json")
        if not path.exists():
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise Failure(f"{' '.join(command)}: {done.stderr.strip()}")
            partial = path.with_suffix(".partial")
            partial.write_text(done.stdout)
            partial.rename(path)
            print(f"search_docs: {' '.join(options)}", file=sys.stderr)
        return json.loads(path.read_text())

    def start(self, options):
        return self.pool.submit(self.run, options)


class Row:
    """One strategy on one surface."""

    def __init__(self, cell):
        self.cell = cell

    def shares(self, checkpoint):
        figures = self.cell.result()
        return [run[figures["checkpoints"].index(checkpoint)] for run in figures["shares"]]

    def worst(self, checkpoint):
        return min(self.shares(checkpoint))

    def median(self, checkpoint):
        return statistics.median(self.shares(checkpoint))

    def cells(self, checkpoints):
        return [
            percent(self.median(n)) if len(self.shares(n)) == 1 else f"{percent(self.median(n))} [{percent(self.worst(n))}]" for n in checkpoints
        ]


def percent(share):
    """Rounded down, so that no figure looks better than it is."""
    return f"{int(share * 10000 + 1e-6) / 100:.2f}"


def table(rows, checkpoints):
    lines = ["| surface | strategy | " + " | ".join(f"@{n}" for n in checkpoints) + " |", "|---|---|" + "---:|" * len(checkpoints)]
    lines += [f"| {surface} | {strategy} | " + " | ".join(row.cells(checkpoints)) + " |" for (surface, strategy), row in rows.items()]
    return "\n".join(lines)


def findings(quiet, noisy, checkpoints):
    """Sentences about the tables. `quiet` and `noisy` are {reference: {(surface, strategy): Row}}."""
    prior, plain, random = (name for name, _ in STRATEGIES)
    last = checkpoints[-1]
    lines = []
    for (surface, _) in (SHAPE, FIELD, WHITE):
        parts = []
        for n, target in TARGETS.items():
            if n not in checkpoints:
                continue
            worst = {reference: rows[surface, prior].worst(n) for reference, rows in quiet.items()}
            verdict = "met" if min(worst.values()) >= target else "missed"
            figures = " and ".join(f"{percent(share)} % ({reference} reference)" for reference, share in worst.items())
            parts.append(f"after {n} evaluations {figures} against a target of {100 * target:g} %: {verdict}")
        if parts:
            lines.append(f"* Worst seed with the predictor as prior mean, no noise, surface *{surface}*: {'; '.join(parts)}.")
    first = checkpoints[0]
    gains = {reference: rows[SHAPE[0], prior].median(first) - rows[SHAPE[0], plain].median(first) for reference, rows in quiet.items()}
    lines.append(
        f"* After {first} evaluations the prior mean is worth "
        + " and ".join(f"{100 * gain:+.1f} points ({reference})" for reference, gain in gains.items())
        + f" of hypervolume on the surface *{SHAPE[0]}*, in the median; after {last} "
        + " and ".join(
            f"{100 * (rows[SHAPE[0], prior].median(last) - rows[SHAPE[0], plain].median(last)):+.2f} ({reference})"
            for reference, rows in quiet.items()
        )
        + "."
    )
    lines.append(
        f"* Random search, with all hardware of each model, has "
        + " and ".join(f"{percent(rows[SHAPE[0], random].median(last))} % ({reference})" for reference, rows in quiet.items())
        + f" after {last} evaluations in the median; greybox without a prior mean has passed that after {first}"
        + (
            "."
            if all(rows[SHAPE[0], plain].worst(first) > rows[SHAPE[0], random].median(last) for rows in quiet.values())
            else " in some seeds only."
        )
    )
    lines.append(
        "* The field is as wide as the predictor's sigma and bends within each parameter's range. In so many parameters that is more than a few "
        "dozen evaluations can tell: the exact front is made of the luckiest of all models, and the evaluated ones do not say which these are. "
        "The ceiling knows them. What a search loses there it loses to an accuracy that is rougher than its model believes."
    )
    if noisy:
        lines.append(
            f"* Noise of 1 point costs a search with the prior mean "
            + " and ".join(
                f"{100 * (quiet[reference][SHAPE[0], prior].median(last) - rows['noise 1 point', prior].median(last)):.2f} points ({reference})"
                for reference, rows in noisy.items()
            )
            + f" of hypervolume after {last} evaluations, in the median."
        )
    return "\n".join(lines)


def fill(text):
    """Breaks the lines of paragraphs and of lists anew; tables, headings and code stay."""
    blocks = []
    for block in text.strip().split("\n\n"):
        if block[0] in "#| ":
            blocks.append(block)
        elif block.startswith("* "):
            items = [" ".join(item.split()) for item in ("\n" + block).split("\n* ")[1:]]
            blocks.append("\n".join(textwrap.fill("* " + item, 120, subsequent_indent="  ", break_on_hyphens=False) for item in items))
        else:
            blocks.append(textwrap.fill(" ".join(block.split()), 120, break_on_hyphens=False))
    return "\n\n".join(blocks) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / "build/bin/SearchQuality"))
    parser.add_argument("--spec", default=str(ROOT / "examples/clip_vit_b16.cat"))
    parser.add_argument("--goals", default="accuracy, carbon and latency", help="how the page names the spec's goals")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--at", default="10,20,40,60", help="evaluations after which to look")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs at a time")
    parser.add_argument("--keep", help="folder in which the figures of finished cells are kept")
    parser.add_argument("--out", default=str(ROOT / "docs/search.md"))
    args = parser.parse_args()
    checkpoints = sorted(int(n) for n in args.at.split(","))
    try:
        with tempfile.TemporaryDirectory() as scratch:
            study = Study(args, args.keep or scratch)
            quiet, noisy = {}, {}
            for reference in ("spec", "tight"):
                at = ["--reference", reference]
                quiet[reference] = {
                    (surface, strategy): Row(study.start(at + added + options))
                    for surface, added in (SHAPE, FIELD, WHITE)
                    for strategy, options in [CEILING, *STRATEGIES]
                }
            for reference in ("spec", "tight"):
                noisy[reference] = {
                    (f"noise {points} point", strategy): Row(
                        study.start(["--reference", reference, "--noise", str(points / 100), *SHAPE[1], *options])
                    )
                    for points in (0.5, 1)
                    for strategy, options in STRATEGIES
                }
            tables = ""
            for reference, rows in quiet.items():
                figures = rows[SHAPE[0], CEILING[0]].cell.result()
                point = ", ".join(f"{value:.4g}" for value in figures["reference"])
                tables += f"## No noise, {reference} reference point\n\nOn the surface *{SHAPE[0]}* the reference point is ({point}), "
                tables += f"in base units, and the exact front has {figures['points']:,} designs.\n\n{table(rows, checkpoints)}\n\n"
            for reference, rows in noisy.items():
                tables += f"## With noise, {reference} reference point\n\nThe surface is *{SHAPE[0]}*; what the search is told has a normal error of "
                tables += f"the standard deviation given.\n\n{table(rows, checkpoints)}\n\n"
            spec = pathlib.Path(args.spec).resolve()
            text = TEXT.format(
                spec=spec.relative_to(ROOT) if spec.is_relative_to(ROOT) else spec.name,
                goals=args.goals,
                seeds=args.seeds,
                tables=tables,
                findings=findings(quiet, noisy, checkpoints),
            )
    except Failure as failure:
        print(f"search_docs: {failure}", file=sys.stderr)
        return 1
    pathlib.Path(args.out).write_text(fill(text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
