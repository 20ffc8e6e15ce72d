//===- Pointwise.cpp - Tables of 256 entries and the residual sum ---------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Int8/Pointwise.h"
#include "Int8/Bits.h"
#include <cmath>
#include <string>

using namespace cat;
using namespace cat::int8;

namespace {

/// Bits behind the point of an addition's multipliers.
constexpr unsigned kRatioBits = 11;

} // namespace

double int8::evaluate(Pointwise function, double x) {
  switch (function) {
  case Pointwise::Identity:
    return x;
  case Pointwise::Relu:
    return x > 0 ? x : 0;
  case Pointwise::Gelu:
    return 0.5 * x * (1 + std::erf(x * std::sqrt(0.5)));
  case Pointwise::QuickGelu:
    return x / (1 + std::exp(-1.702 * x));
  }
  return x;
}

Table int8::makeTable(Pointwise function, const Affine &input, const Affine &output) {
  Table table;
  for (int bits = 0; bits != 256; ++bits) {
    int x = bits < 128 ? bits : bits - 256;
    table[bits] = quantize(evaluate(function, input.scale * (x - input.zeroPoint)), output);
  }
  return table;
}

int8_t int8::add(int8_t a, int8_t b, const Addition &addition) {
  int64_t sum = int64_t(a) * addition.multiplierA + int64_t(b) * addition.multiplierB;
  return static_cast<int8_t>(clampTo(shiftRight(sum + addition.offset, kRatioBits), 8));
}

Result<Addition> int8::quantizeAddition(const Affine &a, const Affine &b, const Affine &result) {
  auto multiplier = [&](const Affine &operand) {
    return std::floor(std::ldexp(operand.scale / result.scale, kRatioBits) + 0.5);
  };
  double ma = multiplier(a), mb = multiplier(b);
  for (double m : {ma, mb})
    if (!(m >= 0 && m <= 65535))
      return Fault{"an operand of a residual sum must have a positive scale below 32 times the "
                   "result's; its ratio is " +
                   std::to_string(std::ldexp(m, -static_cast<int>(kRatioBits)))};
  Addition addition;
  addition.multiplierA = static_cast<uint16_t>(ma);
  addition.multiplierB = static_cast<uint16_t>(mb);
  addition.offset = result.zeroPoint * (1 << kRatioBits) + (1 << (kRatioBits - 1)) -
                    a.zeroPoint * addition.multiplierA - b.zeroPoint * addition.multiplierB;
  return addition;
}
