//===- Subset.cpp - A few designs that stand for a front ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Subset.h"
#include "Search/Hypervolume.h"
#include "Search/Interval.h"
#include "Support/Check.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace cat::search;

static PointSet minimisedPoints(const std::vector<Goal> &goals,
                                const std::vector<FrontPoint> &points) {
  PointSet set{goals.size(), {}};
  for (const FrontPoint &point : points)
    for (size_t g = 0; g < goals.size(); ++g)
      set.values.push_back(minimised(goals[g], point.goals[g]));
  return set;
}

static std::vector<Interval> rangesOf(const PointSet &set) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::vector<Interval> ranges(set.dims, {kInfinity, -kInfinity});
  for (size_t i = 0; i < set.size(); ++i)
    for (size_t k = 0; k < set.dims; ++k) {
      ranges[k].lo = std::min(ranges[k].lo, set.point(i)[k]);
      ranges[k].hi = std::max(ranges[k].hi, set.point(i)[k]);
    }
  return ranges;
}

/// Coordinates scaled to [0, 1] over the set; 0 in a coordinate that does not vary.
static PointSet scaledToRange(PointSet set) {
  std::vector<Interval> ranges = rangesOf(set);
  for (size_t i = 0; i < set.values.size(); ++i) {
    const Interval &range = ranges[i % set.dims];
    double width = range.hi - range.lo;
    set.values[i] = width > 0 ? (set.values[i] - range.lo) / width : 0;
  }
  return set;
}

std::vector<double> cat::search::referencePoint(const std::vector<Goal> &goals,
                                                const std::vector<FrontPoint> &points) {
  std::vector<Interval> ranges = rangesOf(minimisedPoints(goals, points));
  std::vector<double> reference;
  reference.reserve(goals.size());
  for (size_t g = 0; g < goals.size(); ++g) {
    double worst = points.empty() ? 0 : ranges[g].hi + 0.1 * (ranges[g].hi - ranges[g].lo);
    reference.push_back(std::isnan(goals[g].threshold) ? minimised(goals[g], worst)
                                                       : goals[g].threshold);
  }
  return reference;
}

double cat::search::hypervolume(const std::vector<Goal> &goals,
                                const std::vector<FrontPoint> &points,
                                const std::vector<double> &reference) {
  std::vector<double> minimisedReference;
  for (size_t g = 0; g < goals.size(); ++g)
    minimisedReference.push_back(minimised(goals[g], reference[g]));
  return hypervolume(minimisedPoints(goals, points), minimisedReference.data());
}

//===----------------------------------------------------------------------===//
// Representative subset
//===----------------------------------------------------------------------===//

namespace {

/// Hypervolume of a growing set, and what a further point would add.
class Growing {
public:
  explicit Growing(std::vector<double> reference)
      : reference(std::move(reference)), chosen{this->reference.size(), {}} {}

  double gain(const double *p) const {
    // What p adds is its box less the part that the chosen points share with it.
    size_t dims = reference.size();
    double box = 1;
    for (size_t k = 0; k < dims; ++k)
      box *= std::max(0.0, reference[k] - p[k]);
    PointSet limited{dims, {}};
    limited.values.reserve(chosen.size() * dims);
    for (size_t i = 0; i < chosen.size(); ++i)
      for (size_t k = 0; k < dims; ++k)
        limited.values.push_back(std::max(p[k], chosen.point(i)[k]));
    return box - hypervolume(limited, reference.data());
  }
  void add(const double *p) { chosen.add(p); }

private:
  std::vector<double> reference;
  PointSet chosen;
};

} // namespace

std::vector<size_t> cat::search::representativeSubset(const std::vector<Goal> &goals,
                                                      const std::vector<FrontPoint> &points,
                                                      size_t count) {
  PointSet scaled = scaledToRange(minimisedPoints(goals, points));
  size_t n = points.size();
  std::vector<size_t> chosen;
  if (n <= count) {
    for (size_t i = 0; i < n; ++i)
      chosen.push_back(i);
    return chosen;
  }
  Growing growing(std::vector<double>(goals.size(), 1.1));
  auto choose = [&](size_t i) {
    if (std::find(chosen.begin(), chosen.end(), i) != chosen.end())
      return;
    chosen.push_back(i);
    growing.add(scaled.point(i));
  };
  if (count >= goals.size())
    for (size_t g = 0; g < goals.size(); ++g) {
      // The best in a goal; among several, the best in the others together.
      size_t best = 0;
      auto rest = [&](size_t i) {
        double sum = 0;
        for (size_t k = 0; k < goals.size(); ++k)
          sum += scaled.point(i)[k];
        return sum;
      };
      for (size_t i = 1; i < n; ++i) {
        double a = scaled.point(i)[g], b = scaled.point(best)[g];
        if (a < b || (a == b && rest(i) < rest(best)))
          best = i;
      }
      choose(best);
    }
  // Gains only shrink as points are added, so an old gain is a bound (Minoux 1978).
  struct Entry {
    double gain;
    size_t index, at;
  };
  auto worse = [](const Entry &a, const Entry &b) {
    return a.gain != b.gain ? a.gain < b.gain : a.index > b.index;
  };
  std::vector<Entry> heap;
  heap.reserve(n);
  for (size_t i = 0; i < n; ++i)
    heap.push_back({growing.gain(scaled.point(i)), i, chosen.size()});
  std::make_heap(heap.begin(), heap.end(), worse);
  while (chosen.size() < count && !heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), worse);
    Entry top = heap.back();
    heap.pop_back();
    if (top.at == chosen.size()) {
      choose(top.index);
      continue;
    }
    heap.push_back({growing.gain(scaled.point(top.index)), top.index, chosen.size()});
    std::push_heap(heap.begin(), heap.end(), worse);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

size_t cat::search::kneePoint(const std::vector<Goal> &goals,
                              const std::vector<FrontPoint> &points) {
  CATC_CHECK(!points.empty(), "the knee of an empty front");
  PointSet scaled = scaledToRange(minimisedPoints(goals, points));
  size_t knee = 0;
  double least = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < scaled.size(); ++i) {
    double sum = 0;
    for (size_t k = 0; k < scaled.dims; ++k)
      sum += scaled.point(i)[k];
    if (sum < least) {
      least = sum;
      knee = i;
    }
  }
  return knee;
}
