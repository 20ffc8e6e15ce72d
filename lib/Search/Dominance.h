//===- Dominance.h - Hardware that no model needs ---------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_DOMINANCE_H
#define CATC_SEARCH_DOMINANCE_H

#include "Search/Separable.h"
#include <vector>

namespace cat::search {

/// What the tables say of one quantity at each hardware point, over all models.
struct QuantityRange {
  std::vector<double> lo, hi; ///< bounds (exact up to rounding)
  std::vector<double>
      mean; ///< mean over models if parameters were independent; NaN or infinite if any entry is
  std::vector<double>
      magnitude; ///< bound on the absolute sum of the parts: scale of rounding errors
};

/// Ranges of all quantities.
std::vector<QuantityRange> quantityRanges(const Problem &problem, const Factoring &factoring,
                                          unsigned threads);

/// The interval of each leaf of an expression over the given hardware points and all models. The
/// evaluated metric is unbounded.
std::vector<Interval> leafRanges(const Problem &problem, const Factoring &factoring,
                                 const std::vector<QuantityRange> &ranges, const FactoredExpr &expr,
                                 const std::vector<HardwareId> &hardware);

/// The points of `feasible` that may carry a design of the front, ascending. A point is dropped
/// only if another one, for every model, satisfies every requirement that it satisfies and is
/// nowhere worse in any goal, by a margin beyond all rounding wherever a quantity comes from
/// tables, and wins the tie if the goals are equal. Quantities in which a goal or requirement is
/// not monotone must be equal, which only exactly known ones can be shown to be.
std::vector<HardwareId> undominatedHardware(const Problem &problem, const Factoring &factoring,
                                            const std::vector<QuantityRange> &ranges,
                                            const std::vector<HardwareId> &feasible,
                                            unsigned threads);

/// Relative error allowed between a quantity from tables and its exact value, on the scale of its
/// magnitude.
double relativeTolerance(const Problem &problem);

} // namespace cat::search

#endif // CATC_SEARCH_DOMINANCE_H
