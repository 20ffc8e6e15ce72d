//===- Format.h - Numbers and quantities as text ----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place that decides how figures look. Files get the shortest text that reads back to the
// same bits; people get three significant digits and a unit prefix, in plain ASCII.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_RESULTS_FORMAT_H
#define CATC_RESULTS_FORMAT_H

#include "Results/Records.h"
#include "Support/Quantity.h"
#include <string>
#include <string_view>
#include <vector>

namespace cat::results {

/// The shortest decimal text that reads back to the same double. Not-a-number and infinities give
/// "nan", "inf", "-inf".
std::string shortestNumber(double value);
/// The same, at the end of `text`.
void appendShortestNumber(std::string &text, double value);

/// A value with three significant digits, more if it has more digits before the point: "1.23",
/// "45.6", "12345".
std::string shortNumber(double value);

/// A unit with a prefix: a value v in the base unit reads v / factor in `symbol`.
struct DisplayUnit {
  double factor = 1;
  std::string symbol;
};

/// The unit in which a value of a base unit (Quantity.h) reads best: "ms" for 0.012 "s". Known base
/// units are "s", "J", "W", "mm2", "kgCO2e", "op/s" (shown as OPS: TOPS, GOPS), "B" (binary
/// prefixes), "Hz" and "%" (a ratio shown in percent); any other is shown as it is, and "1" or ""
/// without a unit.
DisplayUnit displayUnit(std::string_view baseUnit, double value);

/// "12.0 ms"; "n/a" for not-a-number.
std::string formatQuantity(double value, std::string_view baseUnit);

std::string format(Seconds value);
std::string format(Joules value);
std::string format(Watts value);
std::string format(SquareMillimetres value);
std::string format(KilogramsCO2e value);
std::string format(OperationsPerSecond value);
std::string format(Bytes value);
std::string format(Hertz value);

/// "63.0 %".
std::string formatPercent(double ratio);

/// "60.1 +- 1.1 %", followed by " (extrapolated)" where it is.
std::string format(const AccuracyRecord &accuracy);

/// Change against a baseline, in percent with its sign: "-17 %", "+0.4 %". "n/a" for a baseline of
/// zero.
std::string formatChange(double value, double baseline);

/// A column of values in one common unit, with one common number of decimals.
struct FormattedColumn {
  std::string unit; ///< empty if dimensionless
  std::vector<std::string> cells;
};
FormattedColumn formatColumn(const std::vector<double> &values, std::string_view baseUnit);

} // namespace cat::results

#endif // CATC_RESULTS_FORMAT_H
