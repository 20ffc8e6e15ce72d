# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The page that scripts/measured_docs.py writes: statistics of what was measured, tables and text. Nothing runs here."""
import math
import os
import pathlib
import platform
import statistics

from search_docs import fill

TEXT = """# Accuracy that is measured

Written by `scripts/measured_docs.py`; do not edit by hand. `{spec}` prunes CLIP models from a teacher, fine-tunes and measures each
({metric}, {protocol}), and searches models and hardware together. Everything runs on rendered pictures and needs no download. Release
build, {processors} processors ({processor}), {jobs} workers.

## The search

    catc search {spec} --jobs {jobs}

{search}

## Measured accuracy against cost

Of the front's {designs} designs with {models} models, {shown} models, each with the machine of the least product of carbon and latency.
The search chose by the validation split; the test split chose nothing, and was measured once, at the end. `+-` is a standard error over
the pictures of the split, as the worker reports it. Sizes are {size_names}.

{front}

{bias}

## Beside a search by size alone

What would one find without measuring? The same space with the same two costs, and the number of a model's parameters in place of its
accuracy. Sizes and costs are known exactly, so this front is exact ({by_size} models); {chosen} of its models are then measured as the search
measures its own: equal budgets of {chosen} evaluations at full fidelity, the same seed, validation split for choosing and test split for
the last columns. They are evenly spaced by size: over all sizes (*by size*), or over those of at least half the teacher's parameters, where a
threshold of 50 % stands for size (*by size, from half*; the larger ones of the former and as many others as the budget leaves). All hardware of each model counts. Hypervolumes are shares of that of the
measured search, in per cent.

{hypervolumes}

The first reference point is the spec's thresholds ({thresholds}). The *tight* reference point has the same accuracy, and for each cost the worst of both fronts and a tenth of their range beyond it.

Best accuracy, in per cent, of a design that is not slower than a limit; in brackets the test accuracy of the same model:

{levels}

{verdict}

## Fidelities

{drawn} models at each fidelity, with the search's seed. They come from a fixed draw over the space, not from the search's favourites, and are
evenly spaced by their number of parameters. The final score is the mean
of the full fidelity with two other seeds, so the row `full` is what even the full fidelity can reach. Rank correlation is Spearman's;
in brackets, of the half of the models with the better final score, which is the harder question. Processor seconds include pruning and
measuring.

{fidelities}

{fidelity_text}

## Repeatability

{repeated} of these models, {seeds} seeds each, full fidelity. A seed orders the training pairs of the fine-tuning; teacher, importance and pictures
stay. *Between seeds* is the standard deviation of the {seeds} accuracies: what another run of the same model would differ by. The *reported
error* is the standard error over pictures of one run: what other pictures would change. The search is given the latter as noise.

{repeats}

{repeat_text}
"""


def percent(value, digits=1):
    return f"{100 * value:.{digits}f}"


def hypervolume(points, reference):
    """Volume that points (maximised, minimised, minimised) dominate up to a reference point."""
    gains = [(a - reference[0], reference[1] - b, reference[2] - c) for a, b, c in points]
    gains = sorted((g for g in gains if min(g) > 0), reverse=True)
    volume, seen = 0.0, []
    for i, gain in enumerate(gains):
        seen.append(gain[1:])
        below = gains[i + 1][0] if i + 1 < len(gains) else 0.0
        if gain[0] > below:
            seen = staircase(seen)
            area, height = 0.0, 0.0
            for x, y in seen:  # x falls, y rises
                area += x * (y - height)
                height = y
            volume += (gain[0] - below) * area
    return volume


def staircase(points):
    """Those that no other exceeds in both, the first coordinate falling."""
    kept = []
    for x, y in sorted(points, reverse=True):
        if not kept or y > kept[-1][1]:
            kept.append((x, y))
    return kept


def ranks(values):
    """Ranks from 1; equal values share the mean of theirs."""
    order = sorted(values)
    return [order.index(v) + (order.count(v) + 1) / 2 for v in values]


def spearman(a, b):
    """Rank correlation; 0 where one of them is constant."""
    x, y = ranks(a), ranks(b)
    mx, my = statistics.mean(x), statistics.mean(y)
    sx, sy = sum((v - mx) ** 2 for v in x), sum((v - my) ** 2 for v in y)
    return sum((u - mx) * (v - my) for u, v in zip(x, y)) / math.sqrt(sx * sy) if sx * sy > 0 else 0.0


def table(head, align, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "".join({"l": "---|", "r": "---:|"}[a] for a in align)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def sizes_text(sizes):
    """`3 256 64, 6 384 4 96`: the towers in the order of the spec."""
    towers = {}
    for name, value in sizes.items():
        towers.setdefault(name.split(".")[0], []).append(str(value))
    return ", ".join(" ".join(values) for values in towers.values())


def front_of(models, key="accuracy"):
    """(accuracy, carbon, latency, model) of every machine of each model."""
    return [(model[key], carbon, latency, model) for model in models for carbon, latency in model["hardware"]]


def undominated(points):
    """Those that no other is at least as good as in everything, equal ones once."""
    kept, seen = [], []
    for point in sorted(points, key=lambda p: (-p[0], p[1], p[2])):
        if not any(carbon <= point[1] and latency <= point[2] for carbon, latency in seen):
            kept.append(point)
            seen.append(point[1:3])
    return kept


def describe_search(data):
    timing, store, search = data["timing"], data["store"], data["pareto"]["search"]
    accuracies = store["accuracies"]
    preparation = store["first"] - timing["began"]
    lines = [
        f"* {len(accuracies)} models were measured in {timing['wall'] / 60:.1f} minutes ({timing['cpu'] / 60:.1f} of processor time); "
        f"{search['failed']} failed. {preparation / 60:.1f} minutes of these are the preparation by one worker, which a second search finds in "
        "the cache: the teacher's training and what each of its parts is worth.",
        f"* Energy {search['energy_j'] / 1e3:.2f} kJ, {1e3 * search['carbon_kg']:.2g} gCO2e ({search['how']}); of it "
        f"{percent(store['overhead_j'] / search['energy_j'], 0)} % preparation and test split.",
        f"* Accuracies from {percent(min(accuracies))} to {percent(max(accuracies))} %, {sum(a >= data['reference'][0] for a in accuracies)} of "
        f"{len(accuracies)} above the threshold of {percent(data['reference'][0], 0)} %. Measured again by a worker of its own, the best model "
        + ("gives the same accuracy to the last digit." if data["again"][0] == data["again"][1]
           else f"gives {percent(data['again'][0])} % instead of {percent(data['again'][1])} %."),
    ]
    return "\n".join(lines)


def front_table(models):
    rows = []
    for model in models:
        point = min(model["designs"], key=lambda p: (p["metrics"]["carbon_kg"] * p["metrics"]["latency_s"], int(p["id"])))
        machine = [str(v) for n, v in point["parameters"].items() if n.split(".")[1] not in ("text", "vision")]
        metrics = point["metrics"]
        rows.append([
            f"{percent(model['accuracy'])} +- {percent(model['noise'])}", f"{percent(model['test'])} +- {percent(model['test_noise'])}",
            f"{1e3 * metrics['carbon_kg']:.1f}", f"{1e6 * metrics['latency_s']:.0f}", f"{model['parameters'] / 1e3:.0f}",
            sizes_text(model["sizes"]), " x ".join(machine[:3]) + ", " + ", ".join(machine[3:]),
        ])
    head = ["validation %", "test %", "carbon gCO2e", "latency us", "parameters, 1000", "sizes", "clusters x width x depth, KiB, B/cycle, KiB"]
    return table(head, "rrrrrll", rows)


def bias(models):
    gaps = [model["accuracy"] - model["test"] for model in models]
    mean, spread = statistics.mean(gaps), statistics.stdev(gaps) if len(gaps) > 1 else 0.0
    expected = math.sqrt(statistics.mean(m["noise"] ** 2 + m["test_noise"] ** 2 for m in models))
    return (
        f"Over the {len(models)} models of the front, validation less test accuracy is {100 * mean:+.1f} points in the mean, with a standard "
        f"deviation of {100 * spread:.1f}; the reported errors of both splits together let a single model differ by {100 * expected:.1f}. "
        "The models share their pictures, so their gaps are not independent, and the mean holds what the two splits differ by as well as "
        "the selection of lucky models."
    )


def compare(data):
    """Hypervolumes and the best accuracies under limits of latency."""
    reference, sides = data["reference"], {"measured": data["front"], **data["baselines"]}
    points = {name: front_of(models) for name, models in sides.items()}
    fronts = {name: undominated([p for p in some if p[0] > reference[0]]) for name, some in points.items()}
    union = undominated([p for some in fronts.values() for p in some])
    worst = [max(p[i] for p in union) for i in (1, 2)]
    tight = [reference[0]] + [min(reference[i], worst[i - 1] + 0.1 * (worst[i - 1] - min(p[i] for p in union))) for i in (1, 2)]
    volumes = {}
    for name, models in sides.items():
        best = {id(p[3]) for p in fronts[name]}
        chosen = [model for model in models if id(model) in best]
        tested = [p[:3] for p in front_of(chosen, "test")]
        validated = [p[:3] for p in fronts[name]]
        volumes[name] = [hypervolume(validated, reference), hypervolume(validated, tight), hypervolume(tested, reference), hypervolume(tested, tight)]
    told = data["pareto"]["hypervolume"]
    if abs(volumes["measured"][0] - told) > 1e-9 * told:
        raise ValueError(f"the hypervolume of the search's front is {volumes['measured'][0]} here, but {told} in pareto.json")
    rows = []
    for name, models in sides.items():
        above = sum(a >= reference[0] for a in (data["store"]["accuracies"] if name == "measured" else [m["accuracy"] for m in models]))
        shares = [f"{100 * v / m:.2f}" for v, m in zip(volumes[name], volumes["measured"])]
        on_front = len({id(p[3]) for p in fronts[name]})
        rows.append([name, str(data["pareto"]["evaluations"] if name == "measured" else len(models)), str(above), str(on_front), *shares])
    head = ["search", "evaluations", "above threshold", "models on the front", "spec's reference", "tight", "spec's, test", "tight, test"]
    return table(head, "lrrrrrrr", rows), points, volumes, tight


def levels(points):
    latencies = sorted({p[2] for p in points["measured"]})
    low, high = min(p[2] for p in points["measured"]), min(p[2] for p in points["measured"] if p[0] == max(q[0] for q in points["measured"]))
    limits = sorted({float(f"{low * (high / low) ** (i / 5):.2g}") for i in range(6)} | {float(f"{latencies[-1]:.2g}")})
    rows, best = [], []
    for limit in limits:
        cells = []
        for name in points:
            some = [p for p in points[name] if p[2] <= limit]
            top = max(some, key=lambda p: p[0]) if some else None
            cells.append(top)
        rows.append([f"{1e6 * limit:.0f} us", *(f"{percent(c[0])} [{percent(c[3]['test'])}]" if c else "none" for c in cells)])
        best.append(cells)
    return table(["latency <=", *points], "r" + "r" * len(points), rows), best


def verdict(volumes, best):
    names = ["with the spec's reference point", "with the tight one", "by test accuracy with the spec's", "by test accuracy with the tight one"]
    others = [max(volume) for volume in zip(*(v for name, v in volumes.items() if name != "measured"))]
    wins = sum(m > b for m, b in zip(volumes["measured"], others))
    parts = [f"{100 * (m / b - 1):+.2f} % {name}" if b else f"everything {name}" for name, m, b in zip(names, volumes["measured"], others)]
    text = f"The measured search beats both by size on {wins} of {len(names)} counts. Its hypervolume, against the better of the two: " + ", ".join(parts) + "."
    gains = [c[0][0] - max(other[0] for other in c[1:] if other) for c in best if c[0] and any(c[1:])]
    if gains:
        text += f" Under these limits of latency its best accuracy differs from the better of theirs by {100 * min(gains):+.1f} to {100 * max(gains):+.1f} points."
    return text


def fidelity_rows(models):
    final = [m["final"] for m in models]
    half = sorted(range(len(models)), key=lambda i: -final[i])[: (len(models) + 1) // 2]
    rows, figures = [], {}
    for name in ("raw", "short", "medium", "full"):
        values = [m[name]["accuracy"] for m in models]
        figures[name] = (spearman(values, final), spearman([values[i] for i in half], [final[i] for i in half]),
                         statistics.mean(v - f for v, f in zip(values, final)), statistics.mean(m[name]["cpu_seconds"] for m in models))
    for name in ("parameters", "macs"):
        values = [m[name] for m in models]
        figures[name] = (spearman(values, final), spearman([values[i] for i in half], [final[i] for i in half]), None, None)
    names = {"parameters": "number of parameters", "macs": "number of MACs"}
    for name, (whole, better, gap, seconds) in figures.items():
        rows.append([names.get(name, name), f"{whole:.3f} [{better:.3f}]", "" if gap is None else f"{100 * gap:+.1f}",
                     "" if seconds is None else f"{seconds:.2f}"])
    return table(["fidelity", "rank correlation", "less the final score, points", "processor seconds"], "lrrr", rows), figures


def fidelity_text(models, figures):
    cost = {name: figures[name][3] / figures["full"][3] for name in ("raw", "short", "medium")}
    final = [m["final"] for m in models]
    return (
        f"Final scores reach from {percent(min(final))} to {percent(max(final))} %. "
        + "; ".join(f"`{name}` costs {percent(share, 0)} % of `full`" for name, share in cost.items())
        + f". With {len(models)} models a rank correlation is itself uncertain: two of {figures['medium'][0]:.2f} and {figures['full'][0]:.2f} hardly differ."
    )


def repeat_rows(repeats):
    rows, between, reported = [], [], []
    for repeat in repeats:
        values = [a["accuracy"] for a in repeat["answers"]]
        spread, error = statistics.stdev(values), math.sqrt(statistics.mean(a["noise"] ** 2 for a in repeat["answers"]))
        between.append(spread)
        reported.append(error)
        rows.append([sizes_text(repeat["sizes"]), percent(statistics.mean(values)), percent(spread), percent(error), " ".join(percent(v) for v in values)])
    head = ["sizes", "mean %", "between seeds", "reported error", "accuracies"]
    b, r = (math.sqrt(statistics.mean(v * v for v in some)) for some in (between, reported))
    text = (f"In the root mean square {percent(b, 2)} points between seeds beside {percent(r, 2)} reported: the luck of the seed is "
            + ("the smaller part of what is not known of an accuracy." if b < r else "no smaller than the luck of the pictures, which is all that the search is told of."))
    return table(head, "lrrrl", rows), text


def page(data, root):
    """The text of docs/measured.md."""
    pareto, front = data["pareto"], data["front"]
    goals = {goal["goal"]: goal for goal in pareto["reference_point"]}
    data["reference"] = [goals[name]["threshold"] for name in ("accuracy", "carbon", "latency")]
    by_accuracy = sorted(front, key=lambda m: (-m["accuracy"], list(m["sizes"].values())))
    shown = by_accuracy if len(by_accuracy) <= 12 else [by_accuracy[round(i * (len(by_accuracy) - 1) / 11)] for i in range(12)]
    volumes_table, points, volumes, tight = compare(data)
    levels_table, best = levels(points)
    fidelities, figures = fidelity_rows(data["fidelity"])
    repeats, repeat_text = repeat_rows(data["repeats"])
    spec = data["spec"].path
    names = {}
    for name in data["spec"].domains:
        names.setdefault(name.split(".")[0], []).append(name.split(".")[1])
    return fill(TEXT.format(
        spec=spec.relative_to(root) if spec.is_relative_to(root) else spec.name,
        metric=pareto["accuracy_metric"], protocol=pareto["search"]["protocol"].rsplit(", ", 1)[-1],
        processors=os.cpu_count(), processor=processor(), jobs=data["jobs"], search=describe_search(data),
        designs=len(pareto["points"]), models=len(front), shown=len(shown), front=front_table(shown), bias=bias(front),
        size_names=", then ".join(f"{', '.join(some)} of {tower}" for tower, some in names.items()),
        by_size=f"{data['by_size']:,}", chosen=len(data["baselines"]["by size"]), hypervolumes=volumes_table,
        thresholds=", ".join(f"{goals[n]['threshold']:g} {goals[n]['unit']}" for n in ("carbon", "latency")),
        levels=levels_table, verdict=verdict(volumes, best), drawn=len(data["fidelity"]), fidelities=fidelities,
        fidelity_text=fidelity_text(data["fidelity"], figures), repeated=len(data["repeats"]),
        seeds=len(data["repeats"][0]["answers"]), repeats=repeats, repeat_text=repeat_text,
    ))
