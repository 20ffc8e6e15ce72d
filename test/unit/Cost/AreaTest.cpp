//===- AreaTest.cpp - Area against published values -------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost/Cost.h"
#include "Machines.h"
#include "References.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace cat;
using namespace cat::cost;
using namespace cat::cost::test;

namespace {

double um2(SquareMillimetres area) { return area.value() * 1e6; }

TEST(AreaTest, CATransformersFormulaAtPointE) {
  // The largest point of the published space, which sets its area limit.
  EXPECT_NEAR(um2(area(caTransformersMachine({4, 256, 16, 8, 1024, 128})).total()), 31990347, 0.5);
}

TEST(AreaTest, CATransformersConstraintsLeave3060Points) {
  int feasible = 0;
  for (const Point &point : publishedSpace()) {
    Machine machine = caTransformersMachine(point);
    feasible +=
        um2(area(machine).total()) <= 31990347 && peakThroughput(machine).value() <= 20.48e12;
  }
  EXPECT_EQ(publishedSpace().size(), 3240u);
  EXPECT_EQ(feasible, 3060);
}

TEST(AreaTest, CATransformersFormulaAtReferencePoints) {
  CATC_READ_REFERENCE(rows, readJsonRecords, "cost/cat_clip_vitb16_gemm_totals.json");
  for (const Record &row : rows) {
    Point point = {row.integer("hw0"), row.integer("hw1"), row.integer("hw2"),
                   row.integer("hw3"), row.integer("hw4"), row.integer("hw5")};
    Machine machine = caTransformersMachine(point);
    EXPECT_NEAR(um2(area(machine).total()), row.number("area_um2"), 0.01) << row.text("cfg");
    EXPECT_NEAR(peakThroughput(machine).value() / 1e12, row.number("tops"), 1e-9)
        << row.text("cfg");
  }
}

TEST(AreaTest, ComponentsAddUp) {
  // 2 clusters of 64 x 16, by hand from the tables.
  Machine machine = edgeMachine({2, 64, 16, 2, 256, 64});
  machine.array.outputRows = 16;
  AreaBreakdown a = area(machine);
  EXPECT_NEAR(um2(a.array), 2 * 64 * 16 * 288.0, 1e-6);
  // 128 rows of sums and of residuals, 16 of results; 64 lanes of 4 + 1 bytes.
  EXPECT_NEAR(um2(a.accumulators), 2 * 64 * (128 * 5 * 4.43 + 5 * 451.0 + 16 * 23.6 + 586.0), 1e-6);
  EXPECT_NEAR(um2(a.requantizers), 2 * 16 * 3460.0, 1e-6); // 64 x 16 / 64
  EXPECT_NEAR(um2(a.vector), 2 * (32 * (7096.0 + 5 * 451) + 6 * 4096 * 4.43 + 10200), 1e-6);
  // Halves of 128 KiB, words of 16 and of 64 bytes, two ports.
  EXPECT_NEAR(um2(a.local),
              2 * 1.97 * (262144 * 2.25 + (16 + 64) * 229.0 + (8192 + 2048) * 0.386 + 2 * 1152.0),
              1e-3);
  // Sixteen banks of 1024 words of 128 bytes.
  EXPECT_NEAR(um2(a.global), 2097152 * 2.25 + 16 * (128 * 229.0 + 1024 * 0.386 + 1152.0), 1e-3);
  EXPECT_NEAR(um2(a.links), 3 * 128 * 272.0 + 2 * 64 * 670.0, 1e-6);
  EXPECT_NEAR(um2(a.other), 1e6 + 2 * 11600.0, 1e-6);
  EXPECT_DOUBLE_EQ(a.total().value(), (a.array + a.accumulators + a.requantizers + a.vector +
                                       a.local + a.global + a.links + a.other)
                                          .value());
}

TEST(AreaTest, RequantizersRoundUpToOneForEachLane) {
  Machine machine = edgeMachine({1, 64, 2});
  machine.array.width = 65; // 130 MACs need 3 units of 64
  EXPECT_NEAR(um2(area(machine).requantizers), 3 * 3460.0, 1e-6);
  machine.array.depth = 128; // 130 units of 64, but 65 lanes
  EXPECT_NEAR(um2(area(machine).requantizers), 65 * 3460.0, 1e-6);
}

TEST(AreaTest, SystolicArraysPayForTheirTriangles) {
  Machine machine = edgeMachine({1, 8, 8});
  double lanes = um2(area(machine).array);
  machine.array.style = ArrayStyle::Systolic;
  // 28 steps of skew of 10 bits, 28 of a weight byte and a sum of 19 bits.
  EXPECT_EQ(skewBits(machine.array), 28 * 10 + 28 * 27);
  EXPECT_NEAR(um2(area(machine).array), 64 * 346.0 + (28 * 10 + 28 * 27) * 1.66, 1e-6);
  EXPECT_GT(um2(area(machine).array), lanes);
  // A wide and shallow one is mostly triangle.
  machine = edgeMachine({1, 256, 2});
  machine.array.style = ArrayStyle::Systolic;
  EXPECT_GT(um2(area(machine).array), 5 * 512 * 320.0);
}

TEST(AreaTest, CellsInterpolateInTheLogarithmOfDepth) {
  Machine machine = edgeMachine({1, 1, 2});
  auto cell = [&](int64_t depth) {
    machine.array.depth = depth;
    return um2(area(machine).array) / static_cast<double>(depth);
  };
  EXPECT_NEAR(cell(4), 274, 1e-9);
  EXPECT_NEAR(cell(6), 274 + 6 * std::log2(1.5), 1e-9);
  EXPECT_NEAR(cell(1), 254, 1e-9);
  EXPECT_NEAR(cell(128), 294, 1e-9);
}

} // namespace
