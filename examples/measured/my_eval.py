#!/usr/bin/env python3
# An evaluator in Python: the template for one's own.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Answers catc's requests for a model's accuracy. The protocol is docs/evaluator.md.

catc starts this program once for each of its --jobs, sends one line of JSON for each model and reads one line back.
Standard output belongs to the protocol; print what is meant for people to standard error, which catc keeps in
RUN/workers/N.log.

Replace `accuracy_of` by what prunes, trains and measures your model. The one here is a formula, so that the example runs
in seconds: the share of each size that is left of the unpruned model's, and noise as of a finite test set.
"""

import hashlib
import json
import math
import sys
import time

# How much the logit of the accuracy falls with the logarithm of a size's share that is left.
WEIGHTS = {"layers": 0.5, "width": 0.9, "heads": 0.25, "ffn": 0.45}
UNPRUNED = 0.735
TEST_SET = 4000


def noise_of(seed, record, split):
    """A number of mean 0 and deviation 1 that depends on what is measured alone: the same question, the same answer."""
    text = json.dumps([seed, split, record], sort_keys=True).encode()
    digest = hashlib.sha256(text).digest()
    return sum(digest[:24]) / 24 / 255 * math.sqrt(12 * 24) - math.sqrt(12 * 24) / 2


def accuracy_of(record, split, seed):
    """Accuracy of a model and its standard error. `record` is catc's model record (schema catc.model/1)."""
    logit = math.log(UNPRUNED / (1 - UNPRUNED))
    for segment in record["segments"]:
        sizes, parent = segment["sizes"], segment.get("parent", segment["sizes"])
        for name, weight in WEIGHTS.items():
            if name in sizes and name in parent:
                logit += weight * math.log(sizes[name] / parent[name])
    accuracy = 1 / (1 + math.exp(-logit))
    error = math.sqrt(accuracy * (1 - accuracy) / TEST_SET)
    measured = accuracy + error * noise_of(seed, record, split)
    return min(1, max(0, measured)), error


def say(message):
    print(json.dumps(message), flush=True)


def main():
    say({"catc": "evaluator/1", "name": "my_eval", "version": "1", "metric": "a formula", "test": True})
    for line in sys.stdin:  # The end of standard input is the end of the search.
        request = json.loads(line)
        if request["type"] != "evaluate":
            continue
        began, busy = time.monotonic(), time.process_time()
        try:
            accuracy, error = accuracy_of(request["model"], request["split"], request["seed"])
        except (KeyError, ValueError) as problem:
            # The search goes on without this model.
            say({"id": request["id"], "error": f"{type(problem).__name__}: {problem}"})
            continue
        say({
            "id": request["id"],
            "accuracy": accuracy,
            "noise": error,
            "seconds": time.monotonic() - began,
            "cpu_seconds": time.process_time() - busy,
            "source": "my_eval.py, a formula",
        })


if __name__ == "__main__":
    main()
