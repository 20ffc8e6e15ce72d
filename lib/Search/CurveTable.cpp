//===- CurveTable.cpp - Known goals of every model's hardware -------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/CurveTable.h"
#include "Search/CounterRandom.h"
#include "Search/Parallel.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace cat::search;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

CurveTable::CurveTable(const Prepared &prepared, const std::vector<int32_t> &goals, bool compact,
                       unsigned threads)
    : prepared(prepared), goals(goals), screen(prepared, goals, threads) {
  bool filtered = false;
  for (const FactoredExpr &requirement : prepared.factoring.requirements)
    filtered |= requirement.kind == ExprClass::ModelOnly;
  if (compact && filtered) {
    admitted.resize(prepared.problem.modelCount());
    scanModels(prepared.problem, prepared.factoring, nullptr, nullptr,
               [&](ModelId begin, const std::vector<char> &holds, const ModelColumns &) {
                 std::copy(holds.begin(), holds.end(), admitted.begin() + begin);
               });
  }
  setReference(compact ? threads : 0);
  if (compact && goals.size() <= 2)
    fill(threads);
}

/// Bounds of all hardware points of a model. False if a requirement on the model alone fails.
bool CurveTable::bounds(ModelId model, Screen::View &view) const {
  if (!admitted.empty()) {
    if (!admitted[model])
      return false;
  } else if (!satisfiesModelRequirements(prepared, model)) {
    return false;
  }
  // Requirements that need the evaluation exclude nothing.
  double unknown = std::numeric_limits<double>::quiet_NaN();
  screen.setModel(view, model, {unknown, unknown, unknown});
  screen.boundAll(view);
  return true;
}

/// `threads` is 0 for a sample of models.
void CurveTable::setReference(unsigned threads) {
  const Problem &problem = prepared.problem;
  bool open = false;
  for (int32_t g : goals) {
    double threshold = problem.goals[g].threshold;
    open |= std::isnan(threshold);
    ref.push_back(std::isnan(threshold) ? kInfinity : minimised(problem.goals[g], threshold));
  }
  if (!open)
    return;
  constexpr int64_t kSample = 4096;
  bool all = threads > 0 || problem.modelCount() <= kSample;
  int64_t models = all ? problem.modelCount() : kSample;
  std::vector<std::vector<Interval>> ranges(
      std::max(1u, threads), std::vector<Interval>(goals.size(), {kInfinity, -kInfinity}));
  parallelFor(std::max(1u, threads), models, 4096, [&](int64_t begin, int64_t end, unsigned t) {
    Screen::View view = screen.makeView();
    for (int64_t i = begin; i < end; ++i) {
      ModelId model = all ? i : CounterRandom(0, i).below(problem.modelCount());
      if (!bounds(model, view))
        continue;
      for (size_t a = 0; a < goals.size(); ++a) {
        double best = kInfinity;
        for (size_t h = 0; h < screen.size(); ++h)
          if (view.possible[h])
            best = std::min(best, view.lower[a][h]);
        if (!std::isfinite(best))
          continue;
        ranges[t][a].lo = std::min(ranges[t][a].lo, best);
        ranges[t][a].hi = std::max(ranges[t][a].hi, best);
      }
    }
  });
  for (size_t a = 0; a < goals.size(); ++a) {
    Interval range{kInfinity, -kInfinity};
    for (const std::vector<Interval> &part : ranges) {
      range.lo = std::min(range.lo, part[a].lo);
      range.hi = std::max(range.hi, part[a].hi);
    }
    if (std::isinf(ref[a]) && range.hi >= range.lo)
      // A goal that all models reach equally still needs some depth.
      ref[a] = range.hi + 0.1 * (range.hi > range.lo ? range.hi - range.lo
                                                     : std::max(std::fabs(range.hi), 1e-9));
  }
}

PointSet CurveTable::curve(ModelId model) const {
  PointSet points{goals.size(), {}};
  Screen::View view = screen.makeView();
  if (!bounds(model, view))
    return points;
  std::vector<double> p(goals.size());
  for (size_t h = 0; h < screen.size(); ++h) {
    bool inside = view.possible[h];
    for (size_t a = 0; a < goals.size(); ++a) {
      p[a] = view.lower[a][h];
      inside &= p[a] < ref[a] && p[a] > -kInfinity;
    }
    if (inside)
      points.add(p.data());
  }
  PointSet kept{goals.size(), {}};
  for (size_t i : nondominatedIndices(points))
    kept.add(points.point(i));
  return kept;
}

//===----------------------------------------------------------------------===//
// Compact form
//===----------------------------------------------------------------------===//

uint16_t CurveTable::heightOf(double y) const {
  double scaled = (y - lowY) * heightScale;
  return static_cast<uint16_t>(std::min(65535.0, std::max(0.0, std::ceil(scaled))));
}

/// The first bucket whose upper edge is not below x.
size_t CurveTable::bucketOf(double x) const {
  return std::min<size_t>(kBuckets - 1,
                          std::lower_bound(edges.begin() + 1, edges.end(), x) - edges.begin() - 1);
}

CurveTable::Heights CurveTable::compact(const Staircase &stairs) const {
  Heights heights;
  for (size_t b = 0; b < kBuckets; ++b)
    heights[b] = heightOf(stairs.lowest(edges[b + 1], ref[1]));
  return heights;
}

float CurveTable::area(const Heights &present, const Heights &added) const {
  float sum = 0;
  for (size_t b = 0; b < kBuckets; ++b) {
    int gain = static_cast<int>(present[b]) - static_cast<int>(added[b]);
    sum += static_cast<float>(gain > 0 ? gain : 0) * widths[b];
  }
  return sum;
}

void CurveTable::fill(unsigned threads) {
  int64_t models = prepared.problem.modelCount();
  totals.assign(models, 0);
  if (goals.size() == 1)
    bests.assign(models, std::numeric_limits<float>::infinity());
  constexpr size_t kSlices = 4096;
  if (goals.size() == 2) {
    bucketHeights.resize(models);
    lowX = screen.axisRange(0).lo;
    lowY = screen.axisRange(1).lo;
    if (!std::isfinite(lowX))
      lowX = ref[0] - std::fabs(ref[0]) - 1;
    if (!std::isfinite(lowY))
      lowY = ref[1] - std::fabs(ref[1]) - 1;
    heightScale = ref[1] > lowY ? 65535 / (ref[1] - lowY) : 0;
    // Known goals are mostly of ratio scale: buckets of equal ratio where the range allows.
    for (size_t b = 0; b <= kBuckets; ++b) {
      double u = static_cast<double>(b) / kBuckets;
      edges[b] = lowX > 0 ? lowX * std::pow(ref[0] / lowX, u) : lowX + (ref[0] - lowX) * u;
    }
    for (size_t b = 0; b < kBuckets; ++b)
      widths[b] = static_cast<float>((edges[b + 1] - edges[b]) / (edges[kBuckets] - edges[0]));
    sliceScale = ref[0] > lowX ? kSlices / (ref[0] - lowX) : 0;
    for (size_t s = 0; s < kSlices; ++s)
      fineBuckets.push_back(static_cast<uint8_t>(
          bucketOf(lowX + (static_cast<double>(s) + 0.5) / std::max(sliceScale, 1e-300))));
  }
  parallelFor(threads, models, 4096, [&](int64_t begin, int64_t end, unsigned) {
    Screen::View view = screen.makeView();
    for (ModelId m = begin; m < end; ++m) {
      std::array<float, kBuckets> least;
      least.fill(std::numeric_limits<float>::infinity());
      bool possible = bounds(m, view), any = false;
      float best = std::numeric_limits<float>::infinity();
      for (size_t h = 0; possible && h < screen.size(); ++h) {
        if (!view.possible[h])
          continue;
        any = true;
        if (goals.empty())
          break;
        double x = view.lower[0][h];
        if (goals.size() == 1) {
          best = std::min(best, static_cast<float>(x));
          continue;
        }
        double y = view.lower[1][h];
        if (!(x < ref[0] && y < ref[1]))
          continue;
        double slice = std::max(0.0, (x - lowX) * sliceScale);
        uint8_t b = fineBuckets[std::min(kSlices - 1, static_cast<size_t>(slice))];
        least[b] = std::min(least[b], static_cast<float>(y));
      }
      if (goals.empty()) {
        totals[m] = any ? 1 : 0;
      } else if (goals.size() == 1) {
        bests[m] = best;
        totals[m] = static_cast<float>(std::max(0.0, ref[0] - best));
      } else {
        Heights none, heights;
        none.fill(65535);
        float lowest = std::numeric_limits<float>::infinity();
        for (size_t b = 0; b < kBuckets; ++b) {
          lowest = std::min(lowest, least[b]);
          heights[b] = heightOf(lowest);
        }
        bucketHeights[m] = heights;
        totals[m] = area(none, heights);
      }
    }
  });
}
