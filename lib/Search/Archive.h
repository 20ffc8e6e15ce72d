//===- Archive.h - Non-dominated points during a sweep ----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_ARCHIVE_H
#define CATC_SEARCH_ARCHIVE_H

#include "Search/Hypervolume.h"
#include "Search/Interval.h"
#include <cstddef>
#include <vector>

namespace cat::search {

/// The non-dominated ones of the points seen so far, all minimised, in any number of dimensions
/// (also none).
class Archive {
public:
  /// `ranges` bounds each coordinate where finite; it only makes beaten() faster.
  explicit Archive(const std::vector<Interval> &ranges);

  /// True if some point is nowhere worse than `lower`: then it dominates or equals every point that
  /// is nowhere better than `lower`.
  bool beaten(const double *lower) const {
    // Most questions in two dimensions are answered by the grid.
    if (dims == 2 && !lowestBelow.empty()) {
      double bucket = (lower[0] - gridBegin) * gridScale;
      if (bucket >= 1) {
        auto b = bucket < kBuckets ? static_cast<size_t>(bucket) : kBuckets - 1;
        if (lowestBelow[b] <= lower[1])
          return true;
      }
    }
    return any && beatenSlowly(lower);
  }

  /// Adds a point. Returns false, changing nothing, if it is weakly dominated.
  bool insert(const double *point);

private:
  static constexpr size_t kBuckets = 4096;

  bool beatenSlowly(const double *lower) const;

  size_t dims;
  bool any = false;
  double best = 0;  // one dimension
  Staircase stairs; // two
  PointSet points;  // more
  // Two dimensions: least y of a point with an x not above the lower edge of each of equal buckets.
  std::vector<double> lowestBelow;
  double gridBegin = 0, gridScale = 0;
};

} // namespace cat::search

#endif // CATC_SEARCH_ARCHIVE_H
