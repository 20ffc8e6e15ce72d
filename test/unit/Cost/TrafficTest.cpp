//===- TrafficTest.cpp - Loop-nest traffic against simulation and peers ---===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost/Traffic.h"
#include "Cost/Cost.h"
#include "Machines.h"
#include "References.h"
#include "Timeloop.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <numeric>

using namespace cat::cost;
using namespace cat::cost::test;
using namespace cat::cost::traffic;

namespace {

using D = Dimension;

/// Walks the nest and counts the elements of tiles that differ from the one held before.
int64_t movedByWalking(const Nest &nest, Operand operand, size_t position) {
  std::vector<int64_t> at(position, 0), held;
  int64_t fetches = 0;
  for (;;) {
    std::vector<int64_t> tile;
    for (size_t i = 0; i != position; ++i)
      if (isRelevant(operand, nest[i].dimension))
        tile.push_back(at[i]);
    if (!fetches || tile != held) {
      ++fetches;
      held = tile;
    }
    size_t i = position;
    while (i && ++at[i - 1] == nest[i - 1].trips)
      at[--i] = 0;
    if (!i)
      break;
  }
  return fetches * tileElements(nest, operand, position);
}

TEST(TrafficTest, RelevanceIsTheIndexing) {
  EXPECT_TRUE(isRelevant(Operand::A, D::M) && isRelevant(Operand::A, D::K));
  EXPECT_TRUE(isRelevant(Operand::W, D::N) && isRelevant(Operand::W, D::K));
  EXPECT_TRUE(isRelevant(Operand::Z, D::M) && isRelevant(Operand::Z, D::N));
  EXPECT_FALSE(isRelevant(Operand::A, D::N) || isRelevant(Operand::W, D::M) ||
               isRelevant(Operand::Z, D::K));
}

TEST(TrafficTest, EqualsAWalkOfTheNest) {
  // Every order of three loops twice over, with trips of 1, 2 and 3 in every combination.
  std::vector<D> order = {D::M, D::N, D::K};
  do {
    for (int trips = 0; trips != 729; ++trips) {
      Nest nest;
      int rest = trips;
      for (int i = 0; i != 6; ++i, rest /= 3)
        nest.push_back({order[i % 3], 1 + rest % 3});
      for (Operand operand : kOperands)
        for (size_t position = 0; position <= nest.size(); ++position)
          ASSERT_EQ(movedElements(nest, operand, position), movedByWalking(nest, operand, position))
              << "trips " << trips << " operand " << static_cast<int>(operand) << " position "
              << position;
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(TrafficTest, AnIrrelevantLoopCountsOnlyAroundARelevantOne) {
  // Weight-stationary, by hand: N 4, K 3, M 5, one element a tile.
  Nest nest = {{D::N, 4}, {D::K, 3}, {D::M, 5}};
  EXPECT_EQ(movedElements(nest, Operand::W, 3), 12); // M leaves the weight in place
  EXPECT_EQ(movedElements(nest, Operand::A, 3), 60);
  EXPECT_EQ(movedElements(nest, Operand::Z, 3), 60);
  EXPECT_EQ(movedElements(nest, Operand::A, 1), 15); // all of A is held: once
  nest[1].trips = 1;                                 // M is still inside N for A
  EXPECT_EQ(movedElements(nest, Operand::Z, 3), 20);
}

TEST(TrafficTest, PartialSumsThatLeaveComeBack) {
  // K outside N: a level that holds one result sees each of 4 twice.
  std::vector<Level> levels = {{{{D::K, 2}, {D::N, 4}}, {}}, {{{D::K, 3}}, {}}};
  std::vector<LevelTraffic> traffic = loopNestTraffic(levels);
  EXPECT_EQ(traffic[0].of(Operand::Z).updates, 8);
  EXPECT_EQ(traffic[0].of(Operand::Z).reads, 4);
  EXPECT_EQ(traffic[1].of(Operand::Z).fills, 4);
  EXPECT_EQ(traffic[1].of(Operand::Z).updates, 8); // the register sums the inner K
  EXPECT_EQ(traffic[1].of(Operand::Z).reads, 4);
}

/// The loops of the template, with the rows and columns that the array pads to: what is held stays
/// inside the loops of its reuse, the other operand streams by element.
struct TemplateNest {
  Nest loops;
  size_t input, weights; ///< loops outside what the local SRAM holds of each
};

TemplateNest templateNest(Hold hold, int64_t batch, int64_t chunks, int64_t columnSteps,
                          int64_t depthSteps, int64_t rows) {
  const Loop chunk = {D::M, chunks}, column = {D::N, columnSteps};
  const Loop depth = {D::K, depthSteps}, row = {D::M, rows}, item = {D::Batch, batch};
  switch (hold) {
  case Hold::Input:
    return {{item, chunk, column, depth, row}, 2, 4};
  case Hold::Weight:
    return {{item, column, chunk, depth, row}, 5, 2};
  case Hold::Neither:
    break;
  }
  return {{item, chunk, column, depth, row}, 5, 4};
}

TEST(TrafficTest, TemplateFollowsTheLoopNest) {
  // Sizes that fill words and tiles, so that nothing is padded; one cluster, everything on chip.
  const Machine machine = edgeMachine({1, 32, 32, 8, 1024, 32});
  const int64_t width = 32, depth = 32, word = machine.global.bytesPerCycle, constants = 8 * width;
  int compared = 0;
  for (Hold hold : {Hold::Neither, Hold::Weight, Hold::Input})
    for (int64_t batch : {1, 3})
      for (int64_t chunks : {1, 2, 5})
        for (int64_t columnSteps : {1, 4})
          for (int64_t depthSteps : {2, 6})
            for (int64_t rows : {8, 64}) {
              Gemm gemm;
              gemm.m = chunks * rows, gemm.n = columnSteps * width, gemm.k = depthSteps * depth;
              gemm.batch = batch;
              gemm.stationary = Stationary::Activation;
              Mapping mapping;
              mapping.hold = hold;
              mapping.chunkRows = rows;
              mapping.blockColumns = columnSteps;
              if (!isLegal(machine, gemm, mapping))
                continue;
              EventCounts counts = countGemm(machine, gemm, mapping);
              TemplateNest nest = templateNest(hold, batch, chunks, columnSteps, depthSteps, rows);
              // A tile of the array at a time: D elements of a row, D x W weights, W sums.
              const int64_t input = depth * movedElements(nest.loops, Operand::A, nest.input);
              const int64_t weights =
                  depth * width * movedElements(nest.loops, Operand::W, nest.weights);
              const int64_t visits = weights / (depth * width * depthSteps);
              const int64_t sums = width * movedElements(nest.loops, Operand::Z, 5);
              const int64_t results = width * movedElements(nest.loops, Operand::Z, 3);
              ASSERT_EQ(results, gemm.results());
              EXPECT_EQ(counts.globalReadBytes, input + weights + visits * constants);
              EXPECT_EQ(counts.globalWriteBytes, results);
              EXPECT_EQ(counts.localWriteBytes, counts.globalReadBytes);
              // From the local SRAM into the array every operand streams by element and tile.
              EXPECT_EQ(counts.localReadBytes,
                        depth * movedElements(nest.loops, Operand::A, 5) +
                            depth * width * movedElements(nest.loops, Operand::W, 4) +
                            batch * chunks * columnSteps * constants);
              EXPECT_EQ(counts.accumulatorBytes, 2 * 4 * (sums - results));
              EXPECT_EQ(gemm.results() % word, 0);
              ++compared;
            }
  EXPECT_GT(compared, 100);
}

TEST(TrafficTest, TimeloopRows) {
  CATC_READ_REFERENCE(rows, readCsvRecords, "cost/timeloop_model_fixedmap.csv");
  for (const Record &row : rows) {
    ASSERT_EQ(row.text("accum_in_PE"), "False");
    TimeloopRow result = compareWithTimeloop(row);
    EXPECT_EQ(result.equal, result.counts) << result.name << result.differences;
    EXPECT_NEAR(static_cast<double>(result.cyclesModel), static_cast<double>(result.cycles), 1)
        << result.name;
  }
}

} // namespace
