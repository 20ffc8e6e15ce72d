//===- FormatTest.cpp - Numbers and quantities as text --------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Results/Format.h"
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <random>

using namespace cat;
using namespace cat::results;

TEST(Format, ShortestNumberReadsBackToTheSameBits) {
  EXPECT_EQ(shortestNumber(0.1), "0.1");
  EXPECT_EQ(shortestNumber(12), "12");
  EXPECT_EQ(shortestNumber(5e-324), "5e-324");
  std::mt19937_64 random(1);
  for (int i = 0; i < 10000; ++i) {
    uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value))
      continue;
    double back = std::strtod(shortestNumber(value).c_str(), nullptr);
    EXPECT_EQ(std::memcmp(&back, &value, sizeof value), 0) << shortestNumber(value);
  }
}

TEST(Format, ShowsThreeSignificantDigits) {
  EXPECT_EQ(shortNumber(1.2345), "1.23");
  EXPECT_EQ(shortNumber(45.67), "45.7");
  EXPECT_EQ(shortNumber(9.996), "10.0");
  EXPECT_EQ(shortNumber(12345), "12345");
  EXPECT_EQ(shortNumber(0.0123), "0.0123");
  EXPECT_EQ(shortNumber(3.47e9), "3.47e+09");
  EXPECT_EQ(shortNumber(0), "0");
}

TEST(Format, ChoosesThePrefix) {
  EXPECT_EQ(format(Seconds(0.012)), "12.0 ms");
  EXPECT_EQ(format(Seconds(1.5)), "1.50 s");
  EXPECT_EQ(format(Seconds(2.5e-6)), "2.50 us");
  EXPECT_EQ(format(Joules(0.0186)), "18.6 mJ");
  EXPECT_EQ(format(SquareMillimetres(31.990347)), "32.0 mm2");
  EXPECT_EQ(format(SquareMillimetres(0.105921)), "0.106 mm2");
  EXPECT_EQ(format(SquareMillimetres(380e-6)), "380 um2");
  EXPECT_EQ(format(KilogramsCO2e(0.5044)), "0.504 kgCO2e");
  EXPECT_EQ(format(KilogramsCO2e(0.0042)), "4.20 gCO2e");
  EXPECT_EQ(format(OperationsPerSecond(20.48e12)), "20.5 TOPS");
  EXPECT_EQ(format(OperationsPerSecond(80e9)), "80.0 GOPS");
  EXPECT_EQ(format(Bytes(64 * 1024)), "64.0 KiB");
  EXPECT_EQ(format(Hertz(625e6)), "625 MHz");
  EXPECT_EQ(format(Watts(0.05)), "50.0 mW");
  EXPECT_EQ(formatPercent(0.634), "63.4 %");
}

TEST(Format, RoundsUpIntoTheNextUnit) {
  EXPECT_EQ(format(Seconds(0.9999)), "1.00 s");
  EXPECT_EQ(format(Seconds(0.999)), "999 ms");
}

TEST(Format, ShowsOddValues) {
  EXPECT_EQ(format(Seconds(0)), "0 s");
  EXPECT_EQ(format(Seconds(-0.012)), "-12.0 ms");
  EXPECT_EQ(formatQuantity(std::nan(""), "s"), "n/a");
  EXPECT_EQ(formatQuantity(INFINITY, "s"), "inf s");
  EXPECT_EQ(formatQuantity(3.5, "1"), "3.50");
  EXPECT_EQ(formatQuantity(3.5, "J.s"), "3.50 J.s");
}

TEST(Format, AccuracySaysWhatItIsWorth) {
  AccuracyRecord accuracy{0.6012, 0.011, 0, "fit", false};
  EXPECT_EQ(format(accuracy), "60.1 +- 1.1 %");
  accuracy.extrapolated = true;
  EXPECT_EQ(format(accuracy), "60.1 +- 1.1 % (extrapolated)");
}

TEST(Format, ChangeAgainstABaseline) {
  EXPECT_EQ(formatChange(0.36, 0.44), "-18 %");
  EXPECT_EQ(formatChange(1.004, 1), "+0.4 %");
  EXPECT_EQ(formatChange(1.0996, 1), "+10 %");
  EXPECT_EQ(formatChange(1, 1), "0.0 %");
  EXPECT_EQ(formatChange(1, 0), "n/a");
}

TEST(Format, ColumnsShareUnitAndDecimals) {
  FormattedColumn column = formatColumn({0.0030, 0.0461, 0.0123}, "s");
  EXPECT_EQ(column.unit, "ms");
  EXPECT_EQ(column.cells, (std::vector<std::string>{"3.00", "46.10", "12.30"}));
  column = formatColumn({12, 6}, "1");
  EXPECT_EQ(column.unit, "");
  EXPECT_EQ(column.cells, (std::vector<std::string>{"12.00", "6.00"}));
  EXPECT_EQ(formatColumn({}, "s").cells.size(), 0u);
  EXPECT_EQ(formatColumn({std::nan("")}, "s").cells[0], "n/a");
}
