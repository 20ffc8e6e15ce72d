//===- Bits.h - Shifts and clamps that INT8 functions share -----*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_INT8_BITS_H
#define CATC_INT8_BITS_H

#include <algorithm>
#include <cstdint>

namespace cat::int8 {

/// floor(value / 2^shift), 0 <= shift < 64, which >> of a negative number does only since C++20.
constexpr int64_t shiftRight(int64_t value, unsigned shift) {
  return value >= 0 ? value >> shift : ~(~value >> shift);
}

/// value / 2^shift to the nearest whole number, halves up; 0 <= shift < 64.
constexpr int64_t shiftRounding(int64_t value, unsigned shift) {
  return shift ? shiftRight(shiftRight(value, shift - 1) + 1, 1) : value;
}

/// The nearest number of `bits` bits, signed.
constexpr int64_t clampTo(int64_t value, unsigned bits) {
  int64_t limit = int64_t(1) << (bits - 1);
  return std::clamp(value, -limit, limit - 1);
}

/// floor(log2(value)), value > 0.
constexpr unsigned log2Floor(uint64_t value) {
  unsigned result = 0;
  while (value >>= 1)
    ++result;
  return result;
}

} // namespace cat::int8

#endif // CATC_INT8_BITS_H
