//===- Run.cpp - The search loop ------------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/Run.h"
#include "Frontend/Dimension.h"
#include "Search/Parallel.h"
#include "Search/Strategy.h"
#include "Search/Subset.h"
#include "Support/Check.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

using namespace cat;
using namespace cat::study;

//===----------------------------------------------------------------------===//
// Strategies
//===----------------------------------------------------------------------===//

/// Name of the strategy that enumerates all designs.
static constexpr const char *kExhaustive = "exhaustive";

std::optional<std::string> study::whyNotSearchable(const Codesign &codesign,
                                                   const std::string &strategy) {
  if (strategy == kExhaustive)
    return search::whyNotEnumerable(codesign.problem());
  search::StrategyResult made = search::makeStrategy(strategy, codesign.problem(), {});
  if (made.strategy)
    return std::nullopt;
  return made.reason;
}

std::string study::chooseStrategy(const Codesign &codesign) {
  return whyNotSearchable(codesign, "greybox") ? "random" : "greybox";
}

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

namespace {

/// The front so far.
class RunningFront {
public:
  RunningFront(const Codesign &codesign, unsigned threads)
      : problem(codesign.problem()), fronts(codesign.problem(), threads) {}

  void add(search::ModelId model, const search::Evaluation &evaluation) {
    std::vector<search::FrontPoint> more = fronts.front(model, evaluation);
    points.insert(points.end(), more.begin(), more.end());
    points = search::nondominated(problem, std::move(points));
  }

  void describe(Progress &progress) const {
    progress.best.clear();
    if (points.empty())
      return;
    std::vector<double> reference = search::referencePoint(problem.goals, points);
    progress.hypervolume = search::hypervolume(problem.goals, points, reference);
    for (size_t g = 0; g < problem.goals.size(); ++g) {
      double best = points.front().goals[g];
      for (const search::FrontPoint &point : points)
        best = problem.goals[g].maximize ? std::max(best, point.goals[g])
                                         : std::min(best, point.goals[g]);
      progress.best.push_back(best);
    }
  }

  std::vector<search::FrontPoint> points;

private:
  const search::Problem &problem;
  search::ModelFronts fronts;
};

} // namespace

static RunError toRunError(const StoreError &error) { return {error.message, error.remedy}; }

static std::variant<RunOutcome, RunError> runExhaustive(const Codesign &codesign,
                                                        const ModelPredictions *predictions,
                                                        const RunOptions &options) {
  RunOutcome outcome;
  search::EnumerateOptions enumerate;
  enumerate.threads = options.threads;
  search::EvaluationSource source;
  if (predictions)
    source = [predictions](search::ModelId model) { return predictions->evaluation(model); };
  outcome.exhaustive = search::enumerateFront(codesign.problem(), source, enumerate);
  outcome.front = std::move(outcome.exhaustive->points);
  outcome.evaluations = predictions ? codesign.problem().modelCount() : 0;
  return outcome;
}

std::variant<RunOutcome, RunError>
study::runSearch(const Codesign &codesign, const ModelPredictions *predictions,
                 const RunOptions &options, Store &store,
                 const std::function<void(const Progress &)> &report) {
  if (options.strategy == kExhaustive)
    return runExhaustive(codesign, predictions, options);
  CATC_CHECK(predictions, "a strategy that evaluates models needs something to evaluate them by");
  const search::Problem &problem = codesign.problem();

  search::StrategyOptions strategyOptions;
  strategyOptions.seed = options.seed;
  strategyOptions.initialDesigns =
      static_cast<int>(std::min<int64_t>(options.initial, std::numeric_limits<int>::max()));
  strategyOptions.threads = options.threads;
  auto prior = std::make_shared<std::vector<search::Evaluation>>(problem.modelCount());
  for (search::ModelId model = 0; model < problem.modelCount(); ++model)
    (*prior)[model] = predictions->evaluation(model);
  strategyOptions.prior = prior;
  search::StrategyResult made = search::makeStrategy(options.strategy, problem, strategyOptions);
  if (!made.strategy)
    return RunError{made.reason, ""};
  search::Strategy &strategy = *made.strategy;

  RunOutcome outcome;
  RunningFront front(codesign, options.threads);
  Progress progress;
  progress.total = options.trials;

  // What an earlier run finished is told again in order; the strategy's state is nothing more.
  StoreResult<std::vector<Trial>> known = store.trials();
  if (!known)
    return toRunError(known.error());
  std::vector<Trial> unfinished;
  int64_t next = 0;
  for (const Trial &trial : *known) {
    next = std::max(next, trial.index + 1);
    if (trial.model < 0 || trial.model >= problem.modelCount())
      return RunError{"the stored trial " + std::to_string(trial.index) + " is of model " +
                          std::to_string(trial.model) + ", and the spec has " +
                          std::to_string(problem.modelCount()),
                      "the study is damaged; start again in another folder with --out"};
    if (trial.state == TrialState::Done && !trial.observations.empty()) {
      const Observation &o = trial.observations.back();
      search::Evaluation evaluation{o.value, o.sigma, o.noise};
      strategy.tell(trial.model, evaluation);
      front.add(trial.model, evaluation);
      ++outcome.evaluations;
    } else if (trial.state == TrialState::Failed) {
      strategy.tellFailed(trial.model);
      ++outcome.failed;
    } else {
      strategy.adoptPending(trial.model);
      unfinished.push_back(trial);
    }
  }

  auto evaluate = [&](int64_t index, search::ModelId model) -> std::optional<StoreError> {
    if (std::optional<StoreError> error = store.beginTrial(index, model))
      return error;
    results::AccuracyRecord record = predictions->record(model);
    Observation observation{
        "accuracy",         1, record.value, record.sigma, record.noise, record.source,
        record.extrapolated};
    if (std::optional<StoreError> error = store.finishTrial(index, {observation}))
      return error;
    search::Evaluation evaluation{record.value, record.sigma, record.noise};
    strategy.tell(model, evaluation);
    front.add(model, evaluation);
    ++outcome.evaluations;
    progress.trials = outcome.evaluations + outcome.failed;
    front.describe(progress);
    report(progress);
    return std::nullopt;
  };
  for (const Trial &trial : unfinished)
    if (std::optional<StoreError> error = evaluate(trial.index, trial.model))
      return toRunError(*error);
  while (outcome.evaluations + outcome.failed < options.trials) {
    std::optional<search::ModelId> model = strategy.ask();
    if (!model)
      break;
    if (std::optional<StoreError> error = evaluate(next++, *model))
      return toRunError(*error);
  }
  outcome.front = std::move(front.points);
  return outcome;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// Base unit of a goal's values: the unit in which it is shown has its dimension.
static std::string baseUnit(const GoalInfo &goal) {
  std::optional<frontend::WrittenUnit> shown = frontend::parseUnit(goal.unit);
  return shown ? shown->dimension.baseUnits() : "1";
}

results::FrontView study::makeResults(const Codesign &codesign, const ModelPredictions *predictions,
                                      const RunOptions &options, const std::string &name,
                                      const RunOutcome &outcome) {
  results::FrontView front;
  front.study.name = name;
  front.study.seed = options.seed;
  front.study.strategy = options.strategy;
  front.study.accuracyMetric = predictions ? predictions->metric() : "";
  front.study.designsTotal = codesign.table().designCount();
  front.study.evaluations = outcome.evaluations;
  bool bounded = true;
  for (const GoalInfo &goal : codesign.goals()) {
    results::GoalRecord record;
    record.name = goal.name;
    record.maximize = goal.maximize;
    if (std::isnan(goal.threshold))
      bounded = false;
    else
      record.threshold = goal.threshold;
    record.unit = baseUnit(goal);
    front.study.goals.push_back(std::move(record));
  }
  if (bounded)
    front.study.hypervolume =
        search::hypervolume(codesign.problem().goals, outcome.front,
                            search::referencePoint(codesign.problem().goals, outcome.front));
  front.size = outcome.front.size();
  // Made once, since several readers ask for them.
  auto exact = std::make_shared<std::vector<carbon::Metrics>>(front.size);
  search::parallelFor(options.threads, static_cast<int64_t>(front.size), 1024,
                      [&](int64_t begin, int64_t end, unsigned) {
                        for (int64_t i = begin; i < end; ++i)
                          (*exact)[i] =
                              codesign.metrics(outcome.front[i].model, outcome.front[i].hardware);
                      });
  front.read = [&codesign, predictions, exact,
                &points = outcome.front](size_t i, results::DesignRecord &record) {
    const search::FrontPoint &point = points[i];
    Point levels = codesign.point(point.model, point.hardware);
    record.id = codesign.table().idOf(levels);
    codesign.table().readRecords(levels, record.parameters);
    record.exact = (*exact)[i];
    record.accuracy.reset();
    if (predictions)
      record.accuracy = predictions->record(point.model);
    record.goals = point.goals;
  };
  return front;
}

std::string study::identityHash(mlir::ModuleOp module) {
  mlir::OwningOpRef<mlir::ModuleOp> copy = module.clone();
  for (auto study : copy->getOps<space::StudyOp>())
    study.removeStrategyAttr();
  std::string text;
  llvm::raw_string_ostream(text) << *copy;
  auto digest = llvm::SHA256::hash(llvm::arrayRefFromStringRef(text));
  return llvm::toHex(digest, /*LowerCase=*/true);
}
