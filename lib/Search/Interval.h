//===- Interval.h - Bounds and trends of expressions ------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An expression whose symbols are known up to an interval lies in the interval computed here.
// Rounding needs no care: IEEE operations round monotonically, so the bounds, computed by the same
// operations in the same order, enclose what Expr::evaluate gives. Only pow and log2, which
// libraries round freely, are widened.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_INTERVAL_H
#define CATC_SEARCH_INTERVAL_H

#include "Support/Expr.h"
#include <cstdint>
#include <limits>
#include <vector>

namespace cat::search {

/// A closed interval. everything() also stands for values that may be NaN.
struct Interval {
  double lo = 0, hi = 0;

  static Interval everything() {
    return {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  }
  bool finite() const {
    return lo >= std::numeric_limits<double>::lowest() && hi <= std::numeric_limits<double>::max();
  }
};

/// Bounds of `op` over its operands' intervals.
Interval applyInterval(ExprOp op, const Interval *operands, unsigned n);

/// Bounds of an expression over its symbols' intervals.
Interval evaluateInterval(const Expr &expr, const Interval *symbols);

/// Bounds at `count` points at once: symbol i lies in [lo[i][p], hi[i][p]] at point p. `scratch` is
/// reused between calls.
void evaluateIntervals(const Expr &expr, const double *const *lo, const double *const *hi,
                       int64_t count, double *outLo, double *outHi, std::vector<double> &scratch);

/// How a value moves when one symbol grows, over the whole range of all symbols. A bit set: Up |
/// Down says that neither is excluded.
enum Trend : uint8_t { Flat = 0, Up = 1, Down = 2, Unknown = 3 };

/// The trend of `expr` in each of its symbols, given the interval of each.
std::vector<uint8_t> trends(const Expr &expr, const std::vector<Interval> &symbols);

} // namespace cat::search

#endif // CATC_SEARCH_INTERVAL_H
