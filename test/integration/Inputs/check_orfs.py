# Checks an emitted design for OpenROAD-flow-scripts: check_orfs.py FOLDER CLOCK_HZ [--macros]. GNU make reads config.mk as the flow does; the
# variables that the flow requires of a design must be there, and name files that are.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import json
import os
import pathlib
import re
import subprocess
import sys

folder = pathlib.Path(sys.argv[1]).resolve()
required = ["DESIGN_NAME", "DESIGN_NICKNAME", "PLATFORM", "VERILOG_FILES", "SDC_FILE", "CORE_UTILIZATION"]
script = f"include {folder}/orfs/config.mk\n" + "show:\n" + "".join(f"\t@echo '{v}=$({v})'\n" for v in required)
make = subprocess.run(["make", "-s", "-f", "-", "show"], input=script, capture_output=True, text=True, check=True)
variables = dict(line.split("=", 1) for line in make.stdout.splitlines())
assert list(variables) == required and all(variables.values()), variables
assert variables["DESIGN_NAME"] == "catc_accelerator" and variables["PLATFORM"] == "nangate45"
assert 0 < float(variables["CORE_UTILIZATION"]) < 100

files = variables["VERILOG_FILES"].split()
for file in files + [variables["SDC_FILE"]]:
    assert pathlib.Path(file).is_file(), file
emitted = {f["name"] for f in json.loads((folder / "manifest.json").read_text())["files"]}
assert {str(pathlib.Path(file).relative_to(folder)) for file in files} == {n for n in emitted if n.startswith("orfs/rtl/")}
packages = [file.endswith("_pkg.sv") for file in files]
assert any(packages) and packages == sorted(packages, reverse=True), "packages come first"

# With macros, what the flow documents for them is added; without, nothing is.
hooks = ["VERILOG_FILES", "VERILOG_DEFINES", "ADDITIONAL_LEFS", "ADDITIONAL_LIBS", "ADDITIONAL_GDS"]
given = {f"CATC_SRAM_{kind}": f"/macros/{kind}" for kind in ["VERILOG", "LEFS", "LIBS", "GDS"]} if "--macros" in sys.argv else {}
script = f"include {folder}/orfs/config.mk\n" + "show:\n" + "".join(f"\t@echo '{v}=$({v})'\n" for v in hooks)
make = subprocess.run(
    ["make", "-s", "-f", "-", "show"], input=script, capture_output=True, text=True, check=True, env=os.environ | given
)
found = dict(line.split("=", 1) for line in make.stdout.splitlines())
added = ["/macros/VERILOG", "-D CATC_SRAM_MACRO", "/macros/LEFS", "/macros/LIBS", "/macros/GDS"]
for hook, value in zip(hooks, added, strict=True):
    assert found[hook].endswith(value) == bool(given), (hook, found[hook])

sdc = pathlib.Path(variables["SDC_FILE"]).read_text()
assert re.search(r"^current_design catc_accelerator$", sdc, re.M)
period = float(re.search(r"^set clk_period (\S+)$", sdc, re.M).group(1))
assert abs(period * 1e-9 * float(sys.argv[2]) - 1) < 1e-9, period
for command in ["create_clock -name $clk_name -period $clk_period", "set_input_delay", "set_output_delay"]:
    assert command in sdc, command
