# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the cells of a small accelerator, block by block, with the area terms. Prints each ratio; fails outside the bounds.

usage: yosys_cells.py SCRIPTS RTL COST_VALIDATION dot|systolic

Bounds: 15 % for each block. The array's terms are areas of mapped cells, and generic cells are 0.95 to 1.06 of those
(scripts/calibration.py); the systolic one's cells were mapped alone, without the sharing that a row allows. The other blocks' terms are
differences between two sizes of these blocks, so what they can miss is what does not grow linearly (selecting one of many slices,
counters). A term that is forgotten, or grows with the wrong size, is further off than that.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

scripts, rtl, validation, style = sys.argv[1:]
sys.path.insert(0, scripts)
sys.dont_write_bytecode = True
import cells  # noqa: E402

CONTROL = 8400  # um2 at 22 nm: catlib/edge_npu.cat, logic rest
SCALE = (22 / 45) ** 1.40
CONFIG = {"CLUSTERS": 1, "WIDTH": 8, "DEPTH": 8, "REQUANTIZERS": 2, "ACCUMULATOR_ROWS": 32, "OUTPUT_ROWS": 32, "INPUT_WORDS": 64, "WEIGHT_ROWS": 64,
          "VECTOR_LANES": 4, "VECTOR_ROW_BYTES": 256, "WORD_BYTES": 16, "LINK_BYTES": 16, "BUFFER_WORDS": 1024, "DRAM_RATE": 32768, "DRAM_LATENCY": 20}  # fmt: skip
GROUPS = {
    "array": ("catc_dot_lane", "catc_array_dot", "catc_systolic_row", "catc_array_systolic"),
    "cluster": ("catc_gemm", "catc_drain", "catc_requantize", "catc_add", "catc_loop", "catc_address", "catc_cluster", "catc_delay"),
    "vector": ("catc_vector", "catc_vector_elements", "catc_vector_stream", "catc_vector_sums", "catc_vector_scalar"),
    "words": ("catc_reader", "catc_writer", "catc_link", "catc_buffer"),
    "control": ("catc_control", "catc_dma", "catc_accelerator"),
}
BOUND = 0.15

with tempfile.TemporaryDirectory() as folder:
    package = pathlib.Path(folder) / "catc_config_pkg.sv"
    lines = [f"  localparam int {name} = {value};" for name, value in CONFIG.items()]
    lines.append(f"  localparam bit SYSTOLIC = 1'b{int(style == 'systolic')};")
    package.write_text("\n".join(["package catc_config_pkg;", *lines, "endpackage", ""]))
    design, top = cells.synthesise(rtl, "catc_accelerator", extra=[package])
blocks = design.blocks(top)
known = {block for group in GROUPS.values() for block in group}
unknown = [block for block, um2 in blocks.items() if block not in known and um2 > 0]
if unknown:
    sys.exit(f"no area term is compared with {', '.join(unknown)}")
keys = ("CLUSTERS", "WIDTH", "DEPTH", "REQUANTIZERS", "OUTPUT_ROWS", "VECTOR_LANES", "WORD_BYTES")
model = json.loads(subprocess.run([validation, "logic", style, *(str(CONFIG[k]) for k in keys)], check=True, capture_output=True, text=True).stdout)
model["control"] = CONTROL
if style == "systolic":  # the skew registers are delays
    skew = blocks.pop("catc_delay", 0)
    blocks["catc_array_systolic"] = blocks.get("catc_array_systolic", 0) + skew
total, failed = [0, 0], False
for group, members in GROUPS.items():
    synthesised = sum(blocks.get(block, 0) for block in members) * SCALE
    ratio = model[group] / synthesised
    inside = 1 / (1 + BOUND) <= ratio <= 1 + BOUND
    failed |= not inside
    total = [total[0] + model[group], total[1] + synthesised]
    print(f"{style} {group}: terms {model[group]:.0f} um2, cells {synthesised:.0f} um2, ratio {ratio:.2f}{'' if inside else ' OUT OF BOUNDS'}")
print(f"{style} all: ratio {total[0] / total[1]:.2f}")
print("FAILED" if failed else "within bounds")
sys.exit(failed)
