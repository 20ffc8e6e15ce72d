//===- HardwareTest.cpp - Parameters, plans and exact cycles --------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small cases by hand; test/integration/rtl-random.test compares with simulation.
//
//===----------------------------------------------------------------------===//

#include "Cost/Hardware.h"
#include "Cost/ClosedForm.h"
#include "Cost/GemmPlan.h"
#include "Cost/RowModel.h"
#include "Cost/RowStreams.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace cat;
using namespace cat::cost;
using testing::HasSubstr;

namespace {

HardwareParameters small() {
  HardwareParameters hw;
  hw.clusters = 1;
  hw.width = hw.depth = hw.requantizers = 8;
  hw.accumulatorRows = 32;
  hw.outputRows = 32;
  hw.inputWords = 64;
  hw.weightRows = 64;
  hw.vectorLanes = 8;
  hw.wordBytes = hw.linkBytes = 16;
  hw.globalBytes = 1 << 16;
  return hw;
}

GemmDescriptor gemm(int64_t m, int64_t n, int64_t k) {
  GemmDescriptor g;
  g.m = m;
  g.n = n;
  g.k = k;
  g.parameters = false;
  g.chunkRows = m;
  g.blockColumns = 1000;
  return g;
}

TEST(Hardware, BadParametersAreNamed) {
  EXPECT_EQ(checkHardware(small()), std::nullopt);
  struct Fault {
    void (*change)(HardwareParameters &);
    const char *text;
  };
  for (const Fault &fault : {
           Fault{[](HardwareParameters &h) { h.width = 12; }, "set 'width' to 8 or 16"},
           {[](HardwareParameters &h) { h.depth = 1; }, "raise 'depth' to at least 2"},
           {[](HardwareParameters &h) { h.clusters = 0; }, "set 'instances' to 1"},
           {[](HardwareParameters &h) { h.clusters = 32; }, "is 32, but"},
           {[](HardwareParameters &h) { h.clusters = 33; }, "set 'instances' to 16"},
           {[](HardwareParameters &h) { h.width = 2048; }, "lower 'width'"},
           {[](HardwareParameters &h) { h.requantizers = 16; }, "at most the array's width"},
           {[](HardwareParameters &h) { h.outputRows = 16; }, "raise 'output_rows' to at least 32"},
           {[](HardwareParameters &h) { h.outputRows = 1 << 30; }, "lower 'output_rows'"},
           {[](HardwareParameters &h) { h.weightRows = 16; }, "'capacity' to at least 512 B"},
           {[](HardwareParameters &h) { h.inputWords = 8; }, "16 words of the array's depth"},
           {[](HardwareParameters &h) { h.inputWords = h.weightRows = 0; }, "64 B"},
           {[](HardwareParameters &h) { h.inputWords = int64_t{1} << 40; }, "67108864 B"},
           {[](HardwareParameters &h) { h.accumulatorRows = 2; }, "to at least 4"},
           {[](HardwareParameters &h) { h.accumulatorRows = 3; }, "set 'accumulator_rows' to 4"},
           {[](HardwareParameters &h) { h.accumulatorRows = 65536; }, "lower 'accumulator_rows'"},
           {[](HardwareParameters &h) { h.vectorLanes = 32; }, "only 16 bytes"},
           {[](HardwareParameters &h) { h.vectorLanes = 1; }, "raise 'lanes' to at least 2"},
           {[](HardwareParameters &h) { h.vectorLanes = h.wordBytes = 512; }, "lower 'lanes'"},
           {[](HardwareParameters &h) { h.vectorRowBytes = 8; }, "'row_bytes' to at least 16 B"},
           {[](HardwareParameters &h) { h.vectorRowBytes = 3072; }, "2048 B or 4096 B"},
           {[](HardwareParameters &h) { h.wordBytes = 2048; }, "lower 'bandwidth'"},
           {[](HardwareParameters &h) { h.globalBytes = 512; }, "'capacity' to at least 1024 B"},
           {[](HardwareParameters &h) { h.globalBytes = int64_t{1} << 50; }, "lower 'capacity'"},
           {[](HardwareParameters &h) { h.dramRate = 0; }, "raise its 'bandwidth'"},
           {[](HardwareParameters &h) { h.dramLatency = 5'000'000'000; }, "lower 'latency'"},
       }) {
    HardwareParameters hw = small();
    fault.change(hw);
    std::optional<MachineProblem> problem = checkHardware(hw);
    ASSERT_TRUE(problem) << fault.text;
    EXPECT_THAT(problem->message, HasSubstr(fault.text));
    EXPECT_NE(problem->rule, "");
  }
}

TEST(Hardware, LatencyFollowsTheStyle) {
  HardwareParameters hw = small();
  EXPECT_EQ(hw.arrayLatency(), 2 + 3);
  hw.style = ArrayStyle::Systolic;
  EXPECT_EQ(hw.arrayLatency(), 8 + 8 - 1);
  hw.requantizers = 2;
  EXPECT_EQ(hw.drainCycles(), 4);
  hw.linkBytes = 4;
  EXPECT_EQ(hw.linkCycles(), 4);
}

TEST(GemmPlan, SplitsRowsWithARest) {
  HardwareParameters hw = small();
  hw.clusters = 4;
  GemmDescriptor g = gemm(50, 8, 8);
  g.split = ClusterSplit::Rows;
  g.chunkRows = 5;
  GemmPlan plan(hw, g);
  EXPECT_EQ(plan.active, 4);
  EXPECT_EQ(plan.full.chunks, 3); // 13 rows: 5, 5, 3
  EXPECT_EQ(plan.full.lastRows, 3);
  EXPECT_EQ(plan.last.chunks, 3); // 11 rows: 5, 5, 1
  EXPECT_EQ(plan.last.lastRows, 1);
  EXPECT_EQ(plan.frame, 4);
}

TEST(GemmPlan, BlocksOfColumnsEndWithTheLastClusters) {
  HardwareParameters hw = small();
  hw.clusters = 4;
  GemmDescriptor g = gemm(8, 13 * 8, 8); // 4 + 4 + 4 + 1 column steps
  g.parameters = true;
  g.split = ClusterSplit::Columns;
  g.blockColumns = 2;
  GemmPlan plan(hw, g);
  EXPECT_EQ(plan.blocks, 2);
  EXPECT_EQ(plan.tileWords, 16 * 8 / 16);
  EXPECT_EQ(plan.blockWords(0), (3 * 2 + 1) * 8);
  EXPECT_EQ(plan.blockWords(1), (3 * 2 + 0) * 8);
}

TEST(GemmPlan, SlotsAreSharedByWordsAndSpreadEvenly) {
  GemmPlan plan(small(), gemm(8, 8, 8)); // 8 words of weights, 4 of input
  EXPECT_EQ(plan.weightSlots, 5);
  EXPECT_EQ(plan.slotMask(), 0b10110101); // 0, 2, 4, 5, 7: f * 5 modulo 8 below 5
}

TEST(GemmPlan, BadMappingsAreNamed) {
  HardwareParameters hw = small();
  EXPECT_EQ(checkGemm(hw, gemm(8, 8, 8)), std::nullopt);
  EXPECT_THAT(*checkGemm(hw, gemm(0, 8, 8)), HasSubstr("size zero"));
  EXPECT_THAT(*checkGemm(hw, gemm(33, 8, 8)), HasSubstr("chunks of 33 rows; 32 fit"));
  EXPECT_THAT(*checkGemm(hw, gemm(8, 8, 1 << 20)), HasSubstr("accumulators"));
  EXPECT_EQ(checkGemm(hw, gemm(8, 65535 * hw.width, 8)), std::nullopt);
  EXPECT_THAT(*checkGemm(hw, gemm(8, 65535 * hw.width + 1, 8)), HasSubstr("65535 items"));
  GemmDescriptor input = gemm(20, 8, 32); // four words a row
  input.hold = Hold::Input;
  EXPECT_THAT(*checkGemm(hw, input), HasSubstr("16 fit"));
  GemmDescriptor weight = gemm(8, 8, 64);
  weight.hold = Hold::Weight;
  EXPECT_THAT(*checkGemm(hw, weight), HasSubstr("weight half"));
  GemmDescriptor parameters = gemm(8, 8, 8);
  parameters.parameters = true;
  parameters.batch = 2;
  EXPECT_THAT(*checkGemm(hw, parameters), HasSubstr("batch"));
}

// A frame of one cycle, the weight stream in all but every eighth: a word asked for in cycle t can
// be taken from t + 3 on, and four may be on their way.
TEST(RowStreams, WordsComeInTheirSlots) {
  HardwareParameters hw = small();
  ReadStream stream(hw, 1, 0xfd);
  std::vector<int64_t> taken;
  for (int row = 0; row < 6; ++row)
    taken.push_back(stream.next(8, 0, row == 5));
  EXPECT_EQ(taken, (std::vector<int64_t>{3, 4, 5, 6, 7, 8})); // words in slots 0, 2, 3
  EXPECT_EQ(stream.next(8, 20, false), 20);

  ReadStream wide(hw, 2, 0xff); // two words a row, every other cycle
  EXPECT_EQ(wide.next(32, 0, false), 5);
  EXPECT_EQ(wide.next(32, 0, true), 9);
}

TEST(RowStreams, ResultsLeaveInTheirSlots) {
  HardwareParameters hw = small();
  WriteStream stream(hw, 4);
  EXPECT_EQ(stream.next(8, 10, false), 10);
  EXPECT_EQ(stream.next(8, 10, false), 11);
  EXPECT_EQ(stream.lastSlot(), 12);
  EXPECT_EQ(stream.next(8, 10, true), 12); // a half word, because the segment ends
  EXPECT_EQ(stream.lastSlot(), 16);
  EXPECT_EQ(stream.next(16, 0, false), 13);
  EXPECT_EQ(stream.lastSlot(), 20);
  EXPECT_EQ(stream.next(16, 0, false), 17); // two words wait
}

// Eight words of constants and weights, two rows each, in slots 0, 2, 3, 4 and as words are used
// up: a row a cycle from cycle 3. The last of 16 loads in cycle 19, the row of A starts in 20, its
// result is there 5 + 1 + 9 later, is sent a cycle after that and lands two later; one cycle before
// the block and two around it.
TEST(RowModel, OneRow) {
  EXPECT_EQ(rowExactCycles(small(), gemm(1, 8, 8)), 20 + 15 + 1 + 2 + 1 + 2);
}

// Every further row of the same tile takes a cycle, and its place in the same output word or the
// next.
TEST(RowModel, MoreRowsTakeACycleEach) {
  HardwareParameters hw = small();
  EXPECT_EQ(rowExactCycles(hw, gemm(32, 8, 8)) - rowExactCycles(hw, gemm(30, 8, 8)), 2);
}

TEST(RowModel, TransfersFollowTheSlots) {
  HardwareParameters hw = small();
  hw.dramRate = 16384;
  hw.dramLatency = 10;
  CopyDescriptor copy;
  copy.bytes = 16 * 7 + 1;
  EXPECT_EQ(rowExactCycles(hw, copy), 10 + 4 * 8 + 3);
  EXPECT_EQ(copyCycles(hw, copy), 10 + 4 * 8 + 3);
}

// Blocks: the first one's parameters come before, the others' meanwhile.
TEST(RowModel, ParametersOfTheNextBlockComeMeanwhile) {
  HardwareParameters hw = small();
  hw.dramRate = 1024; // 64 cycles a word
  GemmDescriptor g = gemm(8, 32, 8);
  g.parameters = true;
  g.blockColumns = 1;
  int64_t transfer = 64 * 8 + 1 + 2; // a column step is eight words
  GemmDescriptor activation = gemm(8, 8, 8);
  int64_t block = rowExactCycles(hw, activation) - 1;
  EXPECT_EQ(rowExactCycles(hw, g), 4 * transfer + block);
}

TEST(ClosedForm, IsCloseOnALargeGemm) {
  HardwareParameters hw = small();
  hw.width = hw.depth = 32;
  hw.requantizers = 16;
  hw.accumulatorRows = 128;
  hw.inputWords = hw.weightRows = 1024;
  hw.wordBytes = 128;
  hw.linkBytes = 64;
  hw.dramRate = 12000;
  hw.dramLatency = 60;
  for (Hold hold : {Hold::Neither, Hold::Input, Hold::Weight}) {
    GemmDescriptor g = gemm(197, 768, 768);
    g.parameters = true;
    g.hold = hold;
    g.chunkRows = equalChunk(197, chunkCapacity(hw, 768, hold));
    g.blockColumns = 8;
    auto exact = static_cast<double>(rowExactCycles(hw, g));
    EXPECT_LT(std::abs(static_cast<double>(gemmCycles(hw, g)) / exact - 1), 0.01);
  }
}

} // namespace
