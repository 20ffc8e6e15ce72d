//===- CaseTest.cpp - Golden cases ----------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rtl/Case.h"
#include "Machine.h"
#include "Rtl/Golden.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <numeric>
#include <sstream>

using namespace cat;
using namespace cat::rtl;
using namespace cat::cost;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

std::string text(const Case &c) {
  std::ostringstream out;
  c.write(out);
  return out.str();
}

TEST(Case, WordsHaveTheirMostSignificantByteFirst) {
  Case c("tiny", 4);
  c.descriptor[Operation] = 0x1a;
  c.buffer.put(17, 1, 0xab);
  c.expectedBuffer.put(2, {1, 2, 3, 4, 5});
  std::string lines = text(c);
  EXPECT_THAT(lines, StartsWith("case tiny 0\nregister 10 1a\nregister 11 0\n"));
  EXPECT_THAT(lines, HasSubstr("buffer 11 0000ab00\nexpect-buffer 2 04030201\n"
                               "expect-buffer 3 xxxxxx05\nrun 0 0\n"));
}

TEST(Golden, NumbersDependOnSeedAndIndexOnly) {
  Random random(7);
  EXPECT_EQ(random.at(3), Random(7).at(3));
  EXPECT_NE(random.at(3), random.at(4));
  EXPECT_NE(random.stream(0).at(3), random.stream(1).at(3));
  bool low = false, high = false;
  for (uint64_t i = 0; i < 200; ++i) {
    int64_t value = random.at(i, -2, 2);
    ASSERT_TRUE(value >= -2 && value <= 2);
    low |= value == -2;
    high |= value == 2;
  }
  EXPECT_TRUE(low && high);
}

TEST(Golden, SameSeedSameCase) {
  HardwareParameters hw = test::machine(2);
  Result<Case> a = gemmCase(hw, test::gemm(), 5, "a"), b = gemmCase(hw, test::gemm(), 5, "a"),
               c = gemmCase(hw, test::gemm(), 6, "a");
  ASSERT_TRUE(a && b && c);
  EXPECT_EQ(text(*a), text(*b));
  EXPECT_NE(text(*a), text(*c));
}

// One product: a column of one lane's weight, the constants in front of it.
TEST(Golden, ReferenceIsTheArithmetic) {
  HardwareParameters hw = test::machine(1);
  GemmDescriptor gemm;
  gemm.m = gemm.n = gemm.k = 1;
  gemm.chunkRows = gemm.blockColumns = 1;
  gemm.table = gemm.residual = true;
  GemmOperands operands(hw, gemm, 9);
  int8_t y = int8::requantize(operands.input[0] * operands.weights[0], operands.channels[0]);
  y = int8::add(int8::lookUp(operands.table, y), operands.residual[0], operands.addition);
  EXPECT_EQ(operands.reference(gemm)[0], y);
  EXPECT_EQ(operands.columns, 8);
  EXPECT_EQ(operands.channels[1].multiplier, 0);
}

TEST(Golden, ResultsSpread) {
  HardwareParameters hw = test::machine(1);
  GemmDescriptor gemm = test::gemm();
  gemm.split = ClusterSplit::None;
  GemmOperands operands(hw, gemm, 1);
  std::vector<int8_t> results = operands.reference(gemm);
  int distinct[256] = {};
  for (int8_t y : results)
    distinct[y + 128] = 1;
  EXPECT_GT(std::accumulate(distinct, distinct + 256, 0), 100);
}

TEST(Golden, WhatCannotRunIsNamed) {
  HardwareParameters hw = test::machine(1);
  GemmDescriptor gemm = test::gemm();
  gemm.chunkRows = 33;
  EXPECT_THAT(gemmCase(hw, gemm, 1, "wide").error(), HasSubstr("wide: chunks of 33 rows"));
  CopyDescriptor copy;
  EXPECT_THAT(copyCase(hw, copy, 1, "none").error(), HasSubstr("none: a transfer of 0 bytes"));
  VectorDescriptor vector;
  vector.rows = 100000;
  vector.columns = 100;
  EXPECT_THAT(vectorCase(hw, vector, 1, "tall").error(), HasSubstr("tall: the operands take"));
}

} // namespace
