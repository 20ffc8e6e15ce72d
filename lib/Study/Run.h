//===- Run.h - The search loop ----------------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_STUDY_RUN_H
#define CATC_STUDY_RUN_H

#include "Search/Enumerate.h"
#include "Study/Codesign.h"
#include "Study/Evaluator.h"
#include "Study/Store.h"
#include <functional>
#include <map>

namespace cat::study {

class Measurement;

struct RunOptions {
  std::string strategy = "auto"; ///< "exhaustive", or a name of search::strategyNames()
  uint64_t seed = 0;
  int64_t trials = 100;
  int64_t initial = 0; ///< evaluations before a strategy trusts its model; 0 lets it decide
  unsigned threads = 1;
  std::string fidelity; ///< of measurements; empty: the full one
};

/// What a spec's strategy block says; "auto" where it says nothing.
RunOptions readStrategy(StudyOps ops);

/// How far a search is.
struct Progress {
  int64_t trials = 0, total = 0;
  double hypervolume = 0;
  std::vector<double> best; ///< of each goal on the front so far, in the goal's own sense; empty
                            ///< while there is no front
  std::string message; ///< what an evaluation under way says of itself; empty once it has ended
};

struct RunOutcome {
  std::vector<search::FrontPoint> front;
  int64_t evaluations = 0;
  int64_t failed = 0;
  std::string firstFailure; ///< why the first trial that failed did
  /// Of an exhaustive run, without its points: those are `front`.
  std::optional<search::Front> exhaustive;
  /// What was measured, by model: on the split that selects and, of the front, on the one that does
  /// not. Empty if accuracy is predicted.
  std::map<search::ModelId, results::AccuracyRecord> measured, tested;
  /// Of the study's baseline, where it can be measured; else why it was not, if that was tried.
  std::optional<results::AccuracyRecord> baseline;
  std::string baselineFailure;
  int64_t testFailures = 0;
  std::string firstTestFailure;
  /// What measuring took, earlier runs of the same study included.
  Joules energy;
};

/// Why no strategy of that name can search the problem, or nothing. "auto" is resolved before: see
/// chooseStrategy.
std::optional<std::string> whyNotSearchable(const Codesign &codesign, const std::string &strategy);

/// What "auto" means for a problem: "greybox" where it applies, else "random".
std::string chooseStrategy(const Codesign &codesign);

/// Runs the search, continuing what `store` holds. Every trial is committed before and after its
/// evaluation. `evaluator` may be null if the study evaluates nothing; then only "exhaustive" makes
/// sense.
///
/// As many trials are under way as the evaluator takes. Their results are told to the strategy in
/// the order in which it proposed them: a result that comes early waits. The strategy proposes
/// trial n + parallel() once it has been told trial n. So the same spec, seed and number of workers
/// give the same trials, whatever each of them takes, and so does a run that is continued.
///
/// A failed trial is recorded, and the search goes on; one that may succeed again is tried once
/// more. If none succeeds, three failures are the end. On resuming a study of failures alone, all
/// of them are tried again.
///
/// At the end the baseline is measured, if the evaluator can, and the models of the front are
/// measured on the test split, if it has one.
std::variant<RunOutcome, RunError> runSearch(const Codesign &codesign, Evaluator *evaluator,
                                             const RunOptions &options, Store &store,
                                             const std::function<void(const Progress &)> &report);

/// The front of a run as results show it. Refers to the problem, the evaluator and the outcome.
results::FrontView makeResults(const Codesign &codesign, const Evaluator *evaluator,
                               const RunOptions &options, const std::string &name,
                               const RunOutcome &outcome);

/// What measuring took, at the carbon intensity of the study's grid.
results::SearchFootprint footprintOf(const Codesign &codesign, const Measurement &measurement,
                                     const RunOutcome &outcome);
/// Keeps it in the store.
std::optional<StoreError> storeFootprint(Store &store, const results::SearchFootprint &footprint);

/// Hash of the canonical space IR, without places and strategy: equal for specs that ask the same
/// question.
std::string identityHash(mlir::ModuleOp module);

} // namespace cat::study

#endif // CATC_STUDY_RUN_H
