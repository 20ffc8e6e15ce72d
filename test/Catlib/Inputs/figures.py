# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints the figures that CATransformers publishes for a machine, as `catc evaluate` gives them.

usage: figures.py CATC FOLDER clusters,width,depth,global_buffer,local_sram,local_bandwidth

FOLDER holds the example catransformers.cat; die_only.cat, beside this script, makes its DRAM free of carbon.
"""
import json
import pathlib
import subprocess
import sys

NAMES = ("clusters", "array_width", "array_depth", "global_buffer", "local_sram", "local_bandwidth")


def metrics(catc, folder, spec, point):
    at = ",".join(f"{name}={value}" for name, value in zip(NAMES, point.split(",")))
    run = subprocess.run([catc, "evaluate", "-I", folder, spec, "--at", at, "--json"], stdout=subprocess.PIPE, check=True)
    return json.loads(run.stdout)["metrics"]


def main():
    catc, folder, point = sys.argv[1:]
    full = metrics(catc, folder, f"{folder}/catransformers.cat", point)
    die = metrics(catc, folder, str(pathlib.Path(__file__).parent / "die_only.cat"), point)
    print(f"area      {full['area_mm2'] * 1e6:11.2f} um2")
    print(f"peak      {full['peak_tops']:11.2f} TOPS")
    print(f"die       {die['embodied_kg'] * 1e3:11.2f} g")
    print(f"each area {die['embodied_kg'] * 1e3 / (die['area_mm2'] / 100):11.2f} g/cm2")
    print(f"dram      {(full['embodied_kg'] - die['embodied_kg']) * 1e3:11.2f} g")


if __name__ == "__main__":
    main()
