#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/measured.md: what a search with measured accuracy finds, beside one that knows sizes alone, and how good its figures are.

usage: scripts/measured_docs.py [--build build] [--keep DIR] [--out docs/measured.md]

Runs `catc search examples/shapes_clip.cat` from nothing, and then measures further models with catc-eval-torch, to which it speaks as
catc does (docs/evaluator.md). With --keep, what that folder holds is not measured again, so an interrupted run goes on. A quarter of
an hour on two processors.
"""
import argparse
import copy
import datetime
import hashlib
import json
import os
import pathlib
import queue
import re
import shutil
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import measured_page

ROOT = pathlib.Path(__file__).resolve().parent.parent
# As catc starts its workers: parallelism is over models.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "0"}

# An evaluator that writes down what catc asks, and answers something.
RECORDER = """import json
import sys


def say(message):
    print(json.dumps(message), flush=True)


say({"catc": "evaluator/1", "name": "recorder", "configurable": True})
with open(sys.argv[1], "w") as requests:
    for line in sys.stdin:
        requests.write(line)
        requests.flush()
        request = json.loads(line)
        if request["type"] == "configure":
            say({"id": request["id"], "ready": True})
        elif request["type"] == "evaluate":
            say({"id": request["id"], "accuracy": 0.5})
"""


class Failure(Exception):
    pass


def log(text):
    print(f"measured_docs: {text}", file=sys.stderr, flush=True)


def write(path, text):
    """All of a file or nothing."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text)
    partial.rename(path)


class Spec:
    """The spec's text, and variants of it that measure nothing. Sizes are {"tower.name": value}."""

    def __init__(self, path):
        self.path = pathlib.Path(path).resolve()
        self.lines = self.path.read_text().splitlines()
        self.domains, self.places, tower, model = {}, {}, None, None
        for number, line in enumerate(self.lines):
            if found := re.match(r"model (\w+)", line):
                model = found[1]
            elif found := re.match(r"\s+tower (\w+) \{", line):
                tower = found[1]
            elif line.strip() == "}":
                tower = None
            elif tower and (found := re.match(r"\s+search (\w+) +in ([^;]+);", line)):
                name = f"{tower}.{found[1]}"
                self.domains[name], self.places[name], self.model = values(found[2]), number, model
        if not self.domains or not any("measured." in line for line in self.lines):
            raise Failure(f"{path}: no towers with sizes to search, or no measured accuracy")

    def recording(self, launcher):
        """With workers started by a launcher."""
        return "\n".join(re.sub(r"(measured\.\w+\()", rf'\1launcher = "{launcher}", ', line) for line in self.lines)

    def unmeasured(self, sizes=None, goal=None):
        """Without accuracy; with sizes in place of domains, or with a goal of its own."""
        lines = list(self.lines)
        for name, value in (sizes or {}).items():
            lines[self.places[name]] = f"    {name.split('.')[1]} = {value};"
        text = re.sub(r"\n  evaluate \{.*?\n  \}\n", "\n", "\n".join(lines), flags=re.S)
        return re.sub(r"\n  maximize accuracy[^;]*;", f"\n  maximize {goal} threshold 0;" if goal else "", text)

    def draw(self, count):
        """`count` models that spread over each domain alike (a Latin hypercube), the same in every run."""
        columns = {}
        for name, domain in self.domains.items():
            order = sorted(range(count), key=lambda i: hashlib.sha256(f"{name} {i}".encode()).digest())
            columns[name] = [domain[cell * len(domain) // count] for cell in order]
        return [{name: column[i] for name, column in columns.items()} for i in range(count)]


def values(domain):
    """The values of `1..3`, `64..256 step 64` or `{32, 48}`."""
    if found := re.fullmatch(r"(\d+)\.\.(\d+)(?: step (\d+))?", domain.strip()):
        return list(range(int(found[1]), int(found[2]) + 1, int(found[3] or 1)))
    return [int(value) for value in domain.strip("{} ").split(",")]


def parameter_count(record, name_of=None):
    """Parameters of a model record; with `name_of(segment, size)`, which may be None, an expression of names for catc."""
    terms = ["1"]  # the logit scale
    for segment in record["segments"]:
        s = {k: name_of and name_of(segment["name"], k) or str(v) for k, v in segment["sizes"].items()}
        attention = f"{s['heads']} * {s['head_dim']}"
        terms.append(f"{s['layers']} * ({s['width']} * (4 * {attention} + 2 * {s['ffn']} + 6) + 3 * {attention} + {s['ffn']})")
        if "patch" in s:  # patches, class token, positions, two norms, projection
            tokens = (int(s["image"]) // int(s["patch"])) ** 2 + 1
            terms.append(f"{s['width']} * {3 * int(s['patch']) ** 2 + 1 + tokens + 4 + record['embed']}")
        else:  # words, positions, a norm, projection
            terms.append(f"{s['width']} * {int(s['vocab']) + int(s['context']) + 2 + record['embed']}")
    text = " + ".join(terms)
    return text if name_of else eval(text)  # An expression of whole numbers that was put together above.


def saved_count(path):
    """Elements of the tensors of a safetensors file, without position ids and the like."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    count = 0
    for name, tensor in header.items():
        if name != "__metadata__" and tensor["dtype"].startswith(("F", "BF")):
            elements = 1
            for extent in tensor["shape"]:
                elements *= extent
            count += elements
    return count


class Worker:
    """One catc-eval-torch process."""

    def __init__(self, program, configure, log_path):
        self.errors = open(log_path, "a")
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
                                        env={**os.environ, **ONE_THREAD})
        self.process.stdout.readline()  # its hello
        self.serial = 0
        self.ask(configure)

    def ask(self, request):
        self.process.stdin.write(json.dumps({**request, "id": self.serial}) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            answer = json.loads(line)
            if answer.get("id") == self.serial and "progress" not in answer:
                self.serial += 1
                if "error" in answer:
                    raise Failure(f"catc-eval-torch: {answer['error']}")
                return answer
        raise Failure(f"catc-eval-torch ended: {pathlib.Path(self.errors.name).read_text()[-500:]}")

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.errors.close()


class Study:
    """What is measured and costed, kept in a folder."""

    def __init__(self, args, keep):
        self.args, self.keep = args, pathlib.Path(keep).resolve()
        self.keep.mkdir(parents=True, exist_ok=True)
        self.spec = Spec(args.spec)
        self.catc, self.evaluator = (str(pathlib.Path(args.build).resolve() / "bin" / name) for name in ("catc", "catc-eval-torch"))
        # Figures of another spec or of programs that were built anew are others.
        stamp = hashlib.sha256("\n".join(self.spec.lines).encode())
        for program in (self.catc, self.evaluator):
            if not os.access(program, os.X_OK):
                raise Failure(f"{program} is missing; scripts/test.sh builds it")
            stamp.update(pathlib.Path(program).read_bytes())
        stamp_path = self.keep / "stamp"
        if not stamp_path.exists() or stamp_path.read_text() != stamp.hexdigest():
            if any(self.keep.iterdir()) and not stamp_path.exists():
                raise Failure(f"{self.keep} holds something else; name an empty folder")
            for child in self.keep.iterdir():
                shutil.rmtree(child) if child.is_dir() else child.unlink()
            write(stamp_path, stamp.hexdigest())
        self.run_folder, self.cache = self.keep / "run", self.keep / "cache"
        self.lock, self.known = threading.Lock(), {}
        self.answers = self.keep / "measurements.jsonl"
        if self.answers.exists():
            text = self.answers.read_text()
            whole = text[: text.rfind("\n") + 1]  # without a line that an interrupted run did not finish
            if whole != text:
                write(self.answers, whole)
            for entry in map(json.loads, whole.splitlines()):
                self.known[entry["key"]] = entry["answer"]

    def command(self, *arguments, written=None, **environment):
        """What catc prints. A status of 1 is as good where `written` is there: a search whose front is empty ends so."""
        done = subprocess.run([self.catc, *map(str, arguments)], capture_output=True, text=True, env={**os.environ, **environment})
        if done.returncode and not (done.returncode == 1 and written and written.exists()):
            raise Failure(f"catc {' '.join(map(str, arguments))}: {done.stderr.strip()}")
        return done.stdout

    # The search.

    def search(self):
        """Runs the search from nothing; returns {"wall": s, "cpu": s, "began": s since 1970}."""
        timing = self.keep / "timing.json"
        if not timing.exists():
            for folder in (self.run_folder, self.cache):
                shutil.rmtree(folder, ignore_errors=True)
            log("searching")
            began, clock = time.time(), time.monotonic()
            with open(self.keep / "search.log", "w") as output:
                child = subprocess.Popen([self.catc, "search", str(self.spec.path), "--jobs", str(self.args.jobs), "--out", str(self.run_folder)],
                                         stdout=output, stderr=output, env={**os.environ, "CATC_CACHE": str(self.cache)})
                _, status, usage = os.wait4(child.pid, 0)
                child.returncode = os.waitstatus_to_exitcode(status)
            if child.returncode:
                raise Failure(f"catc search: {(self.keep / 'search.log').read_text()[-1000:]}")
            write(timing, json.dumps({"wall": time.monotonic() - clock, "cpu": usage.ru_utime + usage.ru_stime, "began": began}))
        return json.loads(timing.read_text())

    def store(self):
        """What the store knows of the trials: when the first began (s since 1970), accuracies of all, energy before and after them."""
        database = sqlite3.connect(f"file:{self.run_folder / 'study.sqlite'}?mode=ro", uri=True)
        first = min(row[0] for row in database.execute("select started from trial"))
        accuracies = [row[0] for row in database.execute("select value from observation where metric = 'accuracy'")]
        overhead = database.execute("select value from study where key = 'figure.overhead_j'").fetchone()
        database.close()
        return {
            "first": datetime.datetime.fromisoformat(first.replace("Z", "+00:00")).timestamp(),
            "accuracies": accuracies,
            "overhead_j": float(overhead[0]) if overhead else 0.0,
        }

    def pareto(self):
        return json.loads((self.run_folder / "pareto.json").read_text())

    def front_models(self, pareto):
        """The models of a front: [{"sizes", "designs", ...}] in order of size names."""
        models = {}
        for point in pareto["points"]:
            sizes = {name: point["parameters"][f"{self.spec.model}.{name}"] for name in self.spec.domains}
            models.setdefault(tuple(sizes.values()), {"sizes": sizes, "designs": []})["designs"].append(point)
        return [models[key] for key in sorted(models)]

    # Costs, exact and without measuring.

    def variant(self, name, text):
        folder = self.keep / "specs"
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}.cat"
        if not path.exists() or path.read_text() != text:
            write(path, text)
        return path

    def exhaustive(self, name, text):
        """The exact front of a variant, as the record of pareto.json."""
        out = self.keep / "specs" / f"{name}.run"
        path = self.variant(name, text)
        if not (out / "pareto.json").exists():
            shutil.rmtree(out, ignore_errors=True)
            self.command("search", path, "-I", self.spec.path.parent, "--strategy", "exhaustive", "--jobs", "1", "--out", out, written=out / "pareto.json")
        return json.loads((out / "pareto.json").read_text())

    def hardware_front(self, sizes):
        """(carbon in kg, latency in s) of each machine on the exact front of a model."""
        record = self.exhaustive(label(sizes), self.spec.unmeasured(sizes))
        return [(p["metrics"]["carbon_kg"], p["metrics"]["latency_s"]) for p in record["points"]]

    def macs(self, sizes):
        """Multiply-accumulates of one inference, counted by catc."""
        record = self.exhaustive(label(sizes), self.spec.unmeasured(sizes))
        at = ",".join(f"{name}={value}" for name, value in record["points"][0]["parameters"].items())
        costs = json.loads(self.command("evaluate", self.keep / "specs" / f"{label(sizes)}.cat", "-I", self.spec.path.parent, "--at", at, "--json"))
        return sum(operator["macs"] for operator in costs["operators"])

    # Measuring.

    def record_requests(self):
        """Learns from catc how it configures a worker and describes a model."""
        (self.keep / "recorder.py").write_text(RECORDER)
        requests = self.keep / "requests.jsonl"
        path = self.variant("recording", self.spec.recording(f"{sys.executable} {self.keep}/recorder.py {requests}"))
        point = self.pareto()["points"][0]
        at = ",".join(f"{name}={value}" for name, value in point["parameters"].items())
        self.command("evaluate", path, "-I", self.spec.path.parent, "--at", at, CATC_CACHE=str(self.cache))
        configure, evaluate = (json.loads(line) for line in requests.read_text().splitlines())
        del configure["config"]["launcher"]
        self.configure, self.template = configure, evaluate["model"]

    def record_of(self, sizes):
        record = copy.deepcopy(self.template)
        for segment in record["segments"]:
            for name in segment["sizes"]:
                segment["sizes"][name] = sizes.get(f"{segment['name']}.{name}", segment["sizes"][name])
        return record

    def measure(self, wanted):
        """Measures what is not known yet of [(sizes, fidelity, seed, test)], on as many workers as jobs; None for the seed is the search's."""
        tasks = queue.Queue()
        for key in dict.fromkeys(self.key(*task) for task in wanted):
            if key not in self.known:
                tasks.put(key)
        count, failures = tasks.qsize(), []

        def work(number):
            worker = None
            try:
                while not failures:
                    try:
                        key = tasks.get_nowait()
                    except queue.Empty:
                        return
                    worker = worker or Worker(self.evaluator, self.configure, self.keep / f"worker{number}.log")
                    answer = self.measure_one(worker, json.loads(key), number)
                    with self.lock, open(self.answers, "a") as file:
                        self.known[key] = answer
                        file.write(json.dumps({"key": key, "answer": answer}) + "\n")
                        log(f"{count - tasks.qsize()} of {count}: {key}: {100 * answer['accuracy']:.1f} %")
            except (Failure, OSError, ValueError) as failure:
                failures.append(failure)
            finally:
                if worker:
                    worker.close()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(self.args.jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise Failure(str(failures[0]))

    def key(self, sizes, fidelity, seed=None, test=False):
        return json.dumps([sizes, fidelity, self.configure["seed"] if seed is None else seed, test])

    def answer(self, sizes, fidelity, seed=None, test=False):
        return self.known[self.key(sizes, fidelity, seed, test)]

    def measure_one(self, worker, task, number):
        sizes, fidelity, seed, test = task
        folder = self.keep / f"artefacts{number}"
        shutil.rmtree(folder, ignore_errors=True)
        request = {"type": "evaluate", "model": self.record_of(sizes), "fidelity": fidelity, "split": "validation", "seed": seed,
                   "artefacts": str(folder)}
        answer = worker.ask(request)
        kept = {name: answer[name] for name in ("accuracy", "noise", "cpu_seconds")}
        counted, saved = parameter_count(request["model"]), saved_count(folder / "model.safetensors")
        if counted != saved:
            raise Failure(f"{label(sizes)} has {saved} parameters, but the formula counts {counted}")
        if test:
            again = worker.ask({**request, "split": "test"})
            kept.update(test=again["accuracy"], test_noise=again["noise"])
        return kept


def label(sizes):
    """A model's sizes in the order of the spec, its towers apart by an underscore: a name of a file, too."""
    parts = {}
    for name, value in sizes.items():
        parts.setdefault(name.split(".")[0], []).append(str(value))
    return "_".join("-".join(part) for part in parts.values())


def ladder(models, count, size):
    """`count` of the models whose sizes lie nearest to evenly spaced ones from the smallest to the largest; all, if there are no more."""
    left, chosen = sorted(models, key=lambda sizes: (size(sizes), list(sizes.values()))), []
    if len(left) <= count:
        return left
    low, high = size(left[0]), size(left[-1])
    for i in range(count):
        wanted = low + (high - low) * i / max(1, count - 1)
        chosen.append(min(left, key=lambda sizes: abs(size(sizes) - wanted)))
        left.remove(chosen[-1])
    return chosen


def collect(study):
    """Everything that the page shows."""
    timing = study.search()
    pareto = study.pareto()
    study.record_requests()
    front = study.front_models(pareto)

    # By size alone, the exact front is known without measuring anything: as many of its models as the search evaluated.
    def name_of(segment, size):
        return f"{study.spec.model}.{segment}.{size}" if f"{segment}.{size}" in study.spec.domains else None

    log("the front by size alone")
    by_size = study.front_models(study.exhaustive("size", study.spec.unmeasured(goal=parameter_count(study.template, name_of))))

    def size(sizes):
        return parameter_count(study.record_of(sizes))

    # Once over all sizes, and once over those that a threshold of half the unpruned model's size leaves; what both hold is measured once.
    known, half = [model["sizes"] for model in by_size], parameter_count(study.configure["parent"]) / 2
    chosen = ladder(known, pareto["evaluations"], size)
    large = [sizes for sizes in chosen if size(sizes) >= half]
    left = [sizes for sizes in known if size(sizes) >= half and sizes not in large]
    ladders = {"by size": chosen, "by size, from half": large + ladder(left, pareto["evaluations"] - len(large), size)}

    # Most of the space is small models, so a draw alone would hardly have others.
    drawn = ladder(study.spec.draw(64 * study.args.models), study.args.models, size)
    own = study.configure["seed"]
    others = [own + 1 + i for i in range(study.args.seeds - 1)]
    repeated = [drawn[(2 * i + 1) * len(drawn) // (2 * study.args.repeated)] for i in range(study.args.repeated)]
    best = max(front, key=lambda model: model["designs"][0]["metrics"]["accuracy"]["value"])["sizes"]
    fidelities = ("raw", "short", "medium", "full")
    wanted = [(sizes, "full", None, True) for chosen in ladders.values() for sizes in chosen]
    wanted += [(sizes, fidelity) for sizes in drawn for fidelity in fidelities]
    wanted += [(sizes, "full", seed) for sizes in drawn for seed in others[:2]]
    wanted += [(sizes, "full", seed) for sizes in repeated for seed in others]
    wanted += [(best, "full")]
    study.measure(wanted)

    log("costs")
    costed = {label(sizes): sizes for some in (*ladders.values(), drawn, [model["sizes"] for model in front]) for sizes in some}
    with ThreadPoolExecutor(study.args.jobs) as pool:
        hardware = dict(zip(costed, pool.map(study.hardware_front, costed.values())))
        macs = list(pool.map(study.macs, drawn))
    for model in front:
        metrics = model["designs"][0]["metrics"]
        model.update(accuracy=metrics["accuracy"]["value"], noise=metrics["accuracy"]["noise"], parameters=size(model["sizes"]))
        model.update(test=metrics["accuracy_test"]["value"], test_noise=metrics["accuracy_test"]["noise"])
        model["hardware"] = hardware[label(model["sizes"])]
    baselines = {
        name: [{"sizes": sizes, **study.answer(sizes, "full", None, True), "hardware": hardware[label(sizes)]} for sizes in chosen]
        for name, chosen in ladders.items()
    }
    fidelity = [
        {
            "parameters": size(sizes),
            "macs": count,
            "final": statistics.mean(study.answer(sizes, "full", seed)["accuracy"] for seed in others[:2]),
            **{name: study.answer(sizes, name) for name in fidelities},
        }
        for sizes, count in zip(drawn, macs)
    ]
    repeats = [{"sizes": sizes, "answers": [study.answer(sizes, "full", seed) for seed in [own, *others]]} for sizes in repeated]
    return {
        "spec": study.spec, "pareto": pareto, "timing": timing, "store": study.store(), "front": front, "baselines": baselines,
        "by_size": len(by_size), "fidelity": fidelity, "repeats": repeats, "jobs": study.args.jobs,
        "again": (study.answer(best, "full")["accuracy"], max(model["accuracy"] for model in front)),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=str(ROOT / "build"), help="build folder with bin/catc and bin/catc-eval-torch")
    parser.add_argument("--spec", default=str(ROOT / "examples/shapes_clip.cat"))
    parser.add_argument("--jobs", type=int, default=2, help="workers")
    parser.add_argument("--models", type=int, default=16, help="models drawn to compare fidelities")
    parser.add_argument("--repeated", type=int, default=4, help="of these, models measured with every seed")
    parser.add_argument("--seeds", type=int, default=5, help="seeds, three at least")
    parser.add_argument("--keep", help="folder in which the run and all measurements are kept")
    parser.add_argument("--out", default=str(ROOT / "docs/measured.md"))
    args = parser.parse_args()
    if args.seeds < 3 or not 1 <= args.repeated <= args.models:
        parser.error("at least three seeds, and of the models drawn at least one repeated")
    out = pathlib.Path(args.out).resolve()
    if not out.parent.is_dir():
        parser.error(f"no folder {out.parent}")
    try:
        with tempfile.TemporaryDirectory() as scratch:
            began = time.monotonic()
            page = measured_page.page(collect(Study(args, args.keep or scratch)), ROOT)
            log(f"{time.monotonic() - began:.0f} s")
    except (Failure, OSError) as failure:
        log(failure)
        return 1
    write(out, page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
