//===- TrialRecord.h - What a strategy knows of its trials ------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_TRIALRECORD_H
#define CATC_SEARCH_TRIALRECORD_H

#include "Search/CounterRandom.h"
#include "Search/Enumerate.h"
#include "Search/Strategy.h"
#include <functional>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

namespace cat::search {

/// The common part of strategies: who was evaluated, what is pending, and which models are left.
class TrialRecord : public Strategy {
public:
  void tell(ModelId model, const Evaluation &evaluation) override;
  void tellFailed(ModelId model) override;
  void adoptPending(ModelId model) override;

protected:
  TrialRecord(const Problem &problem, uint64_t seed, unsigned threads);

  /// Number of models asked for or told: the key of the next trial's random numbers.
  uint64_t trial() const { return known.size(); }
  bool isKnown(ModelId model) const { return known.count(model) != 0; }
  CounterRandom randomFor(uint64_t trial) const { return {seed, trial}; }

  /// A random model that may contribute and is not known; nothing if there is none.
  std::optional<ModelId> randomModel(CounterRandom random) const;

  /// Marks as pending and returns.
  ModelId propose(ModelId model);

  const Problem &problem;
  ModelFronts fronts;
  std::vector<std::pair<ModelId, Evaluation>>
      told;                     ///< in the order of telling, each model once (the last evaluation)
  std::vector<ModelId> pending; ///< in the order of asking

private:
  uint64_t seed;
  std::unordered_set<ModelId> known;
};

} // namespace cat::search

#endif // CATC_SEARCH_TRIALRECORD_H
