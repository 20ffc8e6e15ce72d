//===- Hypervolume.h - Dominance and exact hypervolume ----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything here minimises. Goals are turned to that sense in one place, minimised().
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_HYPERVOLUME_H
#define CATC_SEARCH_HYPERVOLUME_H

#include "Search/Problem.h"
#include <cstddef>
#include <vector>

namespace cat::search {

/// A goal's value in the sense where less is better. It is its own inverse.
inline double minimised(const Goal &goal, double value) { return goal.maximize ? -value : value; }

/// True if `a` is nowhere worse than `b`; equal points dominate each other weakly.
bool weaklyDominates(const double *a, const double *b, size_t dims);

/// The mutually non-dominated points of two minimised goals: x ascending, y strictly descending.
class Staircase {
public:
  bool empty() const { return xs.empty(); }
  size_t size() const { return xs.size(); }
  double x(size_t i) const { return xs[i]; }
  double y(size_t i) const { return ys[i]; }

  /// Index of the first point with an x above `atX`.
  size_t firstAfter(double atX) const;

  /// The least y of a point with an x of at most `atX`, or `none`.
  double lowest(double atX, double none) const;

  /// True if a point is nowhere worse than (x, y).
  bool weaklyDominates(double x, double y) const;

  /// Adds a point and drops those it dominates. Returns false, changing nothing, if it is weakly
  /// dominated.
  bool insert(double x, double y);

  /// Area that is dominated up to (refX, refY).
  double area(double refX, double refY) const;

private:
  std::vector<double> xs, ys;
};

/// Area that `added` dominates and `present` does not, up to (refX, refY), in O(|present| +
/// |added|).
double areaGain(const Staircase &present, const Staircase &added, double refX, double refY);

/// Points of `dims` minimised coordinates, one after the other.
struct PointSet {
  size_t dims = 0;
  std::vector<double> values;

  size_t size() const { return dims ? values.size() / dims : 0; }
  const double *point(size_t i) const { return values.data() + i * dims; }
  void add(const double *point) { values.insert(values.end(), point, point + dims); }
};

/// Indices of the non-dominated points, ascending; of equal points the first.
std::vector<size_t> nondominatedIndices(const PointSet &points);

/// Exact hypervolume of the union of boxes [point, reference]. Points that do not beat the
/// reference in every coordinate contribute nothing. Sweep in one and two dimensions, staircase
/// sweep in three (Fonseca, Paquete and Lopez-Ibanez 2006), WFG above (While, Bradstreet and Barone
/// 2012).
double hypervolume(const PointSet &points, const double *reference);

} // namespace cat::search

#endif // CATC_SEARCH_HYPERVOLUME_H
