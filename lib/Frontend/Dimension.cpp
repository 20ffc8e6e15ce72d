//===- Dimension.cpp - Dimensions and units at run time -------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Dimension.h"
#include "Frontend/Spelling.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include <algorithm>
#include <cmath>

using namespace cat::frontend;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Dimension
//===----------------------------------------------------------------------===//

/// Exponents far beyond any quantity are clamped, so that absurd products cannot overflow.
static int clampExponent(int64_t exponent) {
  return static_cast<int>(std::clamp<int64_t>(exponent, -1000000, 1000000));
}

namespace cat::frontend {

Dimension operator*(const Dimension &a, const Dimension &b) {
  Dimension result;
  for (unsigned i = 0; i < Dimension::kBases; ++i)
    result.exponents_[i] = clampExponent(int64_t(a.exponents_[i]) + b.exponents_[i]);
  return result;
}

Dimension operator/(const Dimension &a, const Dimension &b) { return a * b.power(-1); }

} // namespace cat::frontend

Dimension Dimension::power(int64_t exponent) const {
  Dimension result;
  for (unsigned i = 0; i < kBases; ++i)
    result.exponents_[i] =
        clampExponent(exponents_[i] * std::clamp<int64_t>(exponent, -1000000, 1000000));
  return result;
}

std::optional<Dimension> Dimension::squareRoot() const {
  Dimension result;
  for (unsigned i = 0; i < kBases; ++i) {
    if (exponents_[i] % 2 != 0)
      return std::nullopt;
    result.exponents_[i] = exponents_[i] / 2;
  }
  return result;
}

namespace {
struct NamedDimension {
  Dimension dimension;
  llvm::StringLiteral article, name, customary;
};
} // namespace

static const NamedDimension kNamed[] = {
    {dim::none, "a ", "number", ""},
    {dim::time, "a ", "time", "ms"},
    {dim::frequency, "a ", "frequency", "MHz"},
    {dim::length, "a ", "length", "nm"},
    {dim::area, "an ", "area", "mm2"},
    {dim::energy, "an ", "energy", "pJ"},
    {dim::power, "a ", "power", "mW"},
    {dim::carbon, "an ", "amount of carbon", "kgCO2e"},
    {dim::carbonIntensity, "a ", "carbon intensity", "gCO2e/kWh"},
    {dim::carbonPerArea, "a ", "carbon per area", "gCO2e/cm2"},
    {dim::carbonPerByte, "a ", "carbon per data size", "gCO2e/GB"},
    {dim::energyPerArea, "an ", "energy per area", "kWh/cm2"},
    {dim::energyPerByte, "an ", "energy per data size", "pJ/B"},
    {dim::areaPerByte, "an ", "area per data size", "um2/B"},
    {dim::powerPerByte, "a ", "power per data size", "mW/MB"},
    {dim::powerPerArea, "a ", "power per area", "mW/mm2"},
    {dim::perArea, "a ", "density per area", "1/cm2"},
    {dim::data, "a ", "data size", "KiB"},
    {dim::dataRate, "a ", "data rate", "GB/s"},
    {dim::operations, "a ", "number of operations", "Gop"},
    {dim::operationRate, "an ", "operation rate", "Top/s"},
    {dim::pixels, "an ", "image size", "px"},
};

static const NamedDimension *lookupNamed(const Dimension &dimension) {
  for (const NamedDimension &named : kNamed)
    if (named.dimension == dimension)
      return &named;
  return nullptr;
}

std::string Dimension::describe() const {
  if (const NamedDimension *named = lookupNamed(*this))
    return named->article.str() + named->name.str();
  return "a quantity in " + baseUnits();
}

std::string Dimension::name() const {
  const NamedDimension *named = lookupNamed(*this);
  return named ? named->name.str() : baseUnits();
}

std::string Dimension::baseUnits() const {
  static constexpr const char *kNames[kBases] = {"s", "mm", "J", "kgCO2e", "B", "op", "px"};
  std::string above, below;
  for (unsigned i = 0; i < kBases; ++i) {
    int magnitude = std::abs(exponents_[i]);
    if (magnitude == 0)
      continue;
    std::string factor = kNames[i];
    if (magnitude > 1)
      factor += (factor == "mm" ? "" : "^") + std::to_string(magnitude);
    if (exponents_[i] > 0)
      above += (above.empty() ? "" : "*") + factor;
    else
      below += "/" + factor;
  }
  return (above.empty() ? "1" : above) + below;
}

std::string cat::frontend::customaryUnit(const Dimension &dimension) {
  const NamedDimension *named = lookupNamed(dimension);
  return named ? named->customary.str() : dimension.baseUnits();
}

//===----------------------------------------------------------------------===//
// Units
//===----------------------------------------------------------------------===//

// A year has 365 days: 3 years at one inference a second, 6 hours a day, are 23.65 million
// inferences.
static const Unit kUnits[] = {
    {"s", "second", dim::time},
    {"ms", "millisecond", dim::time, 1, 1e3},
    {"us", "microsecond", dim::time, 1, 1e6},
    {"ns", "nanosecond", dim::time, 1, 1e9},
    {"min", "minute", dim::time, 60},
    {"h", "hour", dim::time, 3600},
    {"hour", "hour", dim::time, 3600},
    {"hours", "hour", dim::time, 3600},
    {"day", "day", dim::time, 86400},
    {"days", "day", dim::time, 86400},
    {"year", "year of 365 days", dim::time, 31536000},
    {"years", "year of 365 days", dim::time, 31536000},
    {"Hz", "hertz", dim::frequency},
    {"kHz", "kilohertz", dim::frequency, 1e3},
    {"MHz", "megahertz", dim::frequency, 1e6},
    {"GHz", "gigahertz", dim::frequency, 1e9},
    {"B", "byte", dim::data},
    {"kB", "1000 bytes", dim::data, 1e3},
    {"MB", "megabyte", dim::data, 1e6},
    {"GB", "gigabyte", dim::data, 1e9},
    {"KiB", "1024 bytes", dim::data, 1024},
    {"MiB", "mebibyte", dim::data, 1048576},
    {"GiB", "gibibyte", dim::data, 1073741824},
    {"bit", "bit", dim::data, 1, 8},
    {"W", "watt", dim::power},
    {"mW", "milliwatt", dim::power, 1, 1e3},
    {"uW", "microwatt", dim::power, 1, 1e6},
    {"nW", "nanowatt", dim::power, 1, 1e9},
    {"J", "joule", dim::energy},
    {"mJ", "millijoule", dim::energy, 1, 1e3},
    {"uJ", "microjoule", dim::energy, 1, 1e6},
    {"nJ", "nanojoule", dim::energy, 1, 1e9},
    {"pJ", "picojoule", dim::energy, 1, 1e12},
    {"fJ", "femtojoule", dim::energy, 1, 1e15},
    {"Wh", "watt hour", dim::energy, 3600},
    {"kWh", "kilowatt hour", dim::energy, 3600000},
    {"g", "gram of CO2e", dim::carbon, 1, 1e3},
    {"kg", "kilogram of CO2e", dim::carbon},
    {"gCO2e", "gram of CO2e", dim::carbon, 1, 1e3},
    {"kgCO2e", "kilogram of CO2e", dim::carbon},
    {"m", "metre", dim::length, 1e3},
    {"cm", "centimetre", dim::length, 10},
    {"mm", "millimetre", dim::length},
    {"um", "micrometre", dim::length, 1, 1e3},
    {"nm", "nanometre", dim::length, 1, 1e6},
    {"cm2", "square centimetre", dim::area, 100},
    {"mm2", "square millimetre", dim::area},
    {"um2", "square micrometre", dim::area, 1, 1e6},
    {"op", "operation", dim::operations},
    {"Gop", "1e9 operations", dim::operations, 1e9},
    {"Top", "1e12 operations", dim::operations, 1e12},
    {"px", "pixel", dim::pixels},
    {"%", "per cent", dim::none, 1, 100},
    {"cycle", "clock cycle", dim::none},
    {"cycles", "clock cycle", dim::none},
};

llvm::ArrayRef<Unit> cat::frontend::allUnits() { return kUnits; }

const Unit *cat::frontend::lookupUnit(StringRef name) {
  static const llvm::StringMap<const Unit *> index = [] {
    llvm::StringMap<const Unit *> map;
    for (const Unit &unit : kUnits)
      map[unit.name] = &unit;
    return map;
  }();
  return index.lookup(name);
}

std::string cat::frontend::suggestUnit(StringRef misspelt) {
  // Data sizes: the prefix says which pair is meant, but not which of the two.
  static constexpr struct {
    llvm::StringLiteral lower, suggestion;
  } kSizes[] = {
      {"kb", "'KiB' (1024 B) or 'kB' (1000 B)"},
      {"mb", "'MiB' (1048576 B) or 'MB' (1000000 B)"},
      {"gb", "'GiB' (1073741824 B) or 'GB' (1000000000 B)"},
  };
  std::string lower = misspelt.lower();
  for (const auto &size : kSizes)
    if (lower == size.lower)
      return size.suggestion.str();
  llvm::SmallVector<StringRef> names;
  for (const Unit &unit : kUnits) {
    if (unit.name.equals_insensitive(misspelt))
      return "'" + unit.name.str() + "'";
    names.push_back(unit.name);
  }
  std::string nearest = nearestName(misspelt, names);
  return nearest.empty() ? "" : "'" + nearest + "'";
}

/// One factor: a unit, "1", or one of these to a power: "s^2", "mm3".
static std::optional<WrittenUnit> parseFactor(StringRef text) {
  text = text.trim();
  if (text == "1")
    return WrittenUnit();
  if (const Unit *unit = lookupUnit(text))
    return WrittenUnit{unit->dimension, unit->scale()};
  StringRef name = text.rtrim("0123456789");
  int64_t exponent = 0;
  if (text.drop_front(name.size()).getAsInteger(10, exponent))
    return std::nullopt;
  name.consume_back("^");
  const Unit *unit = lookupUnit(name);
  if (!unit)
    return std::nullopt;
  return WrittenUnit{unit->dimension.power(exponent),
                     std::pow(unit->scale(), static_cast<double>(exponent))};
}

std::optional<WrittenUnit> cat::frontend::parseUnit(StringRef text) {
  WrittenUnit result;
  auto apply = [&result](StringRef factor, bool divides) {
    std::optional<WrittenUnit> part = parseFactor(factor);
    if (!part)
      return false;
    result.dimension =
        divides ? result.dimension / part->dimension : result.dimension * part->dimension;
    result.scale = divides ? result.scale / part->scale : result.scale * part->scale;
    return true;
  };
  auto [above, below] = text.split('/');
  bool hasBelow = above.size() != text.size();
  llvm::SmallVector<StringRef> factors;
  above.split(factors, '*');
  for (StringRef factor : factors)
    if (!apply(factor, /*divides=*/false))
      return std::nullopt;
  factors.clear();
  if (hasBelow)
    below.split(factors, '/');
  for (StringRef factor : factors)
    if (!apply(factor, /*divides=*/true))
      return std::nullopt;
  return result;
}
