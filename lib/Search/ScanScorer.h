//===- ScanScorer.h - Ranking all models by expected gain -------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_SCANSCORER_H
#define CATC_SEARCH_SCANSCORER_H

#include "Search/CurveTable.h"
#include "Search/SetValuedEhvi.h"
#include <algorithm>
#include <atomic>
#include <vector>

namespace cat::search {

/// A model with an estimate of its gain.
struct Scored {
  float estimate = 0;
  ModelId model = 0;
  /// Best first; ties by id.
  bool operator<(const Scored &other) const {
    return estimate != other.estimate ? estimate > other.estimate : model < other.model;
  }
};

/// Estimates SetValuedEhvi for millions of models from their compact curves and keeps the best. The
/// estimate's quadrature over buckets may be a few per cent off, so the best few must be computed
/// again exactly.
class ScanScorer {
public:
  ScanScorer(const CurveTable &curves, const SetValuedEhvi &gain, size_t knownGoals,
             unsigned threads);

  /// Scores models [begin, begin + count) with the given posterior; `wanted(model)` is asked only
  /// for promising ones.
  template <typename Wanted>
  void visit(unsigned thread, ModelId begin, int64_t count, const float *mean, const float *sd,
             const Wanted &wanted) {
    Part &part = parts[thread];
    part.raiseTo(shared.load(std::memory_order_relaxed));
    for (int64_t i = 0; i < count; ++i) {
      float estimate = score(begin + i, mean[i], sd[i], part.threshold);
      if (estimate > part.threshold && wanted(begin + i))
        keep(part, {estimate, begin + i});
    }
    // A higher threshold of another thread only saves work: what lies below it is not among the
    // best.
    float known = shared.load(std::memory_order_relaxed);
    while (known < part.threshold && !shared.compare_exchange_weak(known, part.threshold)) {
    }
  }

  /// The best models, best first. The same for any number of threads.
  std::vector<Scored> best() const;

private:
  /// One thread's candidates.
  struct Part {
    std::vector<Scored> candidates;
    float best = 0, threshold = 0;
    void raiseTo(float other) { threshold = std::max(threshold, other); }
  };

  /// The estimate, or 0 if it is certainly not above the threshold.
  float score(ModelId model, float mean, float sd, float threshold) const;
  static void keep(Part &part, Scored candidate);

  const CurveTable &curves;
  size_t knownGoals;
  std::vector<float> levels, bests;
  std::vector<CurveTable::Heights> heights; // [level]
  std::vector<Part> parts;
  std::atomic<float> shared{0};
};

} // namespace cat::search

#endif // CATC_SEARCH_SCANSCORER_H
