//===- Strategy.h - Ask/tell search over models -----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A strategy says which model to evaluate next. Its state is the list of what it was told, in
// order, and what is pending: telling a new strategy the recorded evaluations resumes a search
// exactly. Random numbers are keyed by (seed, number of models known), never drawn from a running
// stream.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_STRATEGY_H
#define CATC_SEARCH_STRATEGY_H

#include "Search/Problem.h"
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cat::search {

struct StrategyOptions {
  uint64_t seed = 0;
  /// Evaluations before a model-based strategy trusts its model; 0 lets the strategy decide.
  int initialDesigns = 0;
  /// A prediction for every model, used as prior mean and for the first designs; null if there is
  /// none.
  std::shared_ptr<const std::vector<Evaluation>> prior;
  unsigned threads = 1;
};

class Strategy {
public:
  virtual ~Strategy();

  /// The next model to evaluate; it is pending until told. Never one that is pending or was told.
  /// Nothing once every model that can be feasible has been asked for or told.
  virtual std::optional<ModelId> ask() = 0;

  /// The result of an evaluation, whether or not ask() proposed it.
  virtual void tell(ModelId model, const Evaluation &evaluation) = 0;

  /// The evaluation failed for good: the model is not proposed again.
  virtual void tellFailed(ModelId model) = 0;

  /// Marks a model as being evaluated though this object did not propose it (a resumed search
  /// re-runs what was in flight).
  virtual void adoptPending(ModelId model) = 0;
};

/// A strategy, or the reason why it cannot search this problem.
struct StrategyResult {
  std::unique_ptr<Strategy> strategy;
  std::string reason;
};

/// Makes "greybox" or "random". The problem must outlive the strategy. An unknown name or a problem
/// outside the strategy's means gives a null strategy and a reason.
StrategyResult makeStrategy(std::string_view name, const Problem &problem,
                            const StrategyOptions &options);

/// The names makeStrategy knows.
std::vector<std::string_view> strategyNames();

/// The names of all ways to search: "auto" (whichever applies), "exhaustive" (Enumerate.h), and
/// those of strategies.
std::vector<std::string_view> searchNames();

} // namespace cat::search

#endif // CATC_SEARCH_STRATEGY_H
