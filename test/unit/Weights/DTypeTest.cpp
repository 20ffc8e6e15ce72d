//===- DTypeTest.cpp - Element types of stored tensors --------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/Tensor.h"
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>

using namespace cat::weights;

namespace {

bool isNan16(uint16_t bits, unsigned mantissa) {
  unsigned magnitude = bits & 0x7FFFu, fraction = bits & ((1u << mantissa) - 1);
  return fraction != 0 && (magnitude >> mantissa) == (0x7FFFu >> mantissa);
}

/// Rounding to the nearest value of a 16-bit type, by search over all of them.
template <float (*widen)(uint16_t)> uint16_t nearest(float value) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0, best = 0;
  double smallest = std::numeric_limits<double>::infinity();
  for (uint16_t bits = 0; std::isfinite(widen(bits)); ++bits) {
    double distance = std::fabs(static_cast<double>(widen(bits)) - std::fabs(value));
    if (distance < smallest || (distance == smallest && bits % 2 == 0)) {
      smallest = distance;
      best = bits;
    }
  }
  return sign | best;
}

} // namespace

TEST(DType, NamesReadBack) {
  for (const char *name :
       {"BOOL", "U8", "I8", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "F64", "I64", "U64"})
    EXPECT_EQ(nameOf(parseDType(name).value()), name);
  EXPECT_EQ(sizeOf(DType::Bool), 1u);
  EXPECT_EQ(sizeOf(DType::BF16), 2u);
  EXPECT_EQ(sizeOf(DType::F32), 4u);
  EXPECT_EQ(sizeOf(DType::U64), 8u);
  EXPECT_FALSE(parseDType("f32"));
  EXPECT_FALSE(parseDType(""));
}

TEST(DType, EverySixteenBitValueReadsBackToItsBits) {
  for (uint32_t i = 0; i < 0x10000; ++i) {
    auto bits = static_cast<uint16_t>(i);
    if (isNan16(bits, 10))
      EXPECT_TRUE(std::isnan(floatOfHalf(bits)) && isNan16(halfOfFloat(floatOfHalf(bits)), 10));
    else
      EXPECT_EQ(halfOfFloat(floatOfHalf(bits)), bits);
    if (isNan16(bits, 7))
      EXPECT_TRUE(std::isnan(floatOfBFloat(bits)) &&
                  isNan16(bfloatOfFloat(floatOfBFloat(bits)), 7));
    else
      EXPECT_EQ(bfloatOfFloat(floatOfBFloat(bits)), bits);
  }
}

TEST(DType, HalvesHaveTheirValues) {
  EXPECT_EQ(floatOfHalf(0x3C00), 1.0f);
  EXPECT_EQ(floatOfHalf(0xC000), -2.0f);
  EXPECT_EQ(floatOfHalf(0x7BFF), 65504.0f);
  EXPECT_EQ(floatOfHalf(0x0001), 0x1p-24f);
  EXPECT_EQ(floatOfHalf(0x0400), 0x1p-14f);
  EXPECT_TRUE(std::signbit(floatOfHalf(0x8000)));
  EXPECT_EQ(floatOfHalf(0x7C00), std::numeric_limits<float>::infinity());
  EXPECT_EQ(floatOfBFloat(0x3F80), 1.0f);
}

TEST(DType, RoundsToTheNearestWithTiesToEven) {
  float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(halfOfFloat(1 + 0x1p-11f), 0x3C00);
  EXPECT_EQ(halfOfFloat(1 + 3 * 0x1p-11f), 0x3C02);
  EXPECT_EQ(halfOfFloat(65519.0f), 0x7BFF);
  EXPECT_EQ(halfOfFloat(65520.0f), 0x7C00);
  EXPECT_EQ(halfOfFloat(-inf), 0xFC00);
  EXPECT_EQ(halfOfFloat(0x1p-25f), 0x0000);
  EXPECT_EQ(halfOfFloat(std::nextafter(0x1p-25f, 1.0f)), 0x0001);
  EXPECT_EQ(bfloatOfFloat(1 + 0x1p-8f), 0x3F80);
  EXPECT_EQ(bfloatOfFloat(1 + 3 * 0x1p-8f), 0x3F82);
  EXPECT_EQ(bfloatOfFloat(std::numeric_limits<float>::max()), 0x7F80);
  // Values of all magnitudes: a walk through the bit patterns.
  for (uint32_t bits = 0x32000000; bits < 0x47700000; bits += 0x00A35791) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    EXPECT_EQ(halfOfFloat(-value), nearest<floatOfHalf>(-value)) << value;
    EXPECT_EQ(bfloatOfFloat(value), nearest<floatOfBFloat>(value)) << value;
  }
}

TEST(Tensor, ConvertsBetweenFloatingTypes) {
  std::vector<float> values{0, -1.5f, 0.1f, 70000};
  for (DType dtype : {DType::F32, DType::F64})
    EXPECT_EQ(makeFloat({2, 2}, values, dtype).floats(), values);
  EXPECT_EQ(makeFloat({4}, values, DType::BF16).floats()[2], 0.10009765625f);
  EXPECT_EQ(makeFloat({4}, values, DType::F16).floats()[2], 0.0999755859375f);
  EXPECT_TRUE(std::isinf(makeFloat({4}, values, DType::F16).floats()[3]));
  EXPECT_EQ(makeFloat({4}, values).doubles()[2], static_cast<double>(0.1f));
}

TEST(Tensor, CountsElements) {
  EXPECT_EQ(elementCount({}), 1);
  EXPECT_EQ(elementCount({3, 0, 5}), 0);
  EXPECT_EQ(elementCount({3, -1}), std::nullopt);
  EXPECT_EQ(elementCount({int64_t(1) << 40, int64_t(1) << 40}), std::nullopt);
  EXPECT_EQ(str({3, 16}), "[3, 16]");
  EXPECT_EQ(str({}), "[]");
}
