//===- CurveTable.h - Known goals of every model's hardware -----*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a model's hardware points offer in the goals that are known without evaluating the model,
// for up to some millions of models at once: exactly on request, and in a compact form for scans.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_CURVETABLE_H
#define CATC_SEARCH_CURVETABLE_H

#include "Search/Hypervolume.h"
#include "Search/Screen.h"
#include <array>
#include <cstdint>
#include <vector>

namespace cat::search {

class CurveTable {
public:
  static constexpr size_t kBuckets = 32;
  using Heights = std::array<uint16_t, kBuckets>;

  /// `goals` are the known goals. Compact forms exist if `compact`, for at most two goals.
  CurveTable(const Prepared &prepared, const std::vector<int32_t> &goals, bool compact,
             unsigned threads);

  /// The worst values of interest, minimised: thresholds, or for goals without one 10 % of the
  /// range beyond the worst of the models' best values (of a sample of models if there is no
  /// compact form).
  const std::vector<double> &reference() const { return ref; }

  /// The non-dominated known goals of a model within the reference, to single precision; empty if
  /// the model cannot contribute.
  PointSet curve(ModelId model) const;

  /// Compact form. Size of what the model dominates within the reference; 0 if it cannot
  /// contribute. Any unit.
  float total(ModelId model) const { return totals[model]; }
  /// One goal: its least value.
  float best(ModelId model) const { return totals.empty() ? 0 : bests[model]; }
  /// Two goals: for each bucket of the first, the least second goal of a point that is not beyond
  /// the bucket's upper edge.
  const Heights &heights(ModelId model) const { return bucketHeights[model]; }

  /// A staircase in the same compact form.
  Heights compact(const Staircase &stairs) const;

  /// Area between two compact forms: what `added` gains over `present`.
  float area(const Heights &present, const Heights &added) const;

private:
  void setReference(unsigned threads);
  void fill(unsigned threads);
  bool bounds(ModelId model, Screen::View &view) const;
  uint16_t heightOf(double y) const;
  size_t bucketOf(double x) const;

  const Prepared &prepared;
  std::vector<int32_t> goals;
  Screen screen;
  std::vector<char> admitted; // [model], if compact and some requirement depends on the model alone
  std::vector<double> ref;
  std::vector<float> totals, bests;
  std::vector<Heights> bucketHeights;
  std::array<double, kBuckets + 1> edges{};
  std::array<float, kBuckets> widths{};
  std::vector<uint8_t> fineBuckets; // bucket of each of equal slices of the first goal, for filling
  double lowX = 0, lowY = 0, heightScale = 0, sliceScale = 0;
};

} // namespace cat::search

#endif // CATC_SEARCH_CURVETABLE_H
