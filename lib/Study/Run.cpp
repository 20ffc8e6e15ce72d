//===- Run.cpp - The search loop ------------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/Run.h"
#include "Frontend/Dimension.h"
#include "Results/Format.h"
#include "Search/Parallel.h"
#include "Search/Strategy.h"
#include "Search/Subset.h"
#include "Study/Measurement.h"
#include "Study/SearchLoop.h"
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

RunOptions study::readStrategy(StudyOps ops) {
  RunOptions run;
  mlir::DictionaryAttr declared = ops.study.getStrategyAttr();
  if (!declared)
    return run;
  if (auto name = declared.getAs<mlir::StringAttr>("name"))
    run.strategy = name.getValue().str();
  run.trials = getBoundInteger(declared.get("trials")).value_or(run.trials);
  run.seed = static_cast<uint64_t>(getBoundInteger(declared.get("seed")).value_or(0));
  run.initial = getBoundInteger(declared.get("initial")).value_or(0);
  if (auto fidelity = declared.getAs<mlir::StringAttr>("fidelity"))
    run.fidelity = fidelity.getValue().str();
  return run;
}

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
// Searching
//===----------------------------------------------------------------------===//

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
study::runSearch(const Codesign &codesign, Evaluator *evaluator, const RunOptions &options,
                 Store &store, const std::function<void(const Progress &)> &report) {
  const ModelPredictions *predictions = evaluator ? evaluator->predictions() : nullptr;
  if (options.strategy == kExhaustive) {
    CATC_CHECK(!evaluator || predictions, "every model would have to be measured");
    return runExhaustive(codesign, predictions, options);
  }
  CATC_CHECK(evaluator, "a strategy that evaluates models needs something to evaluate them by");
  const search::Problem &problem = codesign.problem();

  search::StrategyOptions strategyOptions;
  strategyOptions.seed = options.seed;
  strategyOptions.initialDesigns =
      static_cast<int>(std::min<int64_t>(options.initial, std::numeric_limits<int>::max()));
  strategyOptions.threads = options.threads;
  if (predictions) {
    auto prior = std::make_shared<std::vector<search::Evaluation>>(problem.modelCount());
    for (search::ModelId model = 0; model < problem.modelCount(); ++model)
      (*prior)[model] = predictions->evaluation(model);
    strategyOptions.prior = prior;
  }
  search::StrategyResult made = search::makeStrategy(options.strategy, problem, strategyOptions);
  if (!made.strategy)
    return RunError{made.reason, ""};
  return runLoop(codesign, *evaluator, *made.strategy, options, store, report);
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// Base unit of a goal's values: the unit in which it is shown has its dimension.
static std::string baseUnit(const GoalInfo &goal) {
  std::optional<frontend::WrittenUnit> shown = frontend::parseUnit(goal.unit);
  return shown ? shown->dimension.baseUnits() : "1";
}

results::FrontView study::makeResults(const Codesign &codesign, const Evaluator *evaluator,
                                      const RunOptions &options, const std::string &name,
                                      const RunOutcome &outcome) {
  const ModelPredictions *predictions = evaluator ? evaluator->predictions() : nullptr;
  results::FrontView front;
  front.study.name = name;
  front.study.seed = options.seed;
  front.study.strategy = options.strategy;
  front.study.accuracyMetric = evaluator ? evaluator->metric() : "";
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
  front.read = [&codesign, predictions, exact, &outcome](size_t i, results::DesignRecord &record) {
    const search::FrontPoint &point = outcome.front[i];
    Point levels = codesign.point(point.model, point.hardware);
    record.id = codesign.table().idOf(levels);
    codesign.table().readRecords(levels, record.parameters);
    record.exact = (*exact)[i];
    record.accuracy.reset();
    record.test.reset();
    if (predictions)
      record.accuracy = predictions->record(point.model);
    else if (auto it = outcome.measured.find(point.model); it != outcome.measured.end())
      record.accuracy = it->second;
    if (auto it = outcome.tested.find(point.model); it != outcome.tested.end())
      record.test = it->second;
    record.goals = point.goals;
  };
  return front;
}

results::SearchFootprint study::footprintOf(const Codesign &codesign,
                                            const Measurement &measurement,
                                            const RunOutcome &outcome) {
  results::SearchFootprint footprint;
  footprint.evaluator = measurement.name();
  footprint.protocol = measurement.protocol();
  footprint.fidelity = measurement.fidelity().name;
  footprint.failed = outcome.failed;
  footprint.energy = outcome.energy;
  footprint.how = measurement.energySource();
  CarbonIntensity grid = codesign.deployment(0).grid;
  bool oneGrid = true;
  for (search::HardwareId h = 1; h < codesign.problem().hardwareCount; ++h)
    oneGrid &= codesign.deployment(h).grid.value() == grid.value();
  if (oneGrid)
    footprint.carbon = outcome.energy * grid;
  return footprint;
}

std::optional<StoreError> study::storeFootprint(Store &store,
                                                const results::SearchFootprint &footprint) {
  if (auto error = store.setFigure("energy_j", results::shortestNumber(footprint.energy.value())))
    return error;
  if (footprint.carbon)
    if (auto error =
            store.setFigure("carbon_kg", results::shortestNumber(footprint.carbon->value())))
      return error;
  return store.setFigure("energy_how", footprint.how);
}

std::string study::identityHash(mlir::ModuleOp module) {
  mlir::OwningOpRef<mlir::ModuleOp> copy = module.clone();
  for (auto study : copy->getOps<space::StudyOp>()) {
    // Nor is where workers run, how long they may take, and what a processor draws.
    study.walk([](space::EvaluatorOp evaluator) {
      mlir::NamedAttrList config(evaluator.getConfig());
      for (const char *key : {"launcher", "timeout", "power"})
        config.erase(key);
      evaluator.setConfigAttr(config.getDictionary(evaluator.getContext()));
    });
    // How long and where to search is no part of the question, but how well models are trained is.
    auto strategy = study.getStrategyAttr();
    mlir::Attribute fidelity = strategy ? strategy.get("fidelity") : mlir::Attribute();
    study.removeStrategyAttr();
    if (fidelity)
      study->setAttr("fidelity", fidelity);
  }
  std::string text;
  llvm::raw_string_ostream(text) << *copy;
  auto digest = llvm::SHA256::hash(llvm::arrayRefFromStringRef(text));
  return llvm::toHex(digest, /*LowerCase=*/true);
}
