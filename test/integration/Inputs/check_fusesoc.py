# Checks the fields that FuseSoC's CAPI2 requires of an emitted core file: check_fusesoc.py FOLDER. It reads the subset of
# YAML that catc writes; where FuseSoC itself is installed, run-fusesoc.test has it read the file.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import json
import pathlib
import re
import sys

folder = pathlib.Path(sys.argv[1]) / "fusesoc"
manifest = json.loads((folder.parent / "manifest.json").read_text())
lines = (folder / "catc.core").read_text().splitlines()
assert lines[0] == "CAPI=2:"  # FuseSoC tells core files by it
assert not any("\t" in line for line in lines)

top = {}
path = []
for line in lines[1:]:
    if not line.strip():
        continue
    indent = len(line) - len(line.lstrip())
    assert indent % 2 == 0, line
    path = path[: indent // 2]
    path.append(line.strip().rstrip(":"))
    top[tuple(path)] = line
keys = {entry[0].split(":")[0] for entry in top}
assert {"name", "description", "filesets", "targets"} <= keys, keys
name = next(entry[0] for entry in top if entry[0].startswith("name:")).split(":", 1)[1].strip()
assert re.fullmatch(r"catc:accelerator:design_\d+", name) and manifest["design"] in name, name

files = [entry[3][2:].split(":")[0] for entry in top if len(entry) == 4 and entry[:1] == ("filesets",)]
emitted = [file["name"].removeprefix("fusesoc/") for file in manifest["files"] if file["name"].startswith("fusesoc/")]
for file in files:
    assert (folder / file).is_file(), file
modules = [file for file in emitted if file.startswith("rtl/")]
assert [file for file in files if file.startswith("rtl/")] == modules and modules
packages = [file.endswith("_pkg.sv") for file in modules]
assert any(packages) and packages == sorted(packages, reverse=True), "packages come first"
assert "rtl/catc_config_pkg.sv" in files and "tb/catc_tb.cpp" in files

targets = {entry[1].split(":")[0] for entry in top if len(entry) >= 2 and entry[0] == "targets"}
assert targets == {"default", "lint", "sim"}, targets
text = "\n".join(lines)
assert "toplevel: catc_accelerator" in text and "default_tool: verilator" in text
assert "filesets: [rtl, bench]" in text
