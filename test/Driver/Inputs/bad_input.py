# Gives catc bad input: each must end with the exit code and the message below, and leave nothing behind.
# usage: bad_input.py CATC SPEC FOLDER
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import fcntl
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys

catc, spec, folder = sys.argv[1], pathlib.Path(sys.argv[2]).read_bytes(), pathlib.Path(sys.argv[3])
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir()
faults = 0


def expect(code, message, *command, limit=None, **options):
    """Runs catc in the folder; `limit` is the most KiB that a file may have."""
    global faults
    arguments = [catc, *command]
    if limit is not None:
        arguments = ["bash", "-c", f'ulimit -f {limit}; exec "$@"', "bash", *arguments]
    options.setdefault("stdout", subprocess.PIPE)
    run = subprocess.run(arguments, stderr=subprocess.PIPE, cwd=folder, timeout=60, **options)
    errors = run.stderr.decode(errors="replace")
    ours = not re.search(r"Stack dump|LLVM ERROR|internal error|terminate called|%[0-9]|\bnn\.|accel\.machine", errors)
    if run.returncode != code or not re.search(message, errors) or not ours or len(errors) > 20000:
        faults += 1
        print(f"catc {' '.join(command)}: exit {run.returncode}, expected {code} and {message!r}:\n{errors[:1000]}")


def write(name, data):
    (folder / name).write_bytes(data)
    return name


# Specs.
write("small.cat", spec)
(folder / "folder").mkdir()
os.symlink("loop.cat", folder / "loop.cat")
for command in ("check", "evaluate", "compile", "search"):
    expect(1, "cannot read 'nowhere.cat': No such file", command, "nowhere.cat")
    expect(1, "cannot read 'folder': Is a directory", command, "folder")
    expect(1, "cannot read '/dev/zero': ", command, "/dev/zero")
    expect(1, "cannot read 'loop.cat': Too many levels", command, "loop.cat")
    expect(1, "binary.cat:1:1: error: control character 0x00", command, write("binary.cat", bytes(range(256)) * 50))
    expect(2, "Unknown command line argument '--bogus'", command, "small.cat", "--bogus")
    expect(2, "Unknown command line argument '--threads'", command, "small.cat", "--threads", "0")
    expect(2, "Not enough positional", command)
    expect(1, "declares no study 'other'", command, "small.cat", "--study", "other")
expect(0, "^$", "check", write("empty.cat", b""))
expect(1, "'empty.cat' declares no study", "search", "empty.cat")
expect(1, "byte 0xe9 is not UTF-8", "check", write("latin.cat", b"# caf\xe9\n"))
expect(1, "more than 1000 operators", "check", write("long.cat", b"let x = " + b"1+" * 2500000 + b"1;"))
expect(1, "expected '{'.*xxx \\.\\.\\. ", "check", write("name.cat", b"x" * 5000000))
for name, text in {"brackets": b"let x = " + b"(" * 100000, "blocks": b"model a { " * 50000, "minus": b"let x = " + b"-" * 100000 + b"1;",
                   "lists": b"let x = " + b"[" * 50000}.items():
    expect(1, name + ".cat:1:\\d+: error: nested more than 200 levels deep", "check", write(name + ".cat", text))
for target, message in {"nowhere.cat": "cannot find 'nowhere.cat'", "folder": "cannot read 'folder': Is a directory",
                        "": "an import needs the path of a file", "/dev/zero": "cannot read '/dev/zero'", "import.cat": "import cycle",
                        "loop.cat": "cannot (find|read) 'loop.cat'"}.items():
    expect(1, "import.cat:1:8: error: " + message, "check", write("import.cat", f'import "{target}" as a;\n'.encode()))
expect(1, "binary.cat:1:1: error", "check", write("import.cat", b'import "binary.cat" as a;\n'))

# Options that no spec could make right, before it is read.
for option, values in {"--jobs": ("0", "-1", "x", "1000000"), "--trials": ("0", "-1", "x"), "--seed": ("x", "-1", "1.5", ""),
                       "--strategy": ("clever", ""), "--out": ("",), "--verify": ("x",)}.items():
    for value in values:
        expect(2, option, "search", "nowhere.cat", option, value)
expect(2, "--jobs must be 1 to 1024, but is 0", "check", "nowhere.cat", "--jobs", "0")
expect(2, "--to option", "compile", "small.cat", "--to", "x")
expect(1, "'7' is not in the domain of 'edge.clusters': {1, 2}", "compile", "small.cat", "--at", "clusters=7")
expect(1, "unknown parameter 'cluster'.*did you mean 'clusters'", "compile", "small.cat", "--at", "cluster=1")
for target, message in {"folder": "Is a directory", "nowhere/x": "No such file", "/dev/full": "No space left"}.items():
    expect(1, f"cannot write '{target}': {message}", "compile", "small.cat", "-o", target)

# Run folders.
search = ("search", "small.cat", "--strategy", "exhaustive")
for target in ("small.cat", "small.cat/x", "/dev/full"):
    expect(1, f"cannot make the run folder '{target}'", *search, "--out", target)
expect(0, "", *search, "--out", "run")
expect(1, "'run' holds a study already", *search, "--out", "run")
expect(1, "there is no study in 'folder'", "emit", "folder", "--out", "new")
expect(1, "there is no run folder 'small.cat'", "emit", "small.cat", "--out", "new")
write("other.cat", spec.replace(b"1e6", b"2e6"))
expect(1, "belongs to another spec.*'other.cat' differs from line", "search", "other.cat", "--strategy", "exhaustive", "--out", "run", "--resume")


def damaged(change):
    """A copy of the run folder, with its store changed."""
    shutil.rmtree(folder / "damaged", ignore_errors=True)
    shutil.copytree(folder / "run", folder / "damaged")
    change(folder / "damaged/study.sqlite")


def execute(path, statement):
    with sqlite3.connect(path) as database:
        database.execute(statement)
    database.close()


def both(message):
    expect(1, message, "emit", "damaged", "--out", "new")
    expect(1, message, *search, "--out", "damaged", "--resume")


damaged(lambda p: p.write_bytes(p.read_bytes()[:5000]))
both("the study 'damaged/study.sqlite' is damaged")
damaged(lambda p: p.write_bytes(b"junk" * 1000))
both("the study 'damaged/study.sqlite' is damaged: file is not a database")
damaged(lambda p: p.write_bytes(b""))
both("'damaged/study.sqlite' is not a study of catc")
damaged(lambda p: execute(p, "PRAGMA user_version = 3"))
both("'damaged/study.sqlite' has format 3, but this version of catc reads format 2")
damaged(lambda p: execute(p, "UPDATE study SET value = '9.9.9' WHERE key = 'version'"))
expect(1, "was begun by catc 9.9.9", *search, "--out", "damaged", "--resume")
random = ("search", "small.cat", "--strategy", "random", "--trials", "2")
expect(0, "", *random, "--out", "trials")
execute(folder / "trials/study.sqlite", "UPDATE trial SET model = 1000000 WHERE \"index\" = 1")
expect(1, "trial 1 is of model 1000000, and the spec has 48", *random, "--out", "trials", "--resume")
for data, message in {b"": "pareto.json:1:1", b"junk": "pareto.json:1:2", b"{}": 'lacks "schema"', b"[" * 100000: "nest too deeply"}.items():
    damaged(lambda p: (p.parent / "pareto.json").write_bytes(data))
    expect(1, message, "emit", "damaged", "--out", "new")
with open(folder / "run/study.lock") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    expect(1, "another search is writing in 'run'", *search, "--out", "run", "--resume")

# Full disks.
expect(1, "cannot write 'full/.*File too large; free some space and start again", *search, "--out", "full", limit=8)
if list((folder / "full").iterdir()) != [folder / "full/study.lock"]:
    faults += 1
    print("a search on a full disk left", os.listdir(folder / "full"))
with open("/dev/full", "w") as full:
    for command in (("check", "small.cat", "--count"), ("compile", "small.cat")):
        expect(1, "cannot write the output: No space left on device", *command, stdout=full)

left = [p.name for p in folder.iterdir() if p.name == "new" or ".tmp-" in p.name]
if left:
    faults += 1
    print("left behind:", left)
sys.exit(faults != 0)
