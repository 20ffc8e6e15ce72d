//===- Rows.cpp - Softmax and normalisation of rows of activations --------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Int8/Rows.h"
#include "Int8/Bits.h"
#include "Support/Check.h"
#include <array>
#include <cmath>
#include <string>

using namespace cat;
using namespace cat::int8;

namespace {

/// 2^15 * 2^(-i/16), the nodes of softmaxExponential; hw/rtl/catc_vector_lane.sv has them too.
constexpr std::array<uint32_t, 17> kPowers = {32768, 31379, 30048, 28774, 27554, 26386,
                                              25268, 24196, 23170, 22188, 21247, 20347,
                                              19484, 18658, 17867, 17109, 16384};

/// floor((2^31 - 1) / divisor), 2^15 <= divisor < 2^16: a quotient of 16 bits.
int64_t reciprocal(int64_t divisor) { return ((int64_t(1) << 31) - 1) / divisor; }

/// floor(sqrt(value)), 2^30 <= value < 2^32, digit by digit.
int64_t squareRoot(uint64_t value) {
  uint64_t root = 0;
  for (int bit = 15; bit >= 0; --bit) {
    uint64_t candidate = root | (uint64_t(1) << bit);
    if (candidate * candidate <= value)
      root = candidate;
  }
  return static_cast<int64_t>(root);
}

/// value * 2^(12-shift) normalised to 21 bits, times R, without its 19 low bits.
int64_t scaleElement(int64_t value, unsigned shift, int64_t r) {
  int64_t x = clampTo(shiftRounding(value * 4096, shift), 21);
  return shiftRounding(x * r, 19);
}

int8_t applyGain(int64_t u, const Gain &gain) {
  return static_cast<int8_t>(clampTo(shiftRounding(u * gain.gain + gain.offset * 512, 16), 8));
}

/// value * 2^7 rounded, if it fits 16 bits.
std::optional<int16_t> sevenBitsBehindPoint(double value) {
  double scaled = std::floor(value * 128 + 0.5);
  if (!(scaled >= -32768 && scaled <= 32767))
    return std::nullopt;
  return static_cast<int16_t>(scaled);
}

bool isScale(double value) { return std::isfinite(value) && value > 0; }

} // namespace

uint32_t int8::softmaxExponential(unsigned distance, uint32_t step) {
  CATC_CHECK(distance < 256 && step < (1u << 24), "arguments of softmaxExponential out of range");
  uint64_t exponent = uint64_t(distance) * step; // 20 bits behind the point
  uint64_t whole = exponent >> 20;
  unsigned node = (exponent >> 16) & 15, rest = (exponent >> 8) & 255;
  uint32_t drop = kPowers[node] - kPowers[node + 1];
  uint32_t power = kPowers[node] - ((drop * rest + 128) >> 8);
  return whole < 24 ? (power << 8) >> whole : 0;
}

void int8::softmaxRow(const int8_t *x, int64_t n, const Softmax &softmax, int8_t *y) {
  CATC_CHECK(n > 0 && n <= kMaxRowLength, "a row's length is out of range");
  int maximum = *std::max_element(x, x + n);
  uint64_t sum = 0;
  for (int64_t i = 0; i != n; ++i)
    sum += softmaxExponential(static_cast<unsigned>(maximum - x[i]), softmax.step);
  unsigned top = log2Floor(sum); // at least 23: the maximum's exponential is 2^23
  int64_t r = reciprocal(static_cast<int64_t>(sum >> (top - 15)));
  for (int64_t i = 0; i != n; ++i) {
    uint32_t e = softmaxExponential(static_cast<unsigned>(maximum - x[i]), softmax.step);
    y[i] = applyGain(scaleElement(e, top - 7, r), softmax.output);
  }
}

Result<Softmax> int8::quantizeSoftmax(double inputScale, const Affine &output) {
  if (!isScale(inputScale))
    return Fault{"softmax: the input's scale must be positive, and is " +
                 std::to_string(inputScale)};
  double gain = std::floor(1 / output.scale + 0.5);
  if (!(gain >= 1 && gain <= 32767) || std::abs(gain * output.scale - 1) > 1e-9)
    return Fault{"softmax: the output's scale must be 1 / n with a whole n of 1 .. 32767, and is " +
                 std::to_string(output.scale)};
  Softmax softmax;
  double step = std::floor(std::ldexp(inputScale / std::log(2.0), 20) + 0.5);
  softmax.step = static_cast<uint32_t>(std::min(step, 16777215.0));
  softmax.output = {static_cast<int16_t>(gain), static_cast<int16_t>(output.zeroPoint * 128)};
  return softmax;
}

void int8::normalizeRow(const int8_t *x, const Normalization &normalization, int8_t *y) {
  auto n = static_cast<int64_t>(normalization.columns.size());
  CATC_CHECK(n > 0 && n <= kMaxRowLength, "a row's length is out of range");
  CATC_CHECK(normalization.epsilon < (uint64_t(1) << 48), "a normalisation's epsilon has 48 bits");
  int64_t sum = 0, squares = 0;
  for (int64_t i = 0; i != n; ++i) {
    int64_t q = x[i] - normalization.zeroPoint;
    sum += q;
    squares += q * q;
  }
  if (!normalization.centred)
    sum = 0;
  auto d =
      std::max<uint64_t>(1, static_cast<uint64_t>(n * squares - sum * sum) + normalization.epsilon);
  unsigned half = log2Floor(d) / 2; // d = m * 4^(half - 15)
  uint64_t m = half >= 15 ? d >> (2 * half - 30) : d << (30 - 2 * half);
  int64_t r = reciprocal(squareRoot(m));
  for (int64_t i = 0; i != n; ++i) {
    int64_t c = n * (x[i] - normalization.zeroPoint) - sum;
    y[i] = applyGain(clampTo(scaleElement(c, half, r), 16), normalization.columns[i]);
  }
}

Result<Normalization> int8::quantizeLayerNorm(const Affine &input, const std::vector<double> &gamma,
                                              const std::vector<double> &beta, double epsilon,
                                              const Affine &output) {
  auto n = static_cast<int64_t>(gamma.size());
  if (n < 1 || n > kMaxRowLength || beta.size() != gamma.size())
    return Fault{"layer norm: gamma and beta must have as many elements as a row, 1 .. 65535; they "
                 "have " +
                 std::to_string(gamma.size()) + " and " + std::to_string(beta.size())};
  if (!isScale(input.scale) || !isScale(output.scale))
    return Fault{"layer norm: scales must be positive"};
  double square = static_cast<double>(n) * static_cast<double>(n);
  double steps = std::floor(square * epsilon / (input.scale * input.scale) + 0.5);
  if (!(steps >= 0 && steps < 0x1p48))
    return Fault{"layer norm: epsilon must be at least 0 and below 2^48 input steps squared over "
                 "the squared length of a row, and is " +
                 std::to_string(epsilon)};
  Normalization result;
  result.epsilon = static_cast<uint64_t>(steps);
  for (int64_t i = 0; i != n; ++i) {
    auto gain = sevenBitsBehindPoint(gamma[i] / output.scale);
    auto offset = sevenBitsBehindPoint(beta[i] / output.scale + output.zeroPoint);
    if (!gain || !offset)
      return Fault{"layer norm: gamma and beta of column " + std::to_string(i) +
                   " must be below 256 output steps; they are " + std::to_string(gamma[i]) +
                   " and " + std::to_string(beta[i]) + ", a step is " +
                   std::to_string(output.scale)};
    result.columns.push_back({*gain, *offset});
  }
  return result;
}

Result<Normalization> int8::quantizeL2Norm(const Affine &input, int64_t n, const Affine &output) {
  if (n < 1 || n > kMaxRowLength)
    return Fault{"L2 norm: a row must have 1 .. 65535 elements, and has " + std::to_string(n)};
  if (!isScale(output.scale))
    return Fault{"L2 norm: the output's scale must be positive"};
  // The row function gives the elements over their root mean square.
  auto gain = sevenBitsBehindPoint(1 / (std::sqrt(static_cast<double>(n)) * output.scale));
  if (!gain)
    return Fault{"L2 norm: the output's scale must be above 1 / (256 sqrt(n)), and is " +
                 std::to_string(output.scale)};
  Normalization result;
  result.centred = false;
  result.zeroPoint = static_cast<int8_t>(input.zeroPoint);
  result.columns.assign(static_cast<size_t>(n),
                        {*gain, static_cast<int16_t>(output.zeroPoint * 128)});
  return result;
}
