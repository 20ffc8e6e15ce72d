//===- VectorStreamTest.cpp - The vector unit's stream and its timing -----===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Int8/VectorStream.h"
#include "Cost/RowModelVector.h"
#include "Support/Check.h"
#include <gtest/gtest.h>

using namespace cat;
using namespace cat::int8;
using cost::VectorFunction;
using cost::VectorWork;

namespace {

using Bytes = std::vector<uint8_t>;

TEST(VectorStream, HeadersHaveTheDocumentedLayout) {
  Softmax softmax{0x123456, {0x0180, -2}};
  EXPECT_EQ(vectorHeader(softmax, 8),
            (Bytes{0x56, 0x34, 0x12, 0, 0x80, 0x01, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0}));
  Addition addition{0x1234, 0x5678, -1};
  EXPECT_EQ(vectorHeader(addition, 2),
            (Bytes{0x34, 0x12, 0x78, 0x56, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0}));
  Normalization norm;
  norm.zeroPoint = -1;
  norm.epsilon = 0x0102030405;
  norm.columns = {{0x0201, 0x0403}, {0x0605, 0x0807}, {0x0a09, 0x0c0b}};
  EXPECT_EQ(vectorHeader(norm, 2), (Bytes{0, 0, 0, 0xff, 0, 0, 0, 0, 5, 4, 3,  2, 1,  0, 0,  0, //
                                          1, 5, 2, 6,    3, 7, 4, 8, 9, 0, 10, 0, 11, 0, 12, 0}));
  Table table = makeTable(Pointwise::Identity, {1, 0}, {1, 0});
  Bytes bytes = vectorHeader(table, 32);
  ASSERT_EQ(bytes.size(), 32u + 256);
  EXPECT_EQ(bytes[32 + 200], 200);
  EXPECT_EXIT(vectorHeader(softmax, 3), testing::ExitedWithCode(kInternalErrorExit), "lanes");
}

TEST(VectorStream, RowsArePaddedToGroups) {
  int8_t a[] = {1, 2, 3}, b[] = {-1, -2, -3};
  Bytes stream;
  appendRow(stream, a, 3, 2);
  EXPECT_EQ(stream, (Bytes{1, 2, 3, 0}));
  stream.clear();
  appendRows(stream, a, b, 3, 2);
  EXPECT_EQ(stream, (Bytes{1, 2, 255, 254, 3, 0, 253, 0}));
}

TEST(VectorStream, HeadersAreAsLongAsTheTimingSays) {
  for (int64_t lanes = 2; lanes <= 256; lanes *= 2)
    for (int64_t columns : {1, 2, 77, 256, 300}) {
      auto groups = [&](VectorFunction function) {
        return static_cast<size_t>(VectorWork{function, 1, columns, lanes}.headerGroups() * lanes);
      };
      Normalization norm;
      norm.columns.resize(static_cast<size_t>(columns));
      EXPECT_EQ(vectorHeader(Softmax{}, lanes).size(), groups(VectorFunction::Softmax));
      EXPECT_EQ(vectorHeader(norm, lanes).size(), groups(VectorFunction::LayerNorm));
      EXPECT_EQ(vectorHeader(norm, lanes).size(), groups(VectorFunction::L2Norm));
      EXPECT_EQ(vectorHeader(Addition{}, lanes).size(), groups(VectorFunction::Add));
      EXPECT_EQ(vectorHeader(Table{}, lanes).size(), groups(VectorFunction::Pointwise));
    }
}

/// Hands a group over as early as it may be, but at most one in `period` cycles.
cost::GroupTransfer every(int64_t period) {
  return [period, next = int64_t(0)](int64_t, int64_t earliest) mutable {
    int64_t cycle = std::max(earliest, next);
    next = cycle + period;
    return cycle;
  };
}

TEST(VectorTiming, ByHandWithoutWaiting) {
  auto cycles = [](VectorFunction function, int64_t rows, int64_t columns) {
    return runVectorUnit(VectorWork{function, rows, columns, 16}, every(1), every(1));
  };
  // Header 17 groups, 10 groups, 4 cycles to the last one's departure, and idle in the cycle after.
  EXPECT_EQ(cycles(VectorFunction::Pointwise, 5, 32), 17 + 10 + 4 + 1);
  EXPECT_EQ(cycles(VectorFunction::Add, 5, 32), 1 + 20 + 4 + 1);
  // Header 1 + 4 * 3, a row of 3, 3 + 4 to its sums, 21 to the first result, 2 more, 11 to the last
  // one's departure.
  EXPECT_EQ(cycles(VectorFunction::LayerNorm, 1, 40), 13 + 3 + 7 + 21 + 2 + 11 + 1);
  EXPECT_EQ(cycles(VectorFunction::LayerNorm, 9, 40),
            cycles(VectorFunction::L2Norm, 1, 40) + 8 * (21 + 3));
  // Header 1, 3 groups, 3 + 4 to the maximum, 3 exponentials and 6 + 4 to their sum, 10 to the
  // first result.
  EXPECT_EQ(cycles(VectorFunction::Softmax, 1, 40), 1 + 3 + 7 + 3 + 10 + 10 + 2 + 11 + 1);
  EXPECT_EQ(cycles(VectorFunction::Softmax, 9, 40),
            cycles(VectorFunction::Softmax, 1, 40) + 8 * (3 + 10 + 10 + 3));
}

TEST(VectorTiming, ClosedFormIsCloseForSteadyTransfers) {
  for (int function = 0; function != 5; ++function)
    for (int64_t columns : {77, 197, 768})
      for (int64_t period : {1, 2, 5})
        for (int64_t outPeriod : {1, 3}) {
          VectorWork work{static_cast<VectorFunction>(function), 100, columns, 16};
          int64_t exact = runVectorUnit(work, every(period), every(outPeriod));
          int64_t closed = closedFormVectorUnit(work, 16, period, outPeriod);
          EXPECT_NEAR(static_cast<double>(closed) / static_cast<double>(exact), 1, 0.02)
              << function << " " << columns << " " << period << " " << outPeriod << ": " << closed
              << " " << exact;
        }
}

} // namespace
