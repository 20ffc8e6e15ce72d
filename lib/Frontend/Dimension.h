//===- Dimension.h - Dimensions and units at run time -----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What Quantity.h is to C++, this is to .cat expressions: every number has a dimension, products
// and quotients derive theirs, sums and comparisons need equal ones. Base units are those of
// Quantity.h, and the pixel.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_FRONTEND_DIMENSION_H
#define CATC_FRONTEND_DIMENSION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace cat::frontend {

/// s^a mm^b J^c kgCO2e^d B^e op^f px^g. Cycles and percentages have no dimension.
class Dimension {
public:
  static constexpr unsigned kBases = 7;

  constexpr Dimension() = default;
  constexpr Dimension(int second, int millimetre, int joule, int kilogram, int byte, int operation,
                      int pixel)
      : exponents_{second, millimetre, joule, kilogram, byte, operation, pixel} {}

  bool isNone() const { return *this == Dimension(); }
  friend bool operator==(const Dimension &a, const Dimension &b) {
    return a.exponents_ == b.exponents_;
  }
  friend bool operator!=(const Dimension &a, const Dimension &b) { return !(a == b); }
  friend Dimension operator*(const Dimension &a, const Dimension &b);
  friend Dimension operator/(const Dimension &a, const Dimension &b);

  Dimension power(int64_t exponent) const;
  /// Nothing if an exponent is odd.
  std::optional<Dimension> squareRoot() const;

  /// In a sentence: "a time", "a data size", "a quantity in J/mm2".
  std::string describe() const;
  /// "frequency", "data size"; the base units where the dimension has no name.
  std::string name() const;
  /// In base units: "kgCO2e/J", "mm2"; "1" without dimension.
  std::string baseUnits() const;

private:
  std::array<int, kBases> exponents_{};
};

namespace dim {
inline constexpr Dimension none{};
inline constexpr Dimension time{1, 0, 0, 0, 0, 0, 0};
inline constexpr Dimension frequency{-1, 0, 0, 0, 0, 0, 0};
inline constexpr Dimension length{0, 1, 0, 0, 0, 0, 0};
inline constexpr Dimension area{0, 2, 0, 0, 0, 0, 0};
inline constexpr Dimension perArea{0, -2, 0, 0, 0, 0, 0};
inline constexpr Dimension areaPerByte{0, 2, 0, 0, -1, 0, 0};
inline constexpr Dimension energy{0, 0, 1, 0, 0, 0, 0};
inline constexpr Dimension energyPerByte{0, 0, 1, 0, -1, 0, 0};
inline constexpr Dimension energyPerArea{0, -2, 1, 0, 0, 0, 0};
inline constexpr Dimension power{-1, 0, 1, 0, 0, 0, 0};
inline constexpr Dimension powerPerByte{-1, 0, 1, 0, -1, 0, 0};
inline constexpr Dimension powerPerArea{-1, -2, 1, 0, 0, 0, 0};
inline constexpr Dimension carbon{0, 0, 0, 1, 0, 0, 0};
inline constexpr Dimension carbonIntensity{0, 0, -1, 1, 0, 0, 0};
inline constexpr Dimension carbonPerArea{0, -2, 0, 1, 0, 0, 0};
inline constexpr Dimension carbonPerByte{0, 0, 0, 1, -1, 0, 0};
inline constexpr Dimension data{0, 0, 0, 0, 1, 0, 0};
inline constexpr Dimension dataRate{-1, 0, 0, 0, 1, 0, 0};
inline constexpr Dimension operations{0, 0, 0, 0, 0, 1, 0};
inline constexpr Dimension operationRate{-1, 0, 0, 0, 0, 1, 0};
inline constexpr Dimension pixels{0, 0, 0, 0, 0, 0, 1};
} // namespace dim

/// A unit: numerator / denominator base units. Both are exact doubles, so that 524 gCO2e is 524 /
/// 1000 correctly rounded.
struct Unit {
  llvm::StringLiteral name;
  llvm::StringLiteral description; ///< "second"
  Dimension dimension;
  double numerator = 1, denominator = 1;

  double scale() const { return numerator / denominator; }
};

/// All units, for listings and suggestions.
llvm::ArrayRef<Unit> allUnits();

/// The unit of that name, or null.
const Unit *lookupUnit(llvm::StringRef name);

/// What a misspelt unit may have meant: "'MiB'", "'KiB' (1024 B) or 'kB' (1000 B)"; empty if
/// nothing is near.
std::string suggestUnit(llvm::StringRef misspelt);

/// A customary unit of a dimension for use in examples ("MHz" for frequencies); base units where
/// there is none.
std::string customaryUnit(const Dimension &dimension);

/// A unit as people write it.
struct WrittenUnit {
  Dimension dimension;
  double scale = 1; ///< in base units
};

/// Reads "MHz", "gCO2e/kWh", "B / cycle", "1/cm2" or what Dimension::baseUnits writes
/// ("J*kgCO2e/s^2"); nothing if a part is no unit.
std::optional<WrittenUnit> parseUnit(llvm::StringRef text);

} // namespace cat::frontend

#endif // CATC_FRONTEND_DIMENSION_H
