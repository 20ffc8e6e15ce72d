//===- Requantize.cpp - From 32-bit sums to 8-bit activations -------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Int8/Requantize.h"
#include "Int8/Bits.h"
#include "Support/Check.h"
#include <cmath>
#include <string>

using namespace cat;
using namespace cat::int8;

namespace {

/// The shift after the multiplication, and so the shift at which none precedes it.
constexpr unsigned kFinalShift = 22;

} // namespace

int8_t int8::quantize(double value, const Affine &type) {
  CATC_CHECK(!std::isnan(value), "NaN has no quantised value");
  double nearest = std::floor(value / type.scale + 0.5) + type.zeroPoint;
  return static_cast<int8_t>(std::clamp(nearest, -128.0, 127.0));
}

int8_t int8::requantize(int32_t sum, const Requantization &channel) {
  CATC_CHECK(channel.shift <= kMaxShift, "a requantisation's shift has six bits");
  int64_t exact = int64_t(sum) + channel.bias;
  int64_t aligned = channel.shift <= kFinalShift
                        ? exact * (int64_t(1) << (kFinalShift - channel.shift))
                        : shiftRounding(exact, channel.shift - kFinalShift);
  int64_t product = clampTo(aligned, 16) * channel.multiplier;
  return static_cast<int8_t>(clampTo(shiftRounding(product, kFinalShift) + channel.zeroPoint, 8));
}

Result<Factor> int8::quantizeFactor(double factor) {
  if (!(factor >= 0 && factor < 65535.5))
    return Fault{"a requantisation factor must be at least 0 and below 65535.5, and is " +
                 std::to_string(factor)};
  int exponent = 0;
  double mantissa = std::frexp(factor, &exponent); // factor = mantissa * 2^exponent, in [1/2, 1)
  auto multiplier = static_cast<int64_t>(std::floor(std::ldexp(mantissa, 16) + 0.5));
  if (multiplier == 65536) {
    multiplier = 32768;
    ++exponent;
  }
  // Below 2^-48 no sum of 33 bits reaches half a step.
  int shift = 16 - exponent;
  if (factor == 0 || shift > static_cast<int>(kMaxShift))
    return Factor{};
  return Factor{static_cast<uint16_t>(multiplier), static_cast<uint8_t>(shift)};
}
