# Checks operators.json of an emitted design: check_operators.py OPERATORS ACCELERATOR [--simulated]. With the latter, that every
# start was simulated and agrees with the row model and the reference.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import json
import sys

operators = json.load(open(sys.argv[1], encoding="utf-8"))
accelerator = json.load(open(sys.argv[2], encoding="utf-8"))
assert operators["schema"] == "catc.operators/1"
starts = {start["name"]: start for start in operators["starts"]}
assert len(starts) == len(operators["starts"])

# The starts of each operator take, at full size, the cycles that it was costed with, and all of them the design's.
costed = {}
for op in accelerator["operators"]:
    costed.setdefault(op["name"], set()).add(op["cycles"])
total = 0
for op in operators["operators"]:
    cycles = 0
    for start in op["starts"]:
        full = starts[start["name"]]
        cycles += start["times"] * full.get("whole_closed_form_cycles", full["closed_form_cycles"])
    assert cycles in costed[op["name"]], (op, cycles)
    total += op["executions"] * cycles
assert total == sum(op["executions"] * op["cycles"] for op in accelerator["operators"])
for start in starts.values():
    assert start["row_model_cycles"] > 0 and ("scaled_down" in start) == ("whole" in start)
    if "--simulated" in sys.argv:
        assert start["simulated_cycles"] == start["row_model_cycles"] and start["mismatches"] == 0, start
