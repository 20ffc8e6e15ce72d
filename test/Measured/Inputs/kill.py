# Starts a search, ends it while it runs, and sees that its workers end, too.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time

catc, spec, run, pids = sys.argv[1:5]
interrupt = "--interrupt" in sys.argv

pathlib.Path(pids).unlink(missing_ok=True)
process = subprocess.Popen([catc, "search", spec, "--jobs", "3", "--trials", "10", "--out", run])
deadline = time.monotonic() + 60


def done():
    """Trials that have ended."""
    try:
        with sqlite3.connect(f"file:{run}/study.sqlite?mode=ro", uri=True, timeout=5) as database:
            return database.execute("SELECT count(*) FROM trial WHERE state = 'done'").fetchone()[0]
    except sqlite3.Error:
        return 0


while done() < 3:
    if process.poll() is not None or time.monotonic() > deadline:
        sys.exit("the search ended before it could be stopped")
    time.sleep(0.005)
process.send_signal(signal.SIGTERM if interrupt else signal.SIGKILL)
code = process.wait(timeout=60)
if code != (1 if interrupt else -signal.SIGKILL):
    sys.exit(f"the search ended with {code}")


def is_alive(pid):
    try:
        # A process that nobody has reaped is none any more.
        return "\nState:\tZ" not in pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


workers = {int(pid) for pid in pathlib.Path(pids).read_text().split()}
while any(is_alive(pid) for pid in workers):
    if time.monotonic() > deadline:
        sys.exit("a worker outlives its search")
    time.sleep(0.01)
