# Prints the goals of each study of the modes, after checking it and that script and page know it.
# usage: modes.py CATC SPEC SCRIPT PAGE
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import pathlib
import re
import subprocess
import sys

catc, spec, script, page = sys.argv[1:]
studies = re.findall(r"^study (\w+)", pathlib.Path(spec).read_text(), re.M)
searched = re.findall(r'^    \("(\w+_mode)", \(', pathlib.Path(script).read_text(), re.M)
shown = set(re.findall(r"^\| (\w+_mode) ", pathlib.Path(page).read_text(), re.M))
assert sorted(searched) == sorted(studies) and shown == set(studies), (studies, searched, shown)
for study in studies:
    subprocess.run([catc, "check", spec, "--study", study], check=True)
    ir = subprocess.run([catc, "compile", spec, "--study", study], check=True, capture_output=True, text=True).stdout
    print(f"{study}:", ", ".join(" ".join(goal) for goal in re.findall(r"space\.goal .*?(maximize|minimize).*?metric<\"(\w+)\">", ir)))
