//===- Format.cpp - Numbers and quantities as text ------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Results/Format.h"
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

using namespace cat::results;

namespace {

/// Prefixed units of a base unit, largest first. The last one also serves everything smaller.
struct UnitLadder {
  std::string_view base;
  std::vector<DisplayUnit> rungs;
};

constexpr int kSignificantDigits = 3;

const UnitLadder *findLadder(std::string_view base) {
  static const std::vector<UnitLadder> ladders = {
      {"s", {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}}},
      {"J",
       {{1e6, "MJ"},
        {1e3, "kJ"},
        {1, "J"},
        {1e-3, "mJ"},
        {1e-6, "uJ"},
        {1e-9, "nJ"},
        {1e-12, "pJ"}}},
      {"W", {{1, "W"}, {1e-3, "mW"}, {1e-6, "uW"}, {1e-9, "nW"}}},
      {"mm2", {{1, "mm2"}, {1e-6, "um2"}}},
      {"kgCO2e", {{1e3, "tCO2e"}, {1, "kgCO2e"}, {1e-3, "gCO2e"}, {1e-6, "mgCO2e"}}},
      {"op/s", {{1e15, "POPS"}, {1e12, "TOPS"}, {1e9, "GOPS"}, {1e6, "MOPS"}, {1, "OPS"}}},
      {"B", {{1073741824, "GiB"}, {1048576, "MiB"}, {1024, "KiB"}, {1, "B"}}},
      {"Hz", {{1e9, "GHz"}, {1e6, "MHz"}, {1e3, "kHz"}, {1, "Hz"}}},
      {"%", {{1e-2, "%"}}},
  };
  for (const UnitLadder &ladder : ladders)
    if (ladder.base == base)
      return &ladder;
  return nullptr;
}

/// The smallest magnitude that is shown in a unit. People compare carbon in kilograms and dies in
/// square millimetres, so these two reach further down than a factor of one.
double smallestShown(std::string_view base, const DisplayUnit &unit) {
  bool wide = unit.factor == 1 && (base == "kgCO2e" || base == "mm2");
  return unit.factor * (wide ? 0.01 : 1);
}

/// Decimals that show `magnitude` with three significant digits, counted after rounding (9.996 has
/// two digits before the point once it reads 10.0).
int decimalsFor(double magnitude) {
  if (magnitude == 0 || !std::isfinite(magnitude))
    return 0;
  char text[32];
  int length = std::snprintf(text, sizeof text, "%.*e", kSignificantDigits - 1, magnitude);
  // "9.99e+01"; from_chars takes no plus.
  const char *digits = std::find(text, text + length, 'e') + 1;
  int exponent = 0;
  std::from_chars(*digits == '+' ? digits + 1 : digits, text + length, exponent);
  return std::max(0, kSignificantDigits - 1 - exponent);
}

std::string fixed(double value, int decimals) {
  if (std::isnan(value))
    return "n/a";
  if (std::isinf(value))
    return value < 0 ? "-inf" : "inf";
  std::string text(static_cast<size_t>(std::snprintf(nullptr, 0, "%.*f", decimals, value)), '\0');
  std::snprintf(text.data(), text.size() + 1, "%.*f", decimals, value);
  // "-0.00" would suggest a sign that the figure does not show.
  if (text[0] == '-' && text.find_first_not_of("-0.") == std::string::npos)
    text.erase(0, 1);
  return text;
}

std::string withUnit(const std::string &number, const std::string &unit) {
  return unit.empty() ? number : number + " " + unit;
}

} // namespace

void cat::results::appendShortestNumber(std::string &text, double value) {
  char digits[32];
  text.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

std::string cat::results::shortestNumber(double value) {
  std::string text;
  appendShortestNumber(text, value);
  return text;
}

std::string cat::results::shortNumber(double value) {
  double magnitude = std::fabs(value);
  if (magnitude != 0 && std::isfinite(value) && (magnitude < 1e-4 || magnitude >= 1e9)) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*e", kSignificantDigits - 1, value);
    return text;
  }
  return fixed(value, decimalsFor(magnitude));
}

DisplayUnit cat::results::displayUnit(std::string_view baseUnit, double value) {
  const UnitLadder *ladder = findLadder(baseUnit);
  if (!ladder)
    return {1, baseUnit == "1" ? std::string() : std::string(baseUnit)};
  double magnitude = std::fabs(value);
  if (magnitude == 0 || !std::isfinite(magnitude)) {
    for (const DisplayUnit &rung : ladder->rungs)
      if (rung.factor == 1)
        return rung;
    return ladder->rungs.back();
  }
  // A value that rounds up to the next unit (0.9999 s) is shown in that one (1.00 s, not 1000 ms).
  double rounded = magnitude * (1 + 0.5 * std::pow(10, -kSignificantDigits));
  for (const DisplayUnit &rung : ladder->rungs)
    if (rounded >= smallestShown(baseUnit, rung))
      return rung;
  return ladder->rungs.back();
}

std::string cat::results::formatQuantity(double value, std::string_view baseUnit) {
  if (std::isnan(value))
    return "n/a";
  DisplayUnit unit = displayUnit(baseUnit, value);
  return withUnit(shortNumber(value / unit.factor), unit.symbol);
}

std::string cat::results::format(Seconds v) { return formatQuantity(v.value(), "s"); }
std::string cat::results::format(Joules v) { return formatQuantity(v.value(), "J"); }
std::string cat::results::format(Watts v) { return formatQuantity(v.value(), "W"); }
std::string cat::results::format(SquareMillimetres v) { return formatQuantity(v.value(), "mm2"); }
std::string cat::results::format(KilogramsCO2e v) { return formatQuantity(v.value(), "kgCO2e"); }
std::string cat::results::format(OperationsPerSecond v) {
  return formatQuantity(v.value(), "op/s");
}
std::string cat::results::format(Bytes v) { return formatQuantity(v.value(), "B"); }
std::string cat::results::format(Hertz v) { return formatQuantity(v.value(), "Hz"); }
std::string cat::results::formatPercent(double ratio) { return formatQuantity(ratio, "%"); }

std::string cat::results::format(const AccuracyRecord &accuracy) {
  // One decimal: a tenth of a point is finer than any of the sources resolves.
  std::string text =
      fixed(100 * accuracy.value, 1) + " +- " + fixed(100 * accuracy.sigma, 1) + " %";
  return accuracy.extrapolated ? text + " (extrapolated)" : text;
}

std::string cat::results::formatChange(double value, double baseline) {
  double percent = 100 * (value - baseline) / std::fabs(baseline);
  if (baseline == 0 || !std::isfinite(percent))
    return "n/a";
  std::string number = fixed(percent, std::fabs(percent) < 9.95 ? 1 : 0);
  return (number[0] == '-' || number.find_first_not_of("0.") == std::string::npos ? "" : "+") +
         number + " %";
}

FormattedColumn cat::results::formatColumn(const std::vector<double> &values,
                                           std::string_view baseUnit) {
  double largest = 0, smallest = std::numeric_limits<double>::infinity();
  for (double v : values)
    if (std::isfinite(v) && v != 0) {
      largest = std::max(largest, std::fabs(v));
      smallest = std::min(smallest, std::fabs(v));
    }
  DisplayUnit unit = displayUnit(baseUnit, largest);
  // The smallest entry keeps three digits unless that would give the largest more than six.
  int decimals = 0;
  if (largest > 0)
    decimals = std::min(decimalsFor(smallest / unit.factor),
                        decimalsFor(largest / unit.factor) + kSignificantDigits);
  FormattedColumn column{unit.symbol, {}};
  for (double v : values)
    column.cells.push_back(fixed(v / unit.factor, decimals));
  return column;
}
