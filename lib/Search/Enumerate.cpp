//===- Enumerate.cpp - Exact Pareto front of all designs ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A sweep over the models, best value of one model-level goal first, with an archive of the other
// goals: whatever is dominated by the archive is dominated by a design of an earlier model. Each
// thread sweeps every so-manieth model with an archive of its own; an exact filter merges what they
// keep.
//
//===----------------------------------------------------------------------===//

#include "Search/Enumerate.h"
#include "Search/Archive.h"
#include "Search/Hypervolume.h"
#include "Search/Parallel.h"
#include "Search/Prepared.h"
#include "Search/Screen.h"
#include "Support/Check.h"
#include <algorithm>
#include <chrono>
#include <cmath>

using namespace cat;
using namespace cat::search;

namespace {

class Stopwatch {
public:
  /// Seconds since construction or the last lap.
  double lap() {
    Clock::time_point now = Clock::now();
    double seconds = std::chrono::duration<double>(now - start).count();
    start = now;
    return seconds;
  }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
};

} // namespace

//===----------------------------------------------------------------------===//
// What can be enumerated
//===----------------------------------------------------------------------===//

std::optional<std::string> cat::search::whyNotEnumerable(const Problem &problem,
                                                         const EnumerateOptions &options) {
  // The product may overflow before it is compared.
  double models = 1;
  for (const Parameter &parameter : problem.parameters)
    models *= static_cast<double>(parameter.levels.size());
  if (models > static_cast<double>(options.maxModels))
    return std::to_string(models) + " models are more than can be enumerated";
  auto mixes = [&](const Expr &expr) {
    bool evaluated = false, hardware = false;
    for (int32_t s : expr.symbols()) {
      SymbolKind kind = problem.symbols[s].kind;
      evaluated |= kind == SymbolKind::Accuracy || kind == SymbolKind::AccuracySigma;
      hardware |= kind == SymbolKind::Term || kind == SymbolKind::HardwareValue;
    }
    return evaluated && hardware;
  };
  for (size_t g = 0; g < problem.goals.size(); ++g)
    if (mixes(problem.goals[g].value))
      return "goal " + std::to_string(g + 1) +
             " combines the evaluated metric with metrics that depend on the hardware";
  for (size_t r = 0; r < problem.requirements.size(); ++r)
    if (mixes(problem.requirements[r]))
      return "requirement " + std::to_string(r + 1) +
             " combines the evaluated metric with metrics that depend on the hardware";
  return std::nullopt;
}

static bool needsEvaluations(const Problem &problem) {
  auto uses = [&](const Expr &expr) {
    for (int32_t s : expr.symbols())
      if (problem.symbols[s].kind == SymbolKind::Accuracy ||
          problem.symbols[s].kind == SymbolKind::AccuracySigma)
        return true;
    return false;
  };
  for (const Goal &goal : problem.goals)
    if (uses(goal.value))
      return true;
  return std::any_of(problem.requirements.begin(), problem.requirements.end(), uses);
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

namespace {

/// A model that satisfies what it alone decides, with its place in the sweep.
struct Candidate {
  double key; ///< the sweep goal, minimised
  ModelId model;
};

} // namespace

/// The models worth scanning in sweep order. `sweep` is the goal to sweep over, or -1.
static std::vector<Candidate> sweepOrder(const Problem &problem, const Factoring &factoring,
                                         const EvaluationSource *source, int32_t sweep,
                                         Front &front) {
  std::vector<Candidate> candidates;
  std::vector<char> wanted;
  std::vector<double> keys, values;
  scanModels(problem, factoring, source, &front.rejections,
             [&](ModelId begin, const std::vector<char> &holds, const ModelColumns &columns) {
               size_t n = holds.size();
               front.models += std::count(holds.begin(), holds.end(), 1);
               wanted = holds;
               keys.assign(n, 0);
               values.resize(n);
               for (const FactoredExpr &factored : factoring.goals) {
                 if (factored.dependsOnHardware())
                   continue;
                 const Goal &goal = problem.goals[factored.source];
                 columns.evaluate(goal.value, values.data());
                 for (size_t i = 0; i < n; ++i)
                   wanted[i] &= beatsThreshold(goal, values[i]);
                 if (factored.source == sweep)
                   for (size_t i = 0; i < n; ++i)
                     keys[i] = minimised(goal, values[i]);
               }
               for (size_t i = 0; i < n; ++i)
                 if (wanted[i])
                   candidates.push_back({keys[i], begin + static_cast<ModelId>(i)});
             });
  if (sweep >= 0)
    std::sort(candidates.begin(), candidates.end(), [](const Candidate &a, const Candidate &b) {
      return a.key != b.key ? a.key < b.key : a.model < b.model;
    });
  return candidates;
}

/// The goal to sweep over: the first that the evaluated metric decides, else the first that the
/// model decides, else none.
static int32_t sweepGoal(const Factoring &factoring) {
  for (ExprClass kind : {ExprClass::Evaluated, ExprClass::ModelOnly})
    for (const FactoredExpr &goal : factoring.goals)
      if (goal.kind == kind)
        return goal.source;
  return -1;
}

//===----------------------------------------------------------------------===//
// Sweep
//===----------------------------------------------------------------------===//

namespace {

/// One thread's part of the sweep.
class Sweep {
public:
  Sweep(const Problem &problem, const Screen &screen, const std::vector<int32_t> &axes,
        const std::vector<Evaluation> &evaluations)
      : problem(problem), screen(screen), axes(axes), knownEvaluations(evaluations),
        view(screen.makeView()), exact(problem), archive(axisRanges(screen, axes.size())),
        lower(axes.size()) {}

  void visit(ModelId model);

  std::vector<FrontPoint> points; ///< everything that was not dominated when it was seen
  int64_t evaluations() const { return exact.evaluations(); }

private:
  static std::vector<Interval> axisRanges(const Screen &screen, size_t count) {
    std::vector<Interval> ranges;
    ranges.reserve(count);
    for (size_t a = 0; a < count; ++a)
      ranges.push_back(screen.axisRange(a));
    return ranges;
  }

  /// Some design at an entry of the view may be on the front. What the archive equals loses the
  /// tie: its points come from models earlier in the sweep.
  bool open(size_t i) {
    if (!view.possible[i])
      return false;
    for (size_t a = 0; a < axes.size(); ++a)
      lower[a] = view.lower[a][i];
    return !archive.beaten(lower.data());
  }

  const Problem &problem;
  const Screen &screen;
  const std::vector<int32_t> &axes;
  const std::vector<Evaluation> &knownEvaluations; // empty if not needed
  Screen::View view;
  ExactDesigns exact;
  Archive archive;
  std::vector<double> lower;
  std::vector<size_t> openBlocks;
  std::vector<HardwareId> survivors;
};

} // namespace

void Sweep::visit(ModelId model) {
  // Evaluations lie far apart in sweep order, and most models need none.
  auto evaluation = [&] {
    return knownEvaluations.empty() ? Evaluation{} : knownEvaluations[model];
  };
  screen.setModel(view, model, screen.needsEvaluation() ? evaluation() : Evaluation{});
  screen.boundBlocks(view);
  openBlocks.clear();
  for (size_t b = 0; b < screen.blocks(); ++b)
    if (open(b))
      openBlocks.push_back(b);
  survivors.clear();
  for (size_t b : openBlocks) {
    screen.boundBlock(view, b);
    for (size_t i = 0; i < Screen::kBlock; ++i)
      if (open(i))
        survivors.push_back(screen.at(b * Screen::kBlock + i));
  }
  if (survivors.empty())
    return;
  // Ascending ids, so that of equal designs the first one seen wins.
  std::sort(survivors.begin(), survivors.end(), [&](HardwareId a, HardwareId b) {
    return problem.hardwareIds[a] < problem.hardwareIds[b];
  });
  exact.setModel(model, evaluation());
  for (HardwareId h : survivors) {
    if (!exact.evaluate(h))
      continue;
    for (size_t a = 0; a < axes.size(); ++a)
      lower[a] = minimised(problem.goals[axes[a]], exact.goals()[axes[a]]);
    if (archive.insert(lower.data()))
      points.push_back({model, h, exact.goals()});
  }
}

std::vector<FrontPoint> cat::search::nondominated(const Problem &problem,
                                                  std::vector<FrontPoint> points) {
  size_t goals = problem.goals.size();
  std::sort(points.begin(), points.end(), [&](const FrontPoint &a, const FrontPoint &b) {
    for (size_t g = 0; g < goals; ++g)
      if (a.goals[g] != b.goals[g])
        return minimised(problem.goals[g], a.goals[g]) < minimised(problem.goals[g], b.goals[g]);
    if (a.model != b.model)
      return a.model < b.model;
    return problem.hardwareIds[a.hardware] < problem.hardwareIds[b.hardware];
  });
  PointSet set{goals, {}};
  for (const FrontPoint &point : points)
    for (size_t g = 0; g < goals; ++g)
      set.values.push_back(minimised(problem.goals[g], point.goals[g]));
  std::vector<FrontPoint> kept;
  for (size_t i : nondominatedIndices(set))
    kept.push_back(std::move(points[i]));
  return kept;
}

Front cat::search::enumerateFront(const Problem &problem, const EvaluationSource &evaluations,
                                  const EnumerateOptions &options) {
  CATC_CHECK(!whyNotEnumerable(problem, options), "enumeration of a problem that it refuses");
  bool evaluated = needsEvaluations(problem);
  CATC_CHECK(!evaluated || evaluations, "the evaluated metric is needed and not given");
  unsigned threads = std::max(1u, options.threads);

  Front front;
  Prepared prepared(problem, threads);
  front.seconds.filter = prepared.filterSeconds;
  front.seconds.dominance = prepared.dominanceSeconds;
  front.designs = static_cast<double>(problem.modelCount()) * problem.hardwareCount;
  front.hardwareFeasible = static_cast<int32_t>(prepared.feasible.size());
  front.hardwareKept = static_cast<int32_t>(prepared.kept.size());

  Stopwatch watch;
  int32_t sweep = sweepGoal(prepared.factoring);
  front.rejections = hardwareRejections(problem, prepared.factoring, evaluated);
  // Threads ask for evaluations in an order of their own, so they are kept.
  std::vector<Evaluation> kept;
  EvaluationSource remembered = [&](ModelId model) {
    kept.push_back(evaluations(model));
    return kept.back();
  };
  if (evaluated)
    kept.reserve(problem.modelCount());
  std::vector<Candidate> candidates =
      sweepOrder(problem, prepared.factoring, evaluated ? &remembered : nullptr, sweep, front);
  front.seconds.filter += watch.lap();

  std::vector<int32_t> axes;
  for (size_t g = 0; g < problem.goals.size(); ++g)
    if (static_cast<int32_t>(g) != sweep)
      axes.push_back(static_cast<int32_t>(g));
  Screen screen(prepared, axes, threads);
  front.seconds.tables = watch.lap();

  // Dealing out models round robin keeps every thread's archive about as good as the whole one, and
  // the result deterministic.
  std::vector<std::unique_ptr<Sweep>> sweeps(threads);
  parallelFor(threads, threads, 1, [&](int64_t begin, int64_t, unsigned) {
    sweeps[begin] = std::make_unique<Sweep>(problem, screen, axes, kept);
    for (size_t i = begin; i < candidates.size() && screen.size(); i += threads)
      sweeps[begin]->visit(candidates[i].model);
  });
  front.seconds.screen = watch.lap();

  std::vector<FrontPoint> points;
  for (std::unique_ptr<Sweep> &part : sweeps) {
    front.exactEvaluations += part->evaluations();
    std::move(part->points.begin(), part->points.end(), std::back_inserter(points));
  }
  front.points = nondominated(problem, std::move(points));
  front.seconds.merge = watch.lap();
  return front;
}

Front cat::search::enumerateFront(const Problem &problem,
                                  const std::vector<Evaluation> &evaluations,
                                  const EnumerateOptions &options) {
  CATC_CHECK(static_cast<int64_t>(evaluations.size()) == problem.modelCount(),
             "one evaluation is needed for each model");
  return enumerateFront(problem, [&](ModelId model) { return evaluations[model]; }, options);
}

std::vector<Rejection> cat::search::countRejections(const Problem &problem,
                                                    const EvaluationSource &evaluations) {
  Factoring factoring = factor(problem);
  std::vector<Rejection> rejections =
      hardwareRejections(problem, factoring, static_cast<bool>(evaluations));
  if (std::any_of(rejections.begin(), rejections.end(), [](const Rejection &rejection) {
        return rejection.of == Rejection::Of::Models && rejection.rejected >= 0;
      }))
    scanModels(problem, factoring, evaluations ? &evaluations : nullptr, &rejections,
               [](ModelId, const std::vector<char> &, const ModelColumns &) {});
  return rejections;
}
