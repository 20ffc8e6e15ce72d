# Evaluators that misbehave, each in its own way: worker.py MODE.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import json
import os
import pathlib
import sys
import time

MODE = sys.argv[1]
STATE = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None


def say(message):
    print(json.dumps(message), flush=True)


def sizes(record, name):
    return [s["sizes"][name] for s in record["segments"] if name in s["sizes"]]


def score(request):
    record = request["model"]
    value = 0.3 + 0.02 * sum(sizes(record, "layers")) + 1e-4 * sum(sizes(record, "width")) / 4
    return min(1, value - (0.05 if request["split"] == "test" else 0))


def is_victim(record):
    """The models that a worker fails with: those with the fewest layers in the text tower."""
    return record["segments"][0]["sizes"]["layers"] == 6


def misbehave(request):
    """Answers the request badly; returns True if it is answered, or the worker ends."""
    victim = is_victim(request["model"])
    number = request["id"]
    if MODE == "refuse" and victim:
        say({"id": number, "error": "image 17.jpg: truncated"})
    elif MODE == "always":
        say({"id": number, "error": "no data"})
    elif MODE == "hang" and victim:
        time.sleep(600)
    elif MODE == "crash" and victim:
        print("Traceback: out of memory", file=sys.stderr, flush=True)
        os._exit(3)
    elif MODE == "garbage" and victim:
        print("epoch 1 of 10", flush=True)
    elif MODE == "huge" and victim:
        print("x" * (2 << 20), flush=True)
    elif MODE == "wrong-id" and victim:
        say({"id": number + 7, "accuracy": 0.5})
    elif MODE == "nan" and victim:
        say({"id": number, "accuracy": float("nan")})
    elif MODE == "beyond" and victim:
        say({"id": number, "accuracy": 81.0})
    elif MODE == "retry" and victim and not (STATE / str(request["model"])).exists():
        path = STATE / "seen"
        seen = path.read_text() if path.exists() else ""
        key = json.dumps(request["model"], sort_keys=True) + request["split"]
        if key in seen:
            return False
        path.write_text(seen + key)
        say({"id": number, "error": "the device was busy", "retry": True})
    elif MODE == "test-fails" and request["split"] == "test":
        say({"id": number, "error": "no test split here"})
    else:
        return False
    return True


def serve():
    hello = {"catc": "evaluator/1", "name": MODE, "metric": "layers"}
    if MODE == "silent":
        time.sleep(600)
    if MODE == "dies":
        print("cannot import torch", file=sys.stderr)
        sys.exit(1)
    if MODE in ("configured", "unready", "test-fails", "slow"):
        hello["test"] = True
    if MODE in ("configured", "unready"):
        hello = {"catc": "evaluator/1", "name": MODE, "version": "2", "configurable": True}
    if MODE == "other":
        hello["catc"] = "evaluator/9"
    say(hello)
    for line in sys.stdin:
        request = json.loads(line)
        if request["type"] == "configure":
            if MODE == "unready":
                say({"id": request["id"], "error": "captions.json: no such file"})
                continue
            assert request["parent"]["segments"][0]["sizes"]["layers"] == 12, request
            assert pathlib.Path(request["cache"]).is_absolute(), request
            assert "name" not in request["config"], request
            say({"id": request["id"], "progress": {"message": "training the teacher", "step": 1, "steps": 2}})
            say({
                "id": request["id"],
                "ready": True,
                "metric": "configured layers",
                "protocol": "validation: 5 images",
                "fidelities": [{"name": "raw", "cost": 0.1}, {"name": "full", "cost": 1}],
                "test": True,
                "artefacts": True,
                "energy_j": 100,
                "warnings": ["the captions are few"],
                "identity": (STATE / "data").read_text() if STATE else "",
            })
            continue
        if request["type"] != "evaluate" or misbehave(request):
            continue
        if MODE == "slow":
            with open(STATE / "pids", "a", encoding="utf-8") as pids:
                pids.write(f"{os.getpid()}\n")
            # Some of those that are proposed later end earlier.
            time.sleep(0.1 + 0.08 * (request["id"] * 7 % 5))
        for step in (1, 2):
            say({"id": request["id"], "progress": {"step": step, "steps": 2, "accuracy": 0.1 * step, "noise": 0.01}})
        say({
            "id": request["id"],
            "accuracy": score(request) - (0.1 if request["fidelity"] == "raw" else 0),
            "noise": 0.001,
            "energy_j": 2,
            "unknown": [1, {"a": None}],
        })


serve()
