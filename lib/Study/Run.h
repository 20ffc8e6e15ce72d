//===- Run.h - The search loop ----------------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_STUDY_RUN_H
#define CATC_STUDY_RUN_H

#include "Search/Enumerate.h"
#include "Study/Accuracy.h"
#include "Study/Codesign.h"
#include "Study/Store.h"
#include <functional>

namespace cat::study {

struct RunOptions {
  std::string strategy; ///< "exhaustive", or a name of search::strategyNames()
  uint64_t seed = 0;
  int64_t trials = 100;
  int64_t initial = 0; ///< evaluations before a strategy trusts its model; 0 lets it decide
  unsigned threads = 1;
};

/// How far a search is.
struct Progress {
  int64_t trials = 0, total = 0;
  double hypervolume = 0;
  std::vector<double> best; ///< of each goal on the front so far, in the goal's own sense; empty
                            ///< while there is no front
};

struct RunOutcome {
  std::vector<search::FrontPoint> front;
  int64_t evaluations = 0;
  int64_t failed = 0;
  /// Of an exhaustive run, without its points: those are `front`.
  std::optional<search::Front> exhaustive;
};

/// What stopped a run before its end.
struct RunError {
  std::string message, remedy;
};

/// Why no strategy of that name can search the problem, or nothing. "auto" is resolved before: see
/// chooseStrategy.
std::optional<std::string> whyNotSearchable(const Codesign &codesign, const std::string &strategy);

/// What "auto" means for a problem: "greybox" where it applies, else "random".
std::string chooseStrategy(const Codesign &codesign);

/// Runs the search, continuing what `store` holds. Every trial is committed before and after its
/// evaluation. `predictions` may be null if the study evaluates nothing; then only "exhaustive"
/// makes sense.
std::variant<RunOutcome, RunError> runSearch(const Codesign &codesign,
                                             const ModelPredictions *predictions,
                                             const RunOptions &options, Store &store,
                                             const std::function<void(const Progress &)> &report);

/// The front of a run as results show it. Refers to the problem, the predictions and the outcome.
results::FrontView makeResults(const Codesign &codesign, const ModelPredictions *predictions,
                               const RunOptions &options, const std::string &name,
                               const RunOutcome &outcome);

/// Hash of the canonical space IR, without places and strategy: equal for specs that ask the same
/// question.
std::string identityHash(mlir::ModuleOp module);

} // namespace cat::study

#endif // CATC_STUDY_RUN_H
