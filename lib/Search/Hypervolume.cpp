//===- Hypervolume.cpp - Dominance and exact hypervolume ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Hypervolume.h"
#include "Support/Check.h"
#include <algorithm>
#include <numeric>

using namespace cat::search;

bool cat::search::weaklyDominates(const double *a, const double *b, size_t dims) {
  for (size_t i = 0; i < dims; ++i)
    if (!(a[i] <= b[i]))
      return false;
  return true;
}

//===----------------------------------------------------------------------===//
// Staircase
//===----------------------------------------------------------------------===//

size_t Staircase::firstAfter(double atX) const {
  return std::upper_bound(xs.begin(), xs.end(), atX) - xs.begin();
}

double Staircase::lowest(double atX, double none) const {
  size_t i = firstAfter(atX);
  return i ? ys[i - 1] : none;
}

bool Staircase::weaklyDominates(double x, double y) const {
  size_t i = firstAfter(x);
  return i > 0 && ys[i - 1] <= y;
}

bool Staircase::insert(double x, double y) {
  if (weaklyDominates(x, y))
    return false;
  size_t begin = std::lower_bound(xs.begin(), xs.end(), x) - xs.begin(), end = begin;
  while (end < xs.size() && ys[end] >= y)
    ++end;
  if (begin == end) {
    xs.insert(xs.begin() + begin, x);
    ys.insert(ys.begin() + begin, y);
    return true;
  }
  xs[begin] = x;
  ys[begin] = y;
  xs.erase(xs.begin() + begin + 1, xs.begin() + end);
  ys.erase(ys.begin() + begin + 1, ys.begin() + end);
  return true;
}

double Staircase::area(double refX, double refY) const {
  double sum = 0;
  for (size_t i = 0; i < xs.size() && xs[i] < refX; ++i) {
    double next = i + 1 < xs.size() ? std::min(refX, xs[i + 1]) : refX;
    if (ys[i] < refY)
      sum += (next - xs[i]) * (refY - ys[i]);
  }
  return sum;
}

double cat::search::areaGain(const Staircase &present, const Staircase &added, double refX,
                             double refY) {
  // Sweeps x; between two events the gain's height is what `added` reaches below `present`.
  double sum = 0, from = 0, low = refY, lowAdded = refY;
  size_t i = 0, j = 0;
  while (true) {
    double nextPresent = i < present.size() ? present.x(i) : refX;
    double nextAdded = j < added.size() ? added.x(j) : refX;
    double to = std::min(std::min(nextPresent, nextAdded), refX);
    if (lowAdded < low)
      sum += (to - from) * (low - lowAdded);
    if (to >= refX)
      return sum;
    from = to;
    if (nextPresent == to)
      low = std::min(low, present.y(i++));
    if (nextAdded == to)
      lowAdded = std::min(lowAdded, added.y(j++));
  }
}

//===----------------------------------------------------------------------===//
// Filter
//===----------------------------------------------------------------------===//

std::vector<size_t> cat::search::nondominatedIndices(const PointSet &points) {
  size_t n = points.size(), dims = points.dims;
  std::vector<size_t> order(n), kept;
  std::iota(order.begin(), order.end(), 0);
  // In lexicographic order a point is dominated only by earlier ones.
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const double *p = points.point(a), *q = points.point(b);
    for (size_t i = 0; i < dims; ++i)
      if (p[i] != q[i])
        return p[i] < q[i];
    return a < b;
  });
  Staircase stairs;
  double best = 0;
  for (size_t i : order) {
    const double *p = points.point(i);
    bool keep;
    if (dims == 1) {
      keep = kept.empty();
    } else if (dims == 2) {
      keep = kept.empty() || p[1] < best;
      best = keep ? p[1] : best;
    } else if (dims == 3) {
      keep = stairs.insert(p[1], p[2]);
    } else {
      keep = std::none_of(kept.begin(), kept.end(),
                          [&](size_t j) { return weaklyDominates(points.point(j), p, dims); });
    }
    if (keep)
      kept.push_back(i);
  }
  std::sort(kept.begin(), kept.end());
  return kept;
}

//===----------------------------------------------------------------------===//
// Hypervolume
//===----------------------------------------------------------------------===//

/// Two dimensions: by ascending first coordinate, each point adds a rectangle below the best so
/// far.
static double sweep2(const PointSet &points, const std::vector<size_t> &order,
                     const double *reference) {
  double sum = 0, best = reference[1];
  for (size_t i : order) {
    const double *p = points.point(i);
    if (p[1] < best) {
      sum += (reference[0] - p[0]) * (best - p[1]);
      best = p[1];
    }
  }
  return sum;
}

/// Three dimensions: by ascending first coordinate, the area of the staircase of the other two,
/// kept up to date by each insertion.
static double sweep3(const PointSet &points, const std::vector<size_t> &order,
                     const double *reference) {
  Staircase stairs;
  double sum = 0, area = 0, from = 0;
  for (size_t i : order) {
    const double *p = points.point(i);
    if (stairs.weaklyDominates(p[1], p[2]))
      continue;
    sum += area * (p[0] - from);
    from = p[0];
    // The gain is local: from p's x to where the stairs already lie below p.
    double left = p[1], top = stairs.lowest(left, reference[2]);
    size_t step = stairs.firstAfter(left);
    for (; step < stairs.size() && stairs.y(step) >= p[2]; ++step) {
      area += (stairs.x(step) - left) * (top - p[2]);
      left = stairs.x(step);
      top = stairs.y(step);
    }
    area += ((step < stairs.size() ? stairs.x(step) : reference[1]) - left) * (top - p[2]);
    stairs.insert(p[1], p[2]);
  }
  return sum + area * (reference[0] - from);
}

static double hypervolumeOf(const PointSet &points, const double *reference);

/// WFG: the sum of each point's volume that later points do not share. A later point's share of p's
/// box is the box of their componentwise maximum, so the overlap is a hypervolume of fewer, mostly
/// dominated points.
static double wfg(const PointSet &points, const std::vector<size_t> &order,
                  const double *reference) {
  size_t dims = points.dims;
  double sum = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    const double *p = points.point(order[i]);
    double box = 1;
    for (size_t k = 0; k < dims; ++k)
      box *= reference[k] - p[k];
    PointSet limited{dims, {}};
    std::vector<double> q(dims);
    for (size_t j = i + 1; j < order.size(); ++j) {
      for (size_t k = 0; k < dims; ++k)
        q[k] = std::max(p[k], points.point(order[j])[k]);
      limited.add(q.data());
    }
    sum += box - hypervolumeOf(limited, reference);
  }
  return sum;
}

static double hypervolumeOf(const PointSet &points, const double *reference) {
  size_t dims = points.dims;
  std::vector<size_t> order = nondominatedIndices(points);
  if (order.empty())
    return 0;
  bool descending = dims > 3; // WFG is fastest with the worst first coordinate first
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    double x = points.point(a)[0], y = points.point(b)[0];
    return x != y ? (descending ? x > y : x < y) : a < b;
  });
  switch (dims) {
  case 1:
    return reference[0] - points.point(order[0])[0];
  case 2:
    return sweep2(points, order, reference);
  case 3:
    return sweep3(points, order, reference);
  default:
    return wfg(points, order, reference);
  }
}

double cat::search::hypervolume(const PointSet &points, const double *reference) {
  CATC_CHECK(points.dims > 0, "hypervolume of points without coordinates");
  PointSet inside{points.dims, {}};
  for (size_t i = 0; i < points.size(); ++i) {
    const double *p = points.point(i);
    bool beats = true;
    for (size_t k = 0; k < points.dims; ++k)
      beats &= p[k] < reference[k];
    if (beats)
      inside.add(p);
  }
  return hypervolumeOf(inside, reference);
}
