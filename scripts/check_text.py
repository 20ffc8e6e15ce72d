#!/usr/bin/env python3
# Checks what every text file of the project keeps to.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the project's files as text.

1. No trailing whitespace, no tab in C++ and Python, a newline at the end.
2. A source stays below 700 lines: beyond that it holds more than one concept.
3. C++ and TableGen files open with the banner that names them; scripts carry the licence's SPDX line.
4. A note about work to do names an issue: 'TODO(#12)'.
5. Every .cpp and .td is named in a CMakeLists.txt (or .cmake file) of its own folder or one above it.
"""

import argparse
import pathlib
import re
import subprocess
import sys

LINE_LIMIT = 700
COUNTED = {".cpp", ".h", ".td", ".g4", ".py", ".sh", ".cmake", ".mlir"}
BANNER = {".cpp", ".h", ".td"}
SPDX = "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"
NO_TABS = {".cpp", ".h", ".td", ".g4", ".py", ".sh", ".cmake", ".cat", ".mlir"}
NOTE = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))")
# These scripts spell the marks that they look for, and their tests hold bad files on purpose.
EXEMPT = {"scripts/check_text.py", "test/scripts"}
# Folders whose .cpp files make up the build.
BUILT = {"lib", "dialects", "tools", "test", "examples"}


def project_files(root):
    """The files that git tracks or would track; without git, everything outside build folders."""
    listing = subprocess.run(
        ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        capture_output=True,
        check=False,
    )
    if listing.returncode == 0 and (root / ".git").exists():
        names = listing.stdout.decode().split("\0")
        paths = [root / name for name in names if name]
    else:
        skipped = re.compile(r"^(build.*|\.git|.*\.run)$")
        paths = [
            path
            for path in root.rglob("*")
            if not any(skipped.match(part) for part in path.relative_to(root).parts)
        ]
    return sorted(path for path in paths if path.is_file() and not path.is_symlink())


def check_lines(path, name, text, report):
    if text and not text.endswith("\n"):
        report(name, text.count("\n") + 1, "no newline at the end of the file")
    for number, line in enumerate(text.splitlines(), 1):
        if line != line.rstrip():
            report(name, number, "trailing whitespace")
        if "\t" in line and path.suffix in NO_TABS:
            report(name, number, "tab")
        if NOTE.search(line):
            report(name, number, "a note about work to do must name an issue: TODO(#12)")
    count = text.count("\n")
    if path.suffix in COUNTED and count >= LINE_LIMIT:
        report(name, count, f"{count} lines; a source stays below {LINE_LIMIT}")


def check_banner(path, name, text, report):
    head = text[:1200]
    if path.suffix in BANNER:
        first = text.partition("\n")[0]
        match = re.match(r"//===-+ (?P<name>\S+) - .+ -*(?:\*- (?:C\+\+|tablegen) -\*-)?-*===//$", first)
        if not match or match.group("name") != path.name:
            report(name, 1, f"the first line is not the banner '//===- {path.name} - purpose ---===//'")
        elif SPDX not in head:
            report(name, 1, f"the banner lacks '{SPDX}'")
    elif path.suffix in {".py", ".sh"} and SPDX not in head:
        report(name, 1, f"the file's head lacks '{SPDX}'")


def check_listed(path, name, root, report):
    """Reports a source that no build file of its folder or of one above it names."""
    if path.suffix not in {".cpp", ".td"} or name.split("/")[0] not in BUILT:
        return
    word = re.compile(r"(?<![\w.-])" + re.escape(path.name) + r"(?!\w)")
    folder = path.parent
    while True:
        for build_file in [*folder.glob("CMakeLists.txt"), *folder.glob("*.cmake")]:
            if word.search(build_file.read_text(encoding="utf-8")):
                return
        if folder == root:
            break
        folder = folder.parent
    # A .td that others include need not be built itself.
    if path.suffix == ".td" and any(
        f'/{path.name}"' in other.read_text(encoding="utf-8") for other in (root / "dialects").rglob("*.td")
    ):
        return
    report(name, 1, "no CMakeLists.txt names this file")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    here = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--root", type=pathlib.Path, default=here, help="the source tree (default: this one)")
    root = parser.parse_args().root.resolve()

    faults = []

    def report(name, line, message):
        faults.append((name, line, message))

    files = project_files(root)
    for path in files:
        name = path.relative_to(root).as_posix()
        if any(name == exempt or name.startswith(exempt + "/") for exempt in EXEMPT):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # Not text.
        check_lines(path, name, text, report)
        check_banner(path, name, text, report)
        check_listed(path, name, root, report)
    for name, line, message in sorted(faults):
        print(f"{name}:{line}: error: {message}")
    print(f"check_text: {len(files)} files, {len(faults)} faults")
    if not files:
        return 2
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
