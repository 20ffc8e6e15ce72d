#!/usr/bin/env python3
# Runs the benchmarks and writes docs/benchmarks.md.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures every budget of test/benchmark/budgets.json and writes the figures beside the limits.

A budget names its measurement in one of these ways:
  "benchmark": NAME                 the real time of that Google Benchmark, or, with "counter": KEY, one of its counters
  "command": [...]                  the wall time of a command, or, with "measure": "peak_memory", its largest resident set;
                                    {build}, {source} and {scratch} stand for folders; "runs" (default 1) takes the median
  "clean_build": true               the wall time of configuring and building a copy without ccache (only with --clean-build)
"limit" is the most allowed, in "unit" (ns us ms s min, KB MB GB, or 1); without it the figure is shown, and nothing is asked of it.
What has no figure is listed as not measured.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent
# In seconds or bytes.
UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "KB": 1e3, "MB": 1e6, "GB": 1e9, "1": 1.0}


def base_name(name):
    """The name of a benchmark without how it was run ("BM_X/64/iterations:3/real_time" is "BM_X/64")."""
    modifiers = r"/(iterations|repeats|threads|min_time|min_warmup_time):[^/]*|/(real_time|process_time|manual_time)(?=/|$)"
    return re.sub(modifiers, "", name)


def run_benchmarks(build):
    """Returns {name: record} of every benchmark executable in build/bin, times in seconds."""
    records = {}
    for program in sorted((build / "bin").glob("Bench*")):
        if not os.access(program, os.X_OK) or program.is_dir():
            continue
        print(f"bench_docs: running {program.name}", file=sys.stderr)
        output = subprocess.run(
            [program, "--benchmark_format=json"], stdout=subprocess.PIPE, check=True, text=True
        ).stdout
        for record in json.loads(output)["benchmarks"]:
            if record.get("run_type") == "aggregate":
                continue
            if record.get("error_occurred"):
                raise RuntimeError(f"{record['name']} of {program.name} failed: {record.get('error_message')}")
            record["seconds"] = record["real_time"] * UNITS[record["time_unit"]]
            record["program"] = program.name
            name = base_name(record["name"])
            if name in records:
                raise RuntimeError(f"two benchmarks are named {name}")
            records[name] = record
    return records


def run_command(command, log, **environment):
    """Runs a command to its end; returns (seconds, peak resident bytes). A failing command is an error."""
    with open(log, "wb") as output:
        begin = time.monotonic()
        child = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            cwd=SOURCE,
            env={**os.environ, **environment},
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - begin
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        tail = pathlib.Path(log).read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(map(str, command))} exited with {child.returncode}:\n{tail}")
    return seconds, usage.ru_maxrss * 1024


def measure_command(budget, build):
    figures = []
    for _ in range(budget.get("runs", 1)):
        with tempfile.TemporaryDirectory() as scratch:
            places = {"build": build, "source": SOURCE, "scratch": scratch}
            command = [part.format(**places) for part in budget["command"]]
            seconds, peak = run_command(command, os.path.join(scratch, "log"))
            figures.append(peak if budget.get("measure") == "peak_memory" else seconds)
    return statistics.median(figures)


def measure_clean_build():
    """Configures and builds the tools and libraries from nothing, without ccache."""
    with tempfile.TemporaryDirectory() as scratch:
        begin = time.monotonic()
        configure = ["cmake", "-G", "Ninja", "-S", SOURCE, "-B", f"{scratch}/build", "-DCMAKE_BUILD_TYPE=Release"]
        configure += ["-DCATC_BUILD_TESTS=OFF", "-DCATC_BUILD_BENCHMARKS=OFF"]
        run_command(configure, f"{scratch}/configure.log")
        compile_all = ["cmake", "--build", f"{scratch}/build", f"-j{os.cpu_count()}"]
        run_command(compile_all, f"{scratch}/build.log", CCACHE_DISABLE="1")
        return time.monotonic() - begin


def measure(budget, benchmarks, build, clean_build):
    """The figure in seconds, bytes or 1, and how it was obtained; (None, why) where there is none."""
    if "benchmark" in budget:
        record = benchmarks.get(budget["benchmark"])
        how = f"`{budget['benchmark']}`"
        if record is None:
            return None, f"no benchmark is named {how}"
        counter = budget.get("counter")
        if counter is None:
            return record["seconds"], f"{how} of {record['program']}"
        if counter not in record:
            return None, f"{how} has no counter `{counter}`"
        return record[counter], f"counter `{counter}` of {how}"
    if "command" in budget:
        shown = " ".join(budget["command"]).format(build="build", source=".", scratch="DIR")
        what = "largest resident set of" if budget.get("measure") == "peak_memory" else "wall time of"
        return measure_command(budget, build), f"{what} `{shown}`"
    if budget.get("clean_build"):
        if not clean_build:
            return None, "measured with `--clean-build` only"
        return measure_clean_build(), "configuring and building everything but the tests, without ccache"
    raise ValueError(f"budget '{budget['what']}' names no measurement")


def figure(value):
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def write_page(rows, benchmarks, path):
    missed = [row for row in rows if None not in (row["value"], row.get("limit")) and row["value"] > row["limit"]]
    unmeasured = [row for row in rows if row["value"] is None]
    lines = [
        "# Benchmarks",
        "",
        "Written by `scripts/bench_docs.py`; do not edit. Release build, "
        f"{os.cpu_count()} processors ({processor()}). Times are wall times.",
        "",
        "## Budgets",
        "",
        "| what | budget | measured | | how |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        unit = "" if row["unit"] == "1" else " " + row["unit"]
        measured = "not measured" if row["value"] is None else figure(row["value"]) + unit
        limit = row.get("limit")
        verdict = "" if None in (row["value"], limit) else "misses" if row["value"] > limit else "meets"
        allowed = "" if limit is None else f"<= {limit:g}{unit}"
        lines.append(f"| {row['what']} | {allowed} | {measured} | {verdict} | {row['how']} |")
    lines.append("")
    if missed:
        lines += ["## Missed", ""]
        for row in missed:
            ratio = row["value"] / row["limit"]
            lines.append(f"* {row['what']}: {ratio:.2g} times the budget. {row.get('why_missed', '')}".rstrip())
        lines.append("")
    elif not unmeasured:
        lines += ["Every budget is met.", ""]
    if unmeasured:
        lines += ["## Not measured", ""]
        lines += [f"* {row['what']}: {row['how']}." for row in unmeasured]
        lines.append("")
    if benchmarks:
        lines += ["## All benchmarks", "", "| program | benchmark | time | iterations |", "|---|---|---|---|"]
        for name, record in sorted(benchmarks.items(), key=lambda item: (item[1]["program"], item[0])):
            unit = next(u for u in ("s", "ms", "us", "ns") if record["seconds"] >= UNITS[u] or u == "ns")
            time_shown = f"{figure(record['seconds'] / UNITS[unit])} {unit}"
            lines.append(f"| {record['program']} | `{name}` | {time_shown} | {record['iterations']} |")
        lines.append("")
    temporary = path.with_suffix(".md.new")
    temporary.write_text("\n".join(lines), encoding="utf-8")
    temporary.replace(path)
    return missed, unmeasured


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=SOURCE / "build", help="a Release build folder")
    parser.add_argument("--budgets", type=pathlib.Path, default=SOURCE / "test/benchmark/budgets.json")
    parser.add_argument("--out", type=pathlib.Path, default=SOURCE / "docs/benchmarks.md")
    parser.add_argument("--clean-build", action="store_true", help="also measure a build from nothing (minutes)")
    parser.add_argument("--no-build", action="store_true", help="use the benchmarks that are built already")
    options = parser.parse_args()
    build = options.build.resolve()
    if not (build / "build.ninja").exists():
        print(f"bench_docs: {build} is not a build folder; scripts/test.sh makes one", file=sys.stderr)
        return 1
    if not options.no_build:
        subprocess.run(["cmake", "--build", build, "--target", "catc", "benchmarks"], check=True, stdout=sys.stderr)

    budgets = json.loads(options.budgets.read_text(encoding="utf-8"))
    try:
        benchmarks = run_benchmarks(build)
        rows = []
        for budget in budgets:
            print(f"bench_docs: {budget['what']}", file=sys.stderr)
            value, how = measure(budget, benchmarks, build, options.clean_build)
            rows.append({**budget, "value": None if value is None else value / UNITS[budget["unit"]], "how": how})
    except (RuntimeError, subprocess.CalledProcessError) as error:
        print(f"bench_docs: {error}", file=sys.stderr)
        return 1
    missed, unmeasured = write_page(rows, benchmarks, options.out)
    print(f"bench_docs: {len(rows)} budgets, {len(missed)} missed, {len(unmeasured)} not measured; see {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
