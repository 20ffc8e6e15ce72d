#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counts the gates and flip-flops of hw/rtl by module, and their area in Nangate45 equivalents.

usage: scripts/cells.py [--rtl hw/rtl] [--yosys yosys] --top catc_drain [--set WIDTH=8 ...]

SRAMs are left out (they are macros). Generic gates are weighted by the areas of the cells of the Nangate45 Open Cell Library that do
the same, and the sum by what scripts/calibration.py finds between it and the areas of blocks mapped to that library.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

# um2 of the smallest cell of Nangate45 for each of yosys's gates.
GATES = {"NOT": 0.532, "BUF": 0.798, "NAND": 0.798, "NOR": 0.798, "AND": 1.064, "OR": 1.064, "XOR": 1.596, "XNOR": 1.596,
         "AOI3": 1.064, "OAI3": 1.064, "MUX": 1.862}  # fmt: skip
FLIP_FLOP, WITH_ENABLE, WITH_RESET = 4.522, 1.862, 1.064  # an enable is a multiplexer, a synchronous reset an AND
FACTOR = 0.958  # scripts/calibration.py: "generic cells to Nangate45"

MACROS = """
(* blackbox *) module catc_sram_macro #(parameter int WIDTH = 8, parameter int DEPTH = 16, parameter int AW = $clog2(DEPTH)) (
  input logic clk, input logic we, input logic [AW-1:0] waddr, input logic [WIDTH-1:0] wdata,
  input logic re, input logic [AW-1:0] raddr, output logic [WIDTH-1:0] rdata);
endmodule
(* blackbox *) module catc_sram_1rw_macro #(parameter int WIDTH = 8, parameter int DEPTH = 16, parameter int AW = $clog2(DEPTH)) (
  input logic clk, input logic en, input logic we, input logic [AW-1:0] addr, input logic [WIDTH-1:0] wdata,
  output logic [WIDTH-1:0] rdata);
endmodule
"""


class Failure(Exception):
    pass


def gate_area(kind):
    """um2 of one of yosys's gates; None for an instance of a module."""
    if not (kind.startswith("$_") and kind.endswith("_")):
        return None
    name = kind.strip("$_")
    for prefix, extra in (("SDFFCE", WITH_ENABLE + WITH_RESET), ("SDFFE", WITH_ENABLE + WITH_RESET), ("SDFF", WITH_RESET), ("DFFE", WITH_ENABLE), ("DFF", 0)):
        if name.startswith(prefix):
            return FLIP_FLOP + extra
    if name not in GATES:
        raise Failure(f"cells: no area for {kind}")
    return GATES[name]


def base_name(module):
    """catc_drain of $paramod$0123abcd\\catc_drain or $paramod\\catc_drain\\WIDTH=s32'..."""
    for part in module.split("\\"):
        if part and not part.startswith("$"):
            return part
    return module


class Design:
    """The synthesised hierarchy: each module's own gates and its instances."""

    def __init__(self, modules):
        self.modules = {name.lstrip("\\"): body["num_cells_by_type"] for name, body in modules.items()}

    def own(self, module):
        return sum(n * area for kind, n in self.modules[module].items() if (area := gate_area(kind)) is not None)

    def flip_flops(self, module):
        cells = self.modules[module]
        own = sum(n for kind, n in cells.items() if kind.startswith(("$_DFF", "$_SDFF")))
        return own + sum(n * self.flip_flops(k.lstrip("\\")) for k, n in cells.items() if k.lstrip("\\") in self.modules)

    def blocks(self, module, count=1, into=None):
        """um2 in Nangate45 equivalents of each block's own gates, over all its instances."""
        into = {} if into is None else into
        name = base_name(module)
        into[name] = into.get(name, 0) + count * self.own(module) * FACTOR
        for kind, n in self.modules[module].items():
            if kind.lstrip("\\") in self.modules:
                self.blocks(kind.lstrip("\\"), count * n, into)
        return into


def with_defaults(file, parameters, folder):
    """A copy of a module's file with other defaults."""
    text = file.read_text()
    for name, value in parameters.items():
        text, found = re.subn(rf"(parameter\s+(?:int|bit)\s+{name}\s*=\s*)[^,\n]+?(\s*(?:,|//|\n))", rf"\g<1>{value}\g<2>", text, count=1)
        if not found:
            raise Failure(f"cells: {file.name} has no parameter {name}")
    copy = folder / file.name
    copy.write_text(text)
    return copy


def synthesise(rtl, top, parameters=None, yosys="yosys", extra=()):
    """The Design and the name of its top; the behavioural SRAMs are replaced by macros."""
    files = sorted(pathlib.Path(rtl).glob("*.sv"))
    packages = [f for f in files if f.name.endswith("_pkg.sv") and f.name not in {pathlib.Path(e).name for e in extra}]
    sources = [*map(pathlib.Path, extra), *packages, *(f for f in files if f not in packages and not f.name.endswith("_pkg.sv"))]
    if not files:
        raise Failure(f"cells: no SystemVerilog in {rtl}")
    with tempfile.TemporaryDirectory() as folder:
        macros, out = pathlib.Path(folder) / "macros.sv", pathlib.Path(folder) / "stat.json"
        macros.write_text(MACROS)
        if parameters:
            # In the text: yosys 0.23 loses some modules when their parameters change afterwards.
            own = next((f for f in sources if f.name == f"{top}.sv"), None)
            if own is None:
                raise Failure(f"cells: no {top}.sv in {rtl}")
            sources[sources.index(own)] = with_defaults(own, parameters, pathlib.Path(folder))
        read = "read_verilog -sv -DCATC_SRAM_MACRO " + " ".join(f'"{f}"' for f in [macros, *sources])
        script = "; ".join([read, f"hierarchy -check -top {top}", f"synth -noabc -top {top}",
                            "abc -fast -g " + ",".join(g for g in GATES if g not in ("NOT", "BUF")), "opt_clean", f"tee -q -o {out} stat -json"])  # fmt: skip
        run = subprocess.run([yosys, "-q", "-p", script], capture_output=True, text=True)
        if run.returncode:
            raise Failure(f"cells: {run.stderr.strip() or run.stdout.strip()}")
        text = out.read_text()
    # yosys 0.23 spoils the JSON of a hierarchy behind its modules.
    modules, _ = json.JSONDecoder().raw_decode(text, text.index("{", text.index('"modules"')))
    design = Design(modules)
    tops = [m for m in design.modules if base_name(m) == top]
    return design, tops[0]


def area(rtl, top, parameters=None, yosys="yosys"):
    """um2 of a block with all that it instantiates, in Nangate45 equivalents."""
    design, name = synthesise(rtl, top, parameters, yosys)
    return sum(design.blocks(name).values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rtl", default=str(ROOT / "hw/rtl"))
    parser.add_argument("--yosys", default="yosys")
    parser.add_argument("--top", required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    args = parser.parse_args()
    try:
        design, top = synthesise(args.rtl, args.top, dict(s.split("=", 1) for s in args.set), args.yosys)
    except (Failure, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    blocks = design.blocks(top)
    for name, um2 in sorted(blocks.items(), key=lambda item: -item[1]):
        print(f"{um2:12.0f} um2  {name}")
    print(f"{sum(blocks.values()):12.0f} um2  {design.flip_flops(top)} flip-flops")
    return 0


if __name__ == "__main__":
    sys.exit(main())
