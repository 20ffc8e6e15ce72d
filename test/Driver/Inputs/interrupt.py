# Starts a command, sends it a signal once something is there, and says how it ended; a process whose number the
# file contains must have ended then, too.
#   interrupt.py SIGNAL PATTERN [--release FIFO] -- COMMAND...
# With --release, the command gets an empty line to read from a pipe after the signal.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import glob
import os
import pathlib
import signal
import subprocess
import sys
import time

separator = sys.argv.index("--")
name, pattern, *rest = sys.argv[1:separator]
# Test runners ignore some signals, and so would what they start.
signal.signal(getattr(signal, name), signal.SIG_DFL)
# Opened in both directions, a pipe lets nobody wait for its other end.
pipe = os.open(rest[1], os.O_RDWR) if rest else -1
process = subprocess.Popen(sys.argv[separator + 1 :])
deadline = time.monotonic() + 60


def wait_until(condition, complaint):
    while not condition():
        if time.monotonic() > deadline:
            process.kill()
            sys.exit(complaint)
        time.sleep(0.005)


wait_until(lambda: glob.glob(pattern) or process.poll() is not None, "the command does not get there")
if process.poll() is not None:
    sys.exit("the command ended before it could be stopped")
found = pathlib.Path(glob.glob(pattern)[0])
pids = [] if rest else [int(pid) for pid in found.read_text().split()]
process.send_signal(getattr(signal, name))
if rest:
    time.sleep(0.1)
    os.write(pipe, b"\n")
    os.close(pipe)
try:
    code = process.wait(timeout=60)
except subprocess.TimeoutExpired:
    for pid in [process.pid, *pids]:
        os.kill(pid, signal.SIGKILL)
    sys.exit("the command does not end")


def is_alive(pid):
    try:
        # A process that nobody has reaped is none any more.
        return "\nState:\tZ" not in pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


alive = [pid for pid in pids if is_alive(pid)]
for pid in alive:
    os.kill(pid, signal.SIGKILL)
print(f"ended with {code}, {len(alive)} of {len(pids)} processes left")
