//===- PointwiseTest.cpp - Tables and the residual sum, against doubles ---===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Int8/Pointwise.h"
#include "Search/CounterRandom.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

using namespace cat;
using namespace cat::int8;

namespace {

TEST(Pointwise, EachEntryIsTheNearestOfItsRealValue) {
  search::CounterRandom random(2, 1);
  for (int i = 0; i != 200; ++i) {
    auto function = static_cast<Pointwise>(i % 4);
    Affine in{std::exp2(-10 + 12 * random.uniform()), static_cast<int>(random.below(256)) - 128};
    Affine out{std::exp2(-10 + 12 * random.uniform()), static_cast<int>(random.below(256)) - 128};
    Table table = makeTable(function, in, out);
    for (int x = -128; x != 128; ++x) {
      double real = evaluate(function, in.scale * (x - in.zeroPoint));
      double wanted = std::clamp(real / out.scale + out.zeroPoint, -128.0, 127.0);
      ASSERT_LE(std::abs(lookUp(table, static_cast<int8_t>(x)) - wanted), 0.5 + 1e-9);
    }
  }
}

TEST(Pointwise, KnownValues) {
  EXPECT_DOUBLE_EQ(evaluate(Pointwise::Gelu, 1), 0.84134474606854293);
  EXPECT_DOUBLE_EQ(evaluate(Pointwise::QuickGelu, 1), 0.84579576593282124);
  EXPECT_EQ(evaluate(Pointwise::Relu, -2), 0);
  EXPECT_EQ(evaluate(Pointwise::Relu, 2), 2);
  EXPECT_EQ(evaluate(Pointwise::Gelu, -40), 0);
  // The entry's index is the activation's bits.
  Table identity = makeTable(Pointwise::Identity, {0.1, 5}, {0.1, 5});
  EXPECT_EQ(identity[0], 0);
  EXPECT_EQ(identity[127], 127);
  EXPECT_EQ(identity[128], -128);
  EXPECT_EQ(identity[255], -1);
  for (int x = -128; x != 128; ++x)
    EXPECT_EQ(lookUp(identity, static_cast<int8_t>(x)), x);
}

TEST(Add, IsWithinASixteenthOfTheRealSum) {
  search::CounterRandom random(2, 2);
  for (int i = 0; i != 2000; ++i) {
    Affine out{std::exp2(8 * random.uniform() - 4), static_cast<int>(random.below(256)) - 128};
    auto operand = [&] {
      return Affine{out.scale * std::exp2(14.9 * random.uniform() - 10),
                    static_cast<int>(random.below(256)) - 128};
    };
    Affine a = operand(), b = operand();
    Result<Addition> addition = quantizeAddition(a, b, out);
    ASSERT_TRUE(addition) << addition.error();
    for (int j = 0; j != 50; ++j) {
      auto x = static_cast<int8_t>(random.next()), y = static_cast<int8_t>(random.next());
      double real = a.scale * (x - a.zeroPoint) + b.scale * (y - b.zeroPoint);
      double wanted = std::clamp(real / out.scale + out.zeroPoint, -128.0, 127.0);
      // Distances from a zero point reach 255.
      ASSERT_LE(std::abs(add(x, y, *addition) - wanted), 0.5 + 255 * 0x1p-11);
    }
  }
}

TEST(Add, OfEqualScalesIsASaturatingSum) {
  Result<Addition> addition = quantizeAddition({1, 0}, {1, 0}, {1, 0});
  ASSERT_TRUE(addition);
  for (int a = -128; a != 128; ++a)
    for (int b = -128; b != 128; ++b)
      ASSERT_EQ(add(static_cast<int8_t>(a), static_cast<int8_t>(b), *addition),
                std::clamp(a + b, -128, 127));
}

TEST(Add, RefusesScalesThatDoNotFit) {
  EXPECT_TRUE(quantizeAddition({31.9, 0}, {1, 0}, {1, 0}));
  EXPECT_FALSE(quantizeAddition({32, 0}, {1, 0}, {1, 0}));
  EXPECT_FALSE(quantizeAddition({1, 0}, {-1, 0}, {1, 0}));
  EXPECT_FALSE(quantizeAddition({1, 0}, {1, 0}, {0, 0}));
  EXPECT_FALSE(quantizeAddition({NAN, 0}, {1, 0}, {1, 0}));
}

} // namespace
