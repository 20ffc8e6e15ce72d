//===- SetValuedEhvi.cpp - Expected hypervolume gain of a model -----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/SetValuedEhvi.h"
#include "Search/ExpectedImprovement.h"
#include <algorithm>

using namespace cat::search;

/// The set of both, without what is dominated.
static PointSet merged(const PointSet &a, const PointSet &b) {
  PointSet all = a;
  all.values.insert(all.values.end(), b.values.begin(), b.values.end());
  PointSet kept{a.dims, {}};
  for (size_t i : nondominatedIndices(all))
    kept.add(all.point(i));
  return kept;
}

SetValuedEhvi::SetValuedEhvi(std::vector<double> known, double lowest,
                             std::vector<std::pair<double, PointSet>> front)
    : reference(std::move(known)) {
  size_t k = reference.size();
  std::stable_sort(front.begin(), front.end(),
                   [](const auto &a, const auto &b) { return a.first > b.first; });
  // From the highest level down, a level counts only if it adds something; S_J is empty.
  double best = k ? reference[0] : 0;
  Staircase stairs;
  PointSet set{k, {}};
  auto record = [&](double level) {
    thresholds.push_back(level);
    bests.push_back(best);
    if (k == 2)
      staircases.push_back(stairs);
    if (k > 2) {
      sets.push_back(set);
      volumes.push_back(hypervolume(set, reference.data()));
    }
  };
  for (const auto &[level, points] : front) {
    if (!(level > lowest))
      break;
    double newBest = best;
    Staircase newStairs = stairs;
    PointSet inside{k, {}};
    bool adds = k == 0 && thresholds.empty();
    for (size_t i = 0; i < points.size(); ++i) {
      const double *p = points.point(i);
      bool beats = true;
      for (size_t d = 0; d < k; ++d)
        beats &= p[d] < reference[d];
      if (!beats)
        continue;
      newBest = std::min(newBest, p[0]);
      if (k == 2)
        adds |= newStairs.insert(p[0], p[1]);
      if (k > 2)
        inside.add(p);
    }
    adds |= k == 1 && newBest < best;
    PointSet newSet{k, {}};
    if (k > 2) {
      newSet = merged(set, inside);
      adds = newSet.values != set.values;
    }
    if (!adds)
      continue;
    if (thresholds.empty() || thresholds.back() != level)
      record(level);
    best = newBest;
    stairs = std::move(newStairs);
    set = std::move(newSet);
  }
  record(lowest);
  std::reverse(thresholds.begin(), thresholds.end());
  std::reverse(bests.begin(), bests.end());
  std::reverse(staircases.begin(), staircases.end());
  std::reverse(sets.begin(), sets.end());
  std::reverse(volumes.begin(), volumes.end());
}

std::vector<double> SetValuedEhvi::gains(const PointSet &points) const {
  size_t k = reference.size();
  std::vector<double> a(thresholds.size(), 0.0);
  if (k == 0) {
    // One level above the reference leaves nothing to gain below it.
    a.back() = 1;
    return a;
  }
  if (points.size() == 0)
    return a;
  Staircase own;
  double least = reference[0];
  for (size_t i = 0; i < points.size(); ++i) {
    least = std::min(least, points.point(i)[0]);
    if (k == 2)
      own.insert(points.point(i)[0], points.point(i)[1]);
  }
  for (size_t j = 0; j < a.size(); ++j) {
    if (k == 1)
      a[j] = std::max(0.0, bests[j] - least);
    else if (k == 2)
      a[j] = areaGain(staircases[j], own, reference[0], reference[1]);
    else
      a[j] = std::max(0.0, hypervolume(merged(sets[j], points), reference.data()) - volumes[j]);
  }
  return a;
}

double SetValuedEhvi::operator()(double mu, double sigma, const PointSet &points) const {
  std::vector<double> a = gains(points);
  double sum = 0, above = 0;
  for (size_t j = a.size(); j-- > 0;) {
    double excess = expectedExcess(mu, sigma, thresholds[j]);
    sum += a[j] * (excess - above);
    above = excess;
  }
  return sum;
}
