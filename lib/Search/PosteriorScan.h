//===- PosteriorScan.h - A posterior at every model -------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The squared exponential kernel is a product over dimensions, so with the models as a grid of
// prefixes x suffixes of their parameters the covariance with an observation is a product of two
// small tables. Means and variances of a million models then cost one pass of dense arithmetic, in
// single precision: good for ranking; the best are predicted again by Gp::predict.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_POSTERIORSCAN_H
#define CATC_SEARCH_POSTERIORSCAN_H

#include "Search/Gp.h"
#include "Search/Problem.h"
#include <functional>
#include <vector>

namespace cat::search {

/// Coordinates of models in the unit cube: the level's index over the largest, 0 for a single
/// level.
Eigen::VectorXd unitCoordinates(const Problem &problem, ModelId model);

class PosteriorScan {
public:
  explicit PosteriorScan(const Problem &problem);

  /// Called for runs of models [begin, begin + count), from several threads.
  using Visit = std::function<void(unsigned thread, ModelId begin, int64_t count, const float *mean,
                                   const float *sd)>;

  /// Visits every model once. `prediction` has the trend's value at each model, or is empty if the
  /// GP has none. The kernel must be squared exponential.
  void run(const Gp &gp, const std::vector<float> &prediction, unsigned threads,
           const Visit &visit) const;

private:
  const Problem &problem;
  size_t split = 0; // parameters [0, split) make the prefix
  int64_t prefixes = 1, suffixes = 1;
};

} // namespace cat::search

#endif // CATC_SEARCH_POSTERIORSCAN_H
