//===- Pointwise.h - Tables of 256 entries and the residual sum -*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_INT8_POINTWISE_H
#define CATC_INT8_POINTWISE_H

#include "Int8/Requantize.h"
#include <array>

namespace cat::int8 {

/// Functions of one activation. QuickGELU is x / (1 + exp(-1.702 x)), GELU has the error function.
enum class Pointwise : uint8_t { Identity, Relu, Gelu, QuickGelu };

/// The function's value at a real number.
double evaluate(Pointwise function, double x);

/// Entry i is the result for the activation whose bits are i (two's complement): 0, 1, .. 127,
/// -128, .. -1.
using Table = std::array<int8_t, 256>;

/// Each entry is the quantised value of the function at what its activation stands for: exact, but
/// for entries within the error of double arithmetic of a half.
Table makeTable(Pointwise function, const Affine &input, const Affine &output);

inline int8_t lookUp(const Table &table, int8_t x) { return table[static_cast<uint8_t>(x)]; }

/// The sum of two activations in the result's scale. The layout in a vector operator's header is
/// multiplierA (2 bytes, little-endian), multiplierB (2), offset (4).
struct Addition {
  uint16_t multiplierA = 0; ///< scale of a / scale of the result, times 2^11
  uint16_t multiplierB = 0;
  int32_t offset = 0; ///< zero points and half a unit, times 2^11; fits 26 bits
};

/// y = clamp8((a * multiplierA + b * multiplierB + offset) >> 11).
///
/// Ratios of scales carry 11 bits behind the point, so an operand is off by at most 128 * 2^-12 =
/// 1/32 of a step before rounding.
int8_t add(int8_t a, int8_t b, const Addition &addition);

/// A fault unless each operand's scale is below 32 times the result's.
Result<Addition> quantizeAddition(const Affine &a, const Affine &b, const Affine &result);

} // namespace cat::int8

#endif // CATC_INT8_POINTWISE_H
