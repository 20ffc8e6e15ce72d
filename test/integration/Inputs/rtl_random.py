#!/usr/bin/env python3
# Simulates random operators on emitted machines and compares them with the models.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""usage: rtl_random.py RTL_CASES HW FOLDER --cases N [--seed N] [--jobs N] [--results FILE]

For each machine that RTL_CASES knows: builds the library HW with its package by Verilator, runs N random operators, and demands
that every byte of the results and the cycle count are as predicted. Prints the errors of the closed form by kind of operator. The
first differences go to stderr; the exit status is then 1. --results writes an object a line for each operator, for scripts/validation_docs.py.
"""

import argparse
import concurrent.futures
import json
import pathlib
import re
import shutil
import subprocess
import sys


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    return done.returncode, done.stdout, done.stderr


def build(rtl_cases, hw, folder, machine):
    """The simulator of one machine, or an error."""
    folder.mkdir(parents=True, exist_ok=True)
    package = folder / "catc_config_pkg.sv"
    package.write_text(subprocess.check_output([rtl_cases, "package", str(machine)], text=True))
    files = [hw / "rtl" / name for name in (hw / "rtl/files.f").read_text().split() if name != package.name]
    status, _, error = run(
        ["verilator", "--cc", "--exe", "-Wall", "-O3", "--x-initial", "fast", "--x-assign", "fast", "--top-module", "catc_accelerator",
         "--Mdir", folder / "obj", package, *files, hw / "tb/catc_tb.cpp"])  # fmt: skip
    if status == 0:
        # Verilator's own files are the same for all machines, and all files for the next run.
        cache = ["OBJCACHE=ccache"] if shutil.which("ccache") else []
        status, _, error = run(
            ["make", "-C", folder / "obj", "-f", "Vcatc_accelerator.mk", "-j1", "OPT_FAST=-O1", "OPT_SLOW=-O0", "OPT_GLOBAL=-O1", *cache])
    if status != 0:
        raise RuntimeError("machine %d does not build:\n%s" % (machine, error))
    return folder / "obj/Vcatc_accelerator"


def describe(package):
    """What the results say of a machine, from its package's text."""
    value = {name: int(text) for name, text in re.findall(r"(CLUSTERS|WIDTH|DEPTH|SYSTOLIC) *= *(?:1'b)?(\d+)", package)}
    return {
        "style": "systolic" if value["SYSTOLIC"] else "vector_mac", "clusters": value["CLUSTERS"],
        "shape": "%d x %d" % (value["WIDTH"], value["DEPTH"])}  # fmt: skip


def check(arguments, machine):
    """(operators' records, differences) of one machine."""
    folder = arguments.folder / str(machine)
    simulator = build(arguments.rtl_cases, arguments.hw, folder, machine)
    cases = folder / "cases.txt"
    with open(cases, "w", encoding="utf-8") as file:
        subprocess.run(
            [arguments.rtl_cases, "cases", str(machine), str(arguments.cases), str(arguments.seed)], stdout=file, check=True)
    predicted = {}
    for line in open(cases, encoding="utf-8"):
        if line.startswith("# predicted "):
            name, kind, row_model, closed_form = line.split()[2:]
            predicted[name] = (kind, int(row_model), int(closed_form))
    _, output, error = run([simulator, cases])
    records, differences = [], []
    about = describe((folder / "catc_config_pkg.sv").read_text())
    results = [json.loads(line) for line in output.splitlines()]
    for result in results:
        kind, row_model, closed_form = predicted.pop(result["case"])
        cycles = result["cycles"]
        equal = not result["mismatches"] and not result["conflict"] and bool(result["ended"])
        records.append({"kind": kind, **about, "simulated": cycles, "row_model": row_model, "closed_form": closed_form, "equal": equal})
        if cycles != row_model or not equal:
            differences.append("%s: row model %d, simulated %s" % (kind, row_model, json.dumps(result)))
    for name in predicted:
        differences.append("%s: no result: %s" % (name, error.strip()))
    return records, differences


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rtl_cases")
    parser.add_argument("hw", type=lambda path: pathlib.Path(path).absolute())
    parser.add_argument("folder", type=lambda path: pathlib.Path(path).absolute())
    parser.add_argument("--cases", type=int, required=True, help="for each machine")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--results", type=pathlib.Path)
    arguments = parser.parse_args()

    machines = int(subprocess.check_output([arguments.rtl_cases, "machines"], text=True))
    records, differences = [], []
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for some, machine_differences in pool.map(lambda machine: check(arguments, machine), range(machines)):
            records += some
            differences += machine_differences
    if arguments.results:
        arguments.results.write_text("".join(json.dumps(record) + "\n" for record in records))
    print("%d operators on %d machines, %d differ from the row model or the arithmetic" % (len(records), machines, len(differences)))
    for kind in sorted({record["kind"] for record in records}):
        sizes = sorted(abs(r["closed_form"] / r["simulated"] - 1) for r in records if r["kind"] == kind)
        print("closed form, %s: %d operators, error median %.2f %%, 90 %% below %.2f %%, largest %.2f %%" % (
            kind, len(sizes), 100 * sizes[len(sizes) // 2], 100 * sizes[len(sizes) * 9 // 10], 100 * sizes[-1]))
    for difference in differences[:20]:
        print(difference, file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
