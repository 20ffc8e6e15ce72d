//===- Requantize.h - From 32-bit sums to 8-bit activations -----*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The numbers of the INT8 machine: one definition, which emitted vectors, tests and hw/rtl share
// bit for bit. All functions of lib/Int8 are integer functions of integers, except the quantize
// functions, which derive their parameters from real scales (docs/int8.md).
//
// An activation q stands for the real number scale * (q - zeroPoint). Weights are symmetric, with a
// scale for each output channel (Jacob et al. 2018, arXiv 1712.05877).
//
//===----------------------------------------------------------------------===//

#ifndef CATC_INT8_REQUANTIZE_H
#define CATC_INT8_REQUANTIZE_H

#include "Support/Result.h"
#include <cstdint>

namespace cat::int8 {

/// What an 8-bit activation stands for: scale * (q - zeroPoint), scale > 0.
struct Affine {
  double scale = 1;
  int zeroPoint = 0; ///< -128 .. 127
};

/// The nearest representable activation; halves go up. NaN is an internal error.
int8_t quantize(double value, const Affine &type);

/// What turns one channel's sums into activations: multiplier * 2^-shift is the real factor. The
/// layout in front of a weight tile is bias (4 bytes, little-endian), multiplier (2), shift (1),
/// zero point (1).
struct Requantization {
  int32_t bias = 0;        ///< in units of the sum; holds the input's zero point times the weights
  uint16_t multiplier = 0; ///< 2^15 .. 2^16-1, or 0
  uint8_t shift = 0;       ///< 0 .. 63
  int8_t zeroPoint = 0;
};

inline constexpr unsigned kMaxShift = 63;

/// y = clamp8(((x * multiplier + 2^21) >> 22) + zeroPoint) with
/// x = clamp16(round((sum + bias) * 2^(22 - shift))), halves up, no overflow inside (33-bit sum).
///
/// Sums are normalised to 16 bits before a 16 x 16 multiplication, and the second shift is
/// constant. For 1 <= shift <= 22 this is exactly clamp8(((sum + bias) * multiplier + 2^(shift-1)
/// >> shift) + zeroPoint); above, the bits that the first shift drops move the result by less than
/// 2^-7 before rounding. The clamp to 16 bits never shows: with multiplier >= 2^15 it is reached
/// only where clamp8 is.
int8_t requantize(int32_t sum, const Requantization &channel);

/// A factor as multiplier * 2^-shift, to a relative 2^-16.
struct Factor {
  uint16_t multiplier = 0;
  uint8_t shift = 0;
};

/// The factor nearest to `factor`, which is input scale * weight scale / output scale. A fault
/// unless 0 <= factor < 65535.5; factors below 2^-48 become 0.
Result<Factor> quantizeFactor(double factor);

} // namespace cat::int8

#endif // CATC_INT8_REQUANTIZE_H
