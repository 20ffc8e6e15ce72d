#!/usr/bin/env python3
# Puts questions to a worker, one after the other, and prints what it says of each.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ask.py WORKER FOLDER: has the worker configured in ways that are wrong, and one that is right. Files are below FOLDER."""

import io
import json
import pathlib
import struct
import subprocess
import sys
import tarfile
import zlib

from record import record

folder = pathlib.Path(sys.argv[2])
worker = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
ids = 0


def ask(what, **request):
    """The answer to a request; prints its error."""
    global ids
    ids += 1
    worker.stdin.write(json.dumps({"id": ids, **request}) + "\n")
    worker.stdin.flush()
    while True:
        answer = json.loads(worker.stdout.readline())
        if "progress" not in answer:
            break
    assert answer["id"] == ids
    print(f"{what}: {answer.get('error', 'fine')}")
    return answer


def png(side, level):
    """A picture of one colour."""
    rows = b"".join(b"\0" + bytes([level * 12, 255 - level * 12, level]) * side for _ in range(side))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def configure(what, parent=None, **config):
    ask(what, type="configure", config=config, parent=parent or record(), cache=str(folder / "cache"), seed=1)


def tensors(entries, data, header=None):
    text = (header or json.dumps(entries)).encode()
    return struct.pack("<Q", len(text)) + text + data


small = dict(data="shapes", teacher_steps=2, teacher_batch=8, batch=8, train_pairs=32, validation_pairs=8, test_pairs=8)
small.update(importance="magnitude", steps_short=1, steps_medium=1, steps_full=1)

assert json.loads(worker.stdout.readline())["catc"] == "evaluator/1"
ask("evaluated first", type="evaluate", model=record())
ask("no such request", type="sing")
configure("data", data="laion")
configure("held", **{**small, "held_pairs": 4})
configure("batch", **{**small, "batch": 1})
configure("rate", **{**small, "learning_rate": 7})
configure("too many scenes", **{**small, "train_pairs": 20000})
configure("device", **{**small, "device": "tpu"})
configure("no files", data="csv", train="a.csv")

weights = {
    "none": None,
    "empty": b"",
    "cut": tensors({"visual.proj": {"dtype": "F32", "shape": [32, 16], "data_offsets": [0, 2048]}}, b"12"),
    "header": tensors({}, b"", "{" * 40),
    "huge": struct.pack("<Q", 1 << 60) + b"{}",
    "other": tensors({"visual.proj": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, b"1234"),
}
for name, content in weights.items():
    path = folder / (name + ".safetensors")
    if content is not None:
        path.write_bytes(content)
    configure("weights " + name, **small, weights=str(path))

good = bytearray((folder / "good.safetensors").read_bytes())
good[-4:] = struct.pack("<f", float("nan"))
(folder / "nan.safetensors").write_bytes(good)
configure("weights that are none", **small, weights=str(folder / "nan.safetensors"))

merges = str(folder / "merges.txt")
pathlib.Path(merges).write_text("#version: 0.2\nc a\nca t</w>\n")
files = dict(parent=record(vocab=600), data="csv", tokenizer=merges, **{k: v for k, v in small.items() if k != "data"})
(folder / "empty.csv").write_text("filepath\ttitle\n")
(folder / "broken.csv").write_text("filepath\ttitle\nbroken.jpg\ta cat\n")
(folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
with tarfile.open(folder / "cut.tar", "w") as tar:
    for name in ["a.txt", "a.png", "b.txt"]:
        entry = tarfile.TarInfo(name)
        entry.size = 600
        tar.addfile(entry, io.BytesIO(b"a cat" * 120))
cut = (folder / "cut.tar").read_bytes()
(folder / "cut.tar").write_bytes(cut[:1700])
configure("an empty list", **files, train=str(folder / "empty.csv"), validation=str(folder / "empty.csv"))
configure("a broken picture", **files, train=str(folder / "broken.csv"), validation=str(folder / "broken.csv"))
configure("half an archive", **{**files, "data": "webdataset"}, train=str(folder / "cut.tar"), validation=str(folder / "cut.tar"))

configure("a small vocabulary", **{**files, "parent": record()}, train=str(folder / "empty.csv"), validation=str(folder / "empty.csv"))
configure("a good one", **small)
ask("a larger model", type="evaluate", model=record(width=64))
ask("another input", type="evaluate", model=record(image=64))
ask("no record", type="evaluate", model={"schema": "catc.model/9"})
ask("no such fidelity", type="evaluate", model=record(), fidelity="best")
ask("the test split of nothing", type="evaluate", model=record(), split="test", artefacts=str(folder / "nothing"))
answer = ask("a good model", type="evaluate", model=record(width=24), artefacts=str(folder / "model"))
assert 0 <= answer["accuracy"] <= 1 and answer["noise"] >= 0 and answer["cpu_seconds"] > 0
ask("its test split", type="evaluate", model=record(width=24), split="test", artefacts=str(folder / "model"))
ask("the test split of another", type="evaluate", model=record(width=32), split="test", artefacts=str(folder / "model"))

# Pictures in files, of which the training set is read part by part: pass after pass, and from the beginning for each model.
with open(folder / "good.csv", "w", encoding="utf-8") as table:
    table.write("filepath\ttitle\n")
    for i in range(20):
        (folder / f"{i}.png").write_bytes(png(32, i))
        table.write(f"{i}.png\tcat {'a' * i}\n")
lists = dict(train=str(folder / "good.csv"), validation=str(folder / "good.csv"))
streamed = {**files, "batch": 4, "steps_full": 9, "steps_short": 1, "held_pairs": 8, "train_pairs": 0, "teacher_batch": 4}
configure("files", **streamed, **lists)
first = ask("a model of them", type="evaluate", model=record(width=24, vocab=600))
ask("another", type="evaluate", model=record(width=32, vocab=600))
again = ask("the first again", type="evaluate", model=record(width=24, vocab=600))
assert first["accuracy"] == again["accuracy"] and first["details"]["loss"] == again["details"]["loss"]
configure("tested on what chose", **streamed, **lists, test=str(folder / "good.csv"))
rows = [f"./{'/' * (i // 20)}{i % 20}.png\tcat\n" for i in range(200)]
(folder / "many.csv").write_text("filepath\ttitle\n" + "".join(rows))
configure("one set", **streamed, train=str(folder / "many.csv"))
(folder / "spoilt.csv").write_text((folder / "good.csv").read_text() + "broken.jpg\tno cat\n")
configure("one bad record", **streamed, train=str(folder / "spoilt.csv"), validation=str(folder / "good.csv"))
configure("passed over", **streamed, train=str(folder / "spoilt.csv"), validation=str(folder / "good.csv"), bad_records=1)
images = [{"filename": f"{i}.png", "split": ["train", "val", "test"][max(0, i - 17)], "sentences": [{"raw": "a cat"}]} for i in range(20)]
(folder / "karpathy.json").write_text(json.dumps({"images": images}))
configure("karpathy", **{**streamed, "data": "karpathy"}, train=str(folder / "karpathy.json"), images=str(folder))
configure("all in memory", **{**streamed, "held_pairs": 0}, **lists)
whole = ask("the first with all of them", type="evaluate", model=record(width=24, vocab=600))
assert whole["details"]["loss"] != first["details"]["loss"]

# What is no request, and a rate at which nothing converges.
worker.stdin.write("{\n[1]\n")
worker.stdin.flush()
for _ in range(2):
    print("no request:", json.loads(worker.stdout.readline())["error"])
configure("a rate too high", **{**small, "teacher_learning_rate": 1.0, "weight_decay": 10, "teacher_steps": 200})
worker.stdin.close()
print("ends with", worker.wait(timeout=60))
