#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fits the area and energy constants of catlib to the reference data, and prints each constant with its residuals.

usage: scripts/calibration.py [--refs $CATC_REFS] [--synthesise [--rtl hw/rtl] [--yosys yosys]] [--check]

The constants stand in catlib/edge_npu.cat and catlib/memory.cat, rounded; --check compares them with the fits. --synthesise fits those
of the blocks of hw/rtl too, which takes some ten minutes.
"""
import argparse
import csv
import json
import math
import os
import pathlib
import re
import sys

import cells

ROOT = pathlib.Path(__file__).resolve().parent.parent
NODE = 22  # nm, of catlib's templates

# Generic cells of the blocks of pe_area.csv, as scripts/cells.py counts them (yosys 0.23, same sources): um2 before calibration.
GENERIC = {
    ("catc_pe", "PSW17 (D=2)"): 870.6, ("catc_pe", "PSW18 (D=4)"): 895.9, ("catc_pe", "PSW19 (D=8)"): 929.1,
    ("catc_pe", "PSW20 (D=16)"): 979.1, ("catc_pe", "PSW21 (D=32)"): 1015.3, ("catc_pe", "PSW22 (D=64)"): 1058.1,
    ("catc_row", "W=8 PSW20"): 8149.7, ("catc_row", "W=32 PSW20"): 32734.5,
    ("catc_lane", "D=2"): 1479.0, ("catc_lane", "D=4"): 3179.2, ("catc_lane", "D=8"): 6632.2, ("catc_lane", "D=16"): 13644.7,
    ("catc_lane", "D=32"): 27810.3, ("catc_lane", "D=64"): 56434.0, ("catc_requant", "32x16 mult 49b shift"): 6516.5,
}  # fmt: skip


class References:
    """The files of refs/cost that the fits read."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / "cost"
        self.cells = self.table("pe_area.csv")
        self.macros = self.table("sram_macros.csv")
        self.energies = self.table("energy.csv")
        self.cacti = json.loads((self.folder / "cacti7_22nm_sram.json").read_text())
        for row in self.cacti:
            for key in ("read_nJ", "write_nJ", "leak_mW_per_bank", "area_mm2"):
                row[key] = float(row[key])

    def table(self, name):
        with open(self.folder / name, newline="") as file:
            return list(csv.DictReader(file))

    def cell(self, block, params, lib="nangate45"):
        return next(row for row in self.cells if row["block"] == block and row["params"].startswith(params) and row["lib"].startswith(lib))

    def sram(self, bytes_, ports=1, block=4, cell="as-is"):
        for row in self.cacti:
            if (row["bytes"], row["rw_ports"], row["block_B"], row["cell"]) == (bytes_, ports, block, cell):
                return row
        return None

    def energy(self, op, node):
        return next(float(row["energy_pj"]) for row in self.energies if row["op"] == op and row["node_nm"] == str(node))


class Fit:
    """A named constant, what it was fitted to, and each point's ratio of fit to reference."""

    def __init__(self, name, value, unit, basis, ratios=()):
        self.name, self.value, self.unit, self.basis, self.ratios = name, value, unit, basis, list(ratios)

    def spread(self):
        if not self.ratios:
            return ""
        return f"{min(self.ratios):.2f} .. {max(self.ratios):.2f} ({len(self.ratios)})"


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def least_squares(rows, targets):
    """Coefficients with the least sum of squared relative errors."""
    n = len(rows[0])
    weights = [1 / t**2 for t in targets]
    system = [[sum(w * r[i] * r[j] for w, r in zip(weights, rows)) for j in range(n)] +
              [sum(w * r[i] * t for w, r, t in zip(weights, rows, targets))] for i in range(n)]  # fmt: skip
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: abs(system[r][i]))
        system[i], system[pivot] = system[pivot], system[i]
        for r in range(n):
            if r != i:
                factor = system[r][i] / system[i][i]
                system[r] = [a - factor * b for a, b in zip(system[r], system[i])]
    return [system[i][n] / system[i][i] for i in range(n)]


def node_exponent(refs):
    """Area follows feature^x between Nangate45 and ASAP7; mean over the blocks synthesised for both."""
    logs = []
    for block, params in (("catc_pe", "PSW20"), ("catc_lane", "D=16"), ("catc_requant", "32x16")):
        big, small = (float(refs.cell(block, params, lib)["area_um2"]) for lib in ("nangate45", "asap7"))
        logs.append((block, math.log(big / small) / math.log(45 / 7)))
    exponent = 1.40  # of the processing element, the smallest of the three: scaled areas err on the large side
    return Fit("node exponent", exponent, "", "pe_area.csv: Nangate45 against ASAP7, three blocks", [exponent / x for _, x in logs])


def scale(node, exponent=1.40):
    return (NODE / node) ** exponent


def cell_fits(refs):
    """Cells of both styles by depth, and a bit of register, at 22 nm."""
    s = scale(45)
    fits = []
    for depth in (2, 4, 8, 16, 32, 64):
        lane = float(refs.cell("catc_lane", f"D={depth}")["um2_per_mac"]) * s
        fits.append(Fit(f"cell_area, depth {depth}", lane, "um2", "pe_area.csv catc_lane, scaled", [1.0]))
    depths = (2, 4, 8, 16, 32, 64)
    areas = [float(refs.cell("catc_pe", f"PSW{16 + int(math.log2(d))}")["area_um2"]) for d in depths]
    base, slope = least_squares([[1, math.log2(d) - 1] for d in depths], areas)
    for d, area in zip(depths, areas):
        fits.append(Fit(f"systolic_cell_area, depth {d}", area * s, "um2", "pe_area.csv catc_pe, scaled", [(base + slope * (math.log2(d) - 1)) / area]))
    fits.append(Fit("register_area", cells.FLIP_FLOP * s, "um2", "Nangate45's flip-flop, scaled"))
    return fits


def synthesis_factor(refs):
    """Nangate45 area over the generic cells' weighted area (scripts/cells.py)."""
    ratios = [float(refs.cell(block, params)["area_um2"]) / area for (block, params), area in GENERIC.items()]
    factor = math.exp(mean(math.log(r) for r in ratios))
    return Fit("generic cells to Nangate45", factor, "", "pe_area.csv: 15 blocks", [factor / r for r in ratios])


def macro_coefficients(refs):
    """um2 at 22 nm: each bit, each bit of a word, each word, each macro; and the ratios at the macros they come from."""
    macros = [m for m in refs.macros if m["kind"] == "real macro"]
    rows = [[int(m["words"]) * int(m["bits_per_word"]), int(m["bits_per_word"]), int(m["words"]), 1] for m in macros]
    areas = [float(m["area_um2"]) for m in macros]
    c = least_squares(rows, areas)
    ratios = [sum(a * b for a, b in zip(c, row)) / area for row, area in zip(rows, areas)]
    return [x * scale(int(macros[0]["node_nm"])) for x in c], ratios


def macro_area(coefficients, bits, width):
    bit, column, word, bank = coefficients
    return bit * bits + column * width + word * bits / width + bank


def macro_fits(refs):
    c, ratios = macro_coefficients(refs)
    basis = "sram_macros.csv: ten macros of IHP's 130 nm, four terms, scaled"
    return [
        Fit("sram area", c[0] * 8, "um2/B", basis, ratios),
        Fit("area_per_width", c[1] * 8, "um2", basis, ratios),
        Fit("area_per_word", c[2], "um2", basis, ratios),
        Fit("area_per_bank", c[3], "um2", basis, ratios),
    ]


def macro_checks(refs):
    """(what, fit, reference): memories that the fit has not seen, at their own nodes."""
    c, _ = macro_coefficients(refs)
    gemmini = next(m for m in refs.macros if m["macro"].startswith("Gemmini"))
    checks = [("Gemmini's scratchpad, 256 KiB in 4 banks of 16-byte words, Intel 22FFL, placed and routed",
               4 * macro_area(c, 8 * 65536, 128), float(gemmini["area_um2"])),
              ("Gemmini's accumulators, 64 KiB in 2 banks of 64-byte words", 2 * macro_area(c, 8 * 32768, 512), 146000.0)]  # fmt: skip
    for row in refs.cacti:
        if row["rw_ports"] == 1 and row["block_B"] == 4 and row["cell"] == "as-is":
            bits = 8 * row["bytes"] // row["banks"]
            checks.append((f"CACTI 7, {row['bytes'] // 1024} KiB, 4 banks, 4-byte word", row["banks"] * macro_area(c, bits, 32), row["area_mm2"] * 1e6))
    return checks


def port_fits(refs):
    sizes = [65536, 262144, 1048576, 2097152, 8388608]
    ratio = {key: [refs.sram(b, 2)[key] / refs.sram(b)[key] for b in sizes] for key in ("area_mm2", "read_nJ", "write_nJ")}
    area, energy = mean(ratio["area_mm2"]), mean(ratio["read_nJ"] + ratio["write_nJ"])
    return [
        Fit("port_area", area, "", "CACTI 7: a second port, 64 KiB to 8 MiB", [area / r for r in ratio["area_mm2"]]),
        Fit("port_energy", energy, "", "CACTI 7: a second port, reads and writes", [energy / r for r in ratio["read_nJ"] + ratio["write_nJ"]]),
    ]


def overhead_fit(refs):
    """Energy of an access of B bytes is proportional to B + x: reads of 4 and of 32 bytes."""
    values, narrow = [], []
    for size in (65536, 262144, 1048576):
        four, wide = refs.sram(size)["read_nJ"], refs.sram(size, block=32)["read_nJ"]
        per_byte = (wide - four) / 28
        values.append(four / per_byte - 4)
        narrow.append((four, wide))
    x = mean(values)
    return Fit("access_overhead", x, "B", "CACTI 7: words of 4 and 32 bytes, 64 KiB to 1 MiB", [(4 + x) / (32 + x) * w / f for f, w in narrow])


def link_fit(refs):
    """A byte of a port with its tree to the banks: CACTI's areas of 32-byte and 4-byte words."""
    each = [(refs.sram(b, block=32)["area_mm2"] - refs.sram(b)["area_mm2"]) * 1e6 / 28 for b in (65536, 262144)]
    return Fit("link_area", mean(each), "um2", "CACTI 7: a byte more of a port with its tree, 64 and 256 KiB", [mean(each) / e for e in each])


def leakage_fit(refs):
    each = [r["leak_mW_per_bank"] * r["banks"] / (r["bytes"] / 2**20) for r in refs.cacti if r["cell"] == "as-is" and r["rw_ports"] == 1]
    return Fit("leakage, low standby power", mean(each), "mW/MiB", "CACTI 7: 1 port, 64 KiB to 8 MiB", [mean(each) / e for e in each])


def accumulator_fits(refs):
    c, _ = macro_coefficients(refs)
    area, energy = port_fits(refs)
    x = overhead_fit(refs).value
    exponent = math.log(refs.sram(1048576, block=32)["read_nJ"] / refs.sram(65536, block=32)["read_nJ"]) / math.log(16)
    base = refs.sram(65536, block=32)["read_nJ"] * 1000 / 32
    per_byte = base * 0.25**exponent * energy.value * (1 + x / 128) / (1 + x / 32)
    horowitz = refs.energy("SRAM 8KB read 64b", 45) / 8 * (1 + x / 128) / (1 + x / 8) * 2**exponent * energy_scale(refs, "SRAM 8KB read 64b")
    return [
        Fit("accumulator_area", c[0] * 8 * area.value, "um2/B", "the macros' bits with a second port"),
        Fit("accumulator_width_area", c[1] * 8 * area.value, "um2", "the macros' columns with a second port"),
        Fit("accumulator_energy", per_byte, "pJ/B",
            "CACTI 7's exponent to 16 KiB, a 128-byte word, two ports; ratio to Horowitz's 8 KB, 64-bit read, scaled alike", [per_byte / horowitz]),
    ]  # fmt: skip


def energy_scale(refs, op):
    """22 nm over 45 nm, by the exponent between Horowitz's 45 nm and Jouppi's 7 nm."""
    x = math.log(refs.energy(op, 45) / refs.energy(op, 7)) / math.log(45 / 7)
    return (NODE / 45) ** x


def energy_fits(refs):
    basis = "energy.csv: between Horowitz (45 nm) and Jouppi (7 nm)"
    at = {op: refs.energy(op, 45) * energy_scale(refs, op) for op in ("int8 mult", "int32 mult", "int32 add")}
    mult16 = math.sqrt(at["int8 mult"] * at["int32 mult"])
    return [
        Fit("mac_energy", at["int8 mult"] + at["int32 add"], "pJ", basis + ": 8-bit multiply and 32-bit add"),
        Fit("requantize_energy", mult16 + 2 * at["int32 add"], "pJ", basis + ": 16-bit multiply (geometric mean of 8 and 32), two 32-bit adds"),
        Fit("operation_energy", mult16 + at["int32 add"], "pJ", basis + ": 16-bit multiply, a 32-bit add"),
    ]


class Blocks:
    """Areas of blocks of hw/rtl at two sizes of one parameter each, um2 in Nangate45 equivalents."""

    def __init__(self, rtl, yosys):
        self.rtl, self.yosys = rtl, yosys

    def of(self, top, **parameters):
        design, name = cells.synthesise(self.rtl, top, parameters, self.yosys)
        return design.blocks(name)


def synthesis_fits(refs, blocks):
    """What stands beside the array in a cluster, and the rest of the chip; um2 at 22 nm."""
    s = scale(45)
    gemm = {"DEPTH": 4, "UNITS": 1, "OUTPUT_ROWS": 16}
    four = blocks.of("catc_gemm", WIDTH=4, **gemm)
    eight = blocks.of("catc_gemm", WIDTH=8, **gemm)
    deep = blocks.of("catc_gemm", WIDTH=4, **{**gemm, "OUTPUT_ROWS": 32})
    units = blocks.of("catc_gemm", WIDTH=8, **{**gemm, "UNITS": 2})
    fifo = (deep["catc_gemm"] - four["catc_gemm"]) / (16 * 4)
    unit = sum(units[b] - eight[b] for b in ("catc_drain", "catc_requantize", "catc_add"))
    lane = sum(eight[b] - four[b] for b in ("catc_gemm", "catc_drain", "catc_array_dot", "catc_delay")) / 4 - 16 * fifo
    once = four["catc_gemm"] + four["catc_drain"] + four["catc_requantize"] + four["catc_add"] - 4 * lane - unit - 64 * fifo
    cluster = blocks.of("catc_cluster")
    once += sum(cluster[b] for b in ("catc_cluster", "catc_loop", "catc_address", "catc_delay"))
    streams = {"DEPTH": 8, "WIDTH": 8, "LANES": 8}
    reader = [sum(blocks.of("catc_reader", WORD=w, BEAT=8, **streams).values()) for w in (16, 32)]
    writer = [sum(blocks.of("catc_writer", WORD=w, WIDTH=8, LANES=8).values()) for w in (16, 32)]
    word = (2 * (reader[1] - reader[0]) + writer[1] - writer[0]) / 16
    buffer = sum(blocks.of("catc_buffer").values()) / 16  # its default word
    vector = [sum(blocks.of("catc_vector", V=v, ROW_BYTES=256).values()) for v in (4, 8)]
    control = sum(blocks.of("catc_control").values()) + sum(blocks.of("catc_dma").values())
    vector_lane = (vector[1] - vector[0]) / 4
    basis = "yosys on hw/rtl: "
    # The default cluster, which no difference above has seen.
    default = sum(v for b, v in cluster.items() if b not in ("catc_dot_lane", "catc_array_dot"))
    unseen = 8 * lane + 4 * unit + 32 * 8 * fifo + once + 16 * word + sum(v for b, v in cluster.items() if b.startswith("catc_vector"))
    return [
        Fit("lane_area", lane * s, "um2", basis + "adder, constants and way out of a lane"),
        Fit("fifo_area", fifo * s, "um2/B", basis + "output FIFO, 16 and 32 rows"),
        Fit("requantizer_area", unit * s, "um2", basis + "requantiser, table port and residual adder; ratio at the default cluster", [unseen / default]),
        Fit("cluster_area", once * s, "um2", basis + "table, loops, addresses and control of a cluster"),
        Fit("word_area", word * s, "um2", basis + "two readers and a writer, words of 16 and 32 bytes; ratio of the buffer's own", [word / buffer]),
        Fit("vector lane_area", vector_lane * s, "um2", basis + "4 and 8 lanes"),
        Fit("vector unit_area", (vector[0] - 4 * vector_lane) * s, "um2", basis + "table, divider and control of a vector unit"),
        Fit("control", control * s, "um2", basis + "register block and DMA, part of the rest's area"),
    ]  # fmt: skip


# Fits by name, as the keys of catlib that hold them: (file, block, key, index in a list).
KEYS = {
    "register_area": ("edge_npu.cat", "array pe", "register_area", None),
    "lane_area": ("edge_npu.cat", "array pe", "lane_area", None),
    "fifo_area": ("edge_npu.cat", "array pe", "fifo_area", None),
    "accumulator_area": ("edge_npu.cat", "array pe", "accumulator_area", None),
    "accumulator_width_area": ("edge_npu.cat", "array pe", "accumulator_width_area", None),
    "requantizer_area": ("edge_npu.cat", "array pe", "requantizer_area", None),
    "mac_energy": ("edge_npu.cat", "array pe", "mac_energy", None),
    "accumulator_energy": ("edge_npu.cat", "array pe", "accumulator_energy", None),
    "requantize_energy": ("edge_npu.cat", "array pe", "requantize_energy", None),
    "vector lane_area": ("edge_npu.cat", "vector unit", "lane_area", None),
    "vector unit_area": ("edge_npu.cat", "vector unit", "unit_area", None),
    "operation_energy": ("edge_npu.cat", "vector unit", "operation_energy", None),
    "cluster_area": ("edge_npu.cat", "logic rest", "cluster_area", None),
    "word_area": ("edge_npu.cat", "logic rest", "word_area", None),
    "link_area": ("edge_npu.cat", "logic rest", "link_area", None),
    "sram area": ("memory.cat", "sram sram_22nm_lstp", "area", 0),
    "area_per_width": ("memory.cat", "sram sram_22nm_lstp", "area_per_width", None),
    "area_per_word": ("memory.cat", "sram sram_22nm_lstp", "area_per_word", None),
    "area_per_bank": ("memory.cat", "sram sram_22nm_lstp", "area_per_bank", None),
    "access_overhead": ("memory.cat", "sram sram_22nm_lstp", "access_overhead", None),
    "port_area": ("memory.cat", "sram sram_22nm_lstp", "port_area", None),
    "port_energy": ("memory.cat", "sram sram_22nm_lstp", "port_energy", None),
}
for _i, _depth in enumerate((2, 4, 8, 16, 32, 64)):
    KEYS[f"cell_area, depth {_depth}"] = ("edge_npu.cat", "array pe", "cell_area", _i)
    KEYS[f"systolic_cell_area, depth {_depth}"] = ("edge_npu.cat", "array pe", "systolic_cell_area", _i)


def in_catlib(fit):
    """The constant of catlib that the fit is for, in the fit's unit; None if it is for none."""
    if fit.name not in KEYS:
        return None
    file, block, key, index = KEYS[fit.name]
    text = (ROOT / "catlib" / file).read_text()
    body = text[re.search(rf"^\s*{block} \{{", text, re.M).end():]
    value = re.search(rf"^\s*{key}\s*=\s*(.*);", body, re.M).group(1)
    numbers = re.findall(r"(?<![a-z])[0-9.]+(?:e-?[0-9]+)?(?= ?(?:um2|pJ|B|,|\]|$))", value)
    return float(numbers[index or 0])


def wrong_in_catlib(fits):
    """Constants of catlib that are further than 2 % from their fits."""
    wrong = []
    for fit in fits:
        value = in_catlib(fit)
        if value is not None and abs(value / fit.value - 1) > 0.02:
            wrong.append(f"{fit.name} is {value} in catlib, but {fit.value:.4g} {fit.unit} fits")
    return wrong


def reference_fits(refs):
    """All fits that need no synthesis."""
    return [node_exponent(refs), *cell_fits(refs), synthesis_factor(refs), *macro_fits(refs), *port_fits(refs), overhead_fit(refs),
            link_fit(refs), leakage_fit(refs), *accumulator_fits(refs), *energy_fits(refs)]  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--refs", default=os.environ.get("CATC_REFS", str(ROOT.parent / "shared/refs")))
    parser.add_argument("--synthesise", action="store_true")
    parser.add_argument("--rtl", default=str(ROOT / "hw/rtl"))
    parser.add_argument("--yosys", default="yosys")
    parser.add_argument("--check", action="store_true", help="fail if a constant of catlib is not its fit")
    args = parser.parse_args()
    try:
        refs = References(args.refs)
    except OSError as error:
        print(f"calibration: {error.filename} is absent; set CATC_REFS to the reference data", file=sys.stderr)
        return 1
    fits = reference_fits(refs)
    if args.synthesise:
        try:
            fits += synthesis_fits(refs, Blocks(args.rtl, args.yosys))
        except (cells.Failure, OSError) as error:
            print(error, file=sys.stderr)
            return 1
    for fit in fits:
        print(f"{fit.name:34} {fit.value:10.4g} {fit.unit:7} {fit.spread():22} {fit.basis}")
    for what, fitted, reference in macro_checks(refs):
        print(f"check {fitted / reference:5.2f}  {what}")
    wrong = wrong_in_catlib(fits) if args.check else []
    for line in wrong:
        print(f"calibration: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
