//===- HardwareMath.h - Divisions that round up -----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_HARDWAREMATH_H
#define CATC_COST_HARDWAREMATH_H

#include <cstdint>

namespace cat::cost {

/// a / b, rounded up; b > 0, a >= 0.
constexpr int64_t divideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// The logarithm of a power of two.
constexpr int64_t log2Of(int64_t x) { return __builtin_ctzll(static_cast<uint64_t>(x)); }

/// a / 2^bits, rounded up.
constexpr int64_t shiftUp(int64_t a, int64_t bits) {
  return (a + (int64_t{1} << bits) - 1) >> bits;
}

} // namespace cat::cost

#endif // CATC_COST_HARDWAREMATH_H
