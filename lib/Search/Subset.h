//===- Subset.h - A few designs that stand for a front ----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_SUBSET_H
#define CATC_SEARCH_SUBSET_H

#include "Search/Problem.h"
#include <cstddef>
#include <vector>

namespace cat::search {

/// The reference point of `goals` for hypervolumes, each in its goal's own sense: the threshold, or
/// where a goal has none the worst value among `points` plus 10 % of their range.
std::vector<double> referencePoint(const std::vector<Goal> &goals,
                                   const std::vector<FrontPoint> &points);

/// Hypervolume that `points` dominate up to `reference` (each value in its goal's own sense), in
/// the product of the goals' units.
double hypervolume(const std::vector<Goal> &goals, const std::vector<FrontPoint> &points,
                   const std::vector<double> &reference);

/// Indices of at most `count` points, ascending, chosen greedily by gain of hypervolume (within 1 -
/// 1/e of the best subset of that size; Nemhauser, Wolsey and Fisher 1978), goals scaled to their
/// range on the front. The point that is best in a goal is always among them if `count` >= number
/// of goals. Deterministic: ties go to the lower index.
std::vector<size_t> representativeSubset(const std::vector<Goal> &goals,
                                         const std::vector<FrontPoint> &points, size_t count);

/// Index of the knee: with every goal scaled to [0, 1] over the front (0 best), the point farthest
/// below the hyperplane sum of scaled goals = 1 through the points (1, 0, ...), (0, 1, ...) ...,
/// that is the least sum of scaled goals (Das 1999; Branke et al. 2004 for two goals). Ties go to
/// the lower index. Requires a point.
size_t kneePoint(const std::vector<Goal> &goals, const std::vector<FrontPoint> &points);

} // namespace cat::search

#endif // CATC_SEARCH_SUBSET_H
