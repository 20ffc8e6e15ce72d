//===- RequantizeTest.cpp - Sums to activations, against wide arithmetic --===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Int8/Requantize.h"
#include "Search/CounterRandom.h"
#include "Support/Check.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace cat;
using namespace cat::int8;

namespace {

constexpr int32_t kLeast = std::numeric_limits<int32_t>::min();
constexpr int32_t kMost = std::numeric_limits<int32_t>::max();

/// (sum + bias) * multiplier / 2^shift, exactly enough: 49 bits.
long double exactly(int32_t sum, const Requantization &channel) {
  return std::ldexp((static_cast<long double>(sum) + channel.bias) * channel.multiplier,
                    -channel.shift);
}

/// The textbook's formula, whose product has 49 bits.
int wide(int32_t sum, const Requantization &channel) {
  long double value = std::floor(exactly(sum, channel) + 0.5L) + channel.zeroPoint;
  return static_cast<int>(std::clamp(value, -128.0L, 127.0L));
}

/// A sum whose result is about the range of eight bits, or any.
int32_t sumFor(search::CounterRandom &random, const Requantization &channel) {
  switch (random.below(4)) {
  case 0:
    return static_cast<int32_t>(random.next());
  case 1:
    return random.below(2) ? kLeast : kMost;
  default:
    double range = std::ldexp(300.0, channel.shift) / std::max<int>(channel.multiplier, 1);
    return static_cast<int32_t>(std::clamp((2 * random.uniform() - 1) * range - channel.bias,
                                           double(kLeast), double(kMost)));
  }
}

Requantization randomChannel(search::CounterRandom &random) {
  Requantization channel;
  channel.bias = static_cast<int32_t>(random.next()) >> random.below(32);
  channel.multiplier = static_cast<uint16_t>(32768 + random.below(32768));
  channel.shift = static_cast<uint8_t>(random.below(kMaxShift + 1));
  channel.zeroPoint = static_cast<int8_t>(random.next());
  return channel;
}

TEST(Requantize, EqualsTheWideProductUpToAShiftOf22) {
  search::CounterRandom random(1, 1);
  for (int i = 0; i != 200000; ++i) {
    Requantization channel = randomChannel(random);
    channel.shift = static_cast<uint8_t>(channel.shift % 23);
    int32_t sum = sumFor(random, channel);
    ASSERT_EQ(requantize(sum, channel), wide(sum, channel))
        << sum << " " << channel.bias << " " << channel.multiplier << " " << int(channel.shift);
  }
}

TEST(Requantize, IsWithinAHalfAndTwoToTheMinusSevenBeyond) {
  search::CounterRandom random(1, 2);
  int64_t differ = 0, total = 200000;
  for (int64_t i = 0; i != total; ++i) {
    Requantization channel = randomChannel(random);
    int32_t sum = sumFor(random, channel);
    int y = requantize(sum, channel);
    long double clamped = std::clamp(exactly(sum, channel) + channel.zeroPoint, -128.0L, 127.0L);
    ASSERT_LE(std::abs(clamped - y), 0.5L + 0x1p-7L)
        << sum << " " << channel.bias << " " << channel.multiplier << " " << int(channel.shift);
    differ += y != wide(sum, channel);
  }
  EXPECT_LT(differ, total / 100);
}

TEST(Requantize, TakesExtremes) {
  for (int32_t sum : {kLeast, kMost})
    for (uint8_t shift : {0, 1, 22, 23, 63}) {
      Requantization channel{sum, 65535, shift, 0};
      EXPECT_EQ(requantize(sum, channel), wide(sum, channel)) << sum << " " << int(shift);
    }
  // Halves go up, also below zero.
  Requantization half{0, 32768, 16, 0};
  EXPECT_EQ(requantize(1, half), 1);
  EXPECT_EQ(requantize(-1, half), 0);
  EXPECT_EQ(requantize(-3, half), -1);
  // A multiplier of zero gives the zero point, whatever the sum.
  EXPECT_EQ(requantize(kMost, Requantization{0, 0, 0, -7}), -7);
}

TEST(Requantize, RefusesAShiftOfMoreThanSixBits) {
  EXPECT_EXIT(requantize(1, Requantization{0, 32768, 64, 0}),
              testing::ExitedWithCode(kInternalErrorExit), "six bits");
}

TEST(Requantize, FactorsAreAccurateTo16Bits) {
  search::CounterRandom random(1, 3);
  for (int i = 0; i != 10000; ++i) {
    double factor = std::exp2(-47 + 62.9 * random.uniform());
    Result<Factor> result = quantizeFactor(factor);
    ASSERT_TRUE(result) << result.error();
    EXPECT_GE(result->multiplier, 32768);
    double got = std::ldexp(result->multiplier, -result->shift);
    EXPECT_LE(std::abs(got - factor), factor * 0x1p-16) << factor;
  }
}

TEST(Requantize, FactorsAtTheEndsOfTheirRange) {
  EXPECT_EQ(quantizeFactor(0)->multiplier, 0);
  EXPECT_EQ(quantizeFactor(1e-300)->multiplier, 0);
  EXPECT_EQ(quantizeFactor(65535)->multiplier, 65535);
  EXPECT_EQ(quantizeFactor(65535)->shift, 0);
  // Rounds up to a power of two.
  EXPECT_EQ(quantizeFactor(1 - 0x1p-20)->multiplier, 32768);
  EXPECT_EQ(quantizeFactor(1 - 0x1p-20)->shift, 15);
  for (double bad : {-1e-9, 65536.0, double(INFINITY), double(NAN)})
    EXPECT_FALSE(quantizeFactor(bad)) << bad;
}

TEST(Requantize, QuantizesToTheNearest) {
  Affine type{0.5, 3};
  EXPECT_EQ(quantize(0, type), 3);
  EXPECT_EQ(quantize(0.25, type), 4);
  EXPECT_EQ(quantize(-0.25, type), 3);
  EXPECT_EQ(quantize(1e30, type), 127);
  EXPECT_EQ(quantize(-INFINITY, type), -128);
  EXPECT_EXIT(quantize(NAN, type), testing::ExitedWithCode(kInternalErrorExit), "NaN");
}

} // namespace
