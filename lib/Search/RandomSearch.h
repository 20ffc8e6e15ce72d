//===- RandomSearch.h - Random search over models ---------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_RANDOMSEARCH_H
#define CATC_SEARCH_RANDOMSEARCH_H

#include "Search/TrialRecord.h"

namespace cat::search {

/// Models at random without repetition: the baseline, and the one strategy that searches any
/// problem.
class RandomSearch final : public TrialRecord {
public:
  RandomSearch(const Problem &problem, const StrategyOptions &options)
      : TrialRecord(problem, options.seed, options.threads) {}

  std::optional<ModelId> ask() override;
};

} // namespace cat::search

#endif // CATC_SEARCH_RANDOMSEARCH_H
