//===- DirectionsTest.cpp - Every resource has a benefit and a price ------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For each hardware parameter, two otherwise equal machines: more of it must help where physics
// says so, and cost.
//
//===----------------------------------------------------------------------===//

#include "Cost/Energy.h"
#include "Machines.h"
#include "Workloads.h"
#include "gtest/gtest.h"

using namespace cat;
using namespace cat::cost;
using namespace cat::cost::test;

namespace {

struct Figures {
  int64_t cycles;
  Seconds time;
  EnergyBreakdown energy;
  EventCounts counts;
  SquareMillimetres area;
};

Figures figures(const Machine &machine, const Program &program) {
  EventCounts counts = countProgram(machine, program).value();
  return {counts.cycles, latency(machine, counts), energy(machine, counts), counts,
          area(machine).total()};
}

const Program kVision = tower(kVitB16Vision);

/// More compute must save cycles and cost area.
void expectFasterAndLarger(const Machine &less, const Machine &more,
                           const Program &program = kVision) {
  Figures a = figures(less, program), b = figures(more, program);
  EXPECT_LT(b.cycles, a.cycles);
  EXPECT_GT(b.area, a.area);
}

TEST(DirectionsTest, Clusters) {
  expectFasterAndLarger(edgeMachine({1, 64, 16}), edgeMachine({2, 64, 16}));
}

TEST(DirectionsTest, ArrayWidth) {
  expectFasterAndLarger(edgeMachine({1, 64, 16}), edgeMachine({1, 128, 16}));
}

TEST(DirectionsTest, ArrayDepth) {
  expectFasterAndLarger(edgeMachine({1, 64, 8}), edgeMachine({1, 64, 16}));
}

TEST(DirectionsTest, LocalCapacity) {
  // Behind a narrow link, longer chunks of rows fit, and with them weights come less often.
  Machine less = edgeMachine({1, 256, 16, 4, 64, 32}), more = edgeMachine({1, 256, 16, 4, 512, 32});
  Figures a = figures(less, kVision), b = figures(more, kVision);
  EXPECT_LT(b.cycles, a.cycles);
  EXPECT_LT(b.counts.globalReadBytes, a.counts.globalReadBytes); // what is held is sent less often
  EXPECT_LT(b.energy.global, a.energy.global);
  EXPECT_GT(b.area, a.area);
  EXPECT_GT(EnergyRates(more).localReadByte, EnergyRates(less).localReadByte);
}

TEST(DirectionsTest, LocalBandwidth) {
  Machine less = edgeMachine({1, 256, 16, 2, 64, 32}), more = edgeMachine({1, 256, 16, 2, 64, 128});
  expectFasterAndLarger(less, more);
}

TEST(DirectionsTest, GlobalCapacity) {
  // Four images at once: activations no longer stay on chip with 2 MiB.
  const Program batch = tower(kVitB16Vision, 4);
  Machine less = edgeMachine({1, 128, 16, 2, 128, 64}),
          more = edgeMachine({1, 128, 16, 8, 128, 64});
  Figures a = figures(less, batch), b = figures(more, batch);
  EXPECT_LT(b.counts.dramReadBytes + b.counts.dramWriteBytes,
            a.counts.dramReadBytes + a.counts.dramWriteBytes);
  EXPECT_LT(b.energy.total(), a.energy.total());
  EXPECT_LE(b.cycles, a.cycles);
  EXPECT_GT(b.area, a.area);
  EXPECT_GT(EnergyRates(more).globalReadByte, EnergyRates(less).globalReadByte);
  EXPECT_GT(idlePower(more), idlePower(less));
}

TEST(DirectionsTest, GlobalBandwidth) {
  Machine less = edgeMachine({4, 256, 16, 8, 1024, 128}), more = less;
  less.global.bytesPerCycle = 64;
  expectFasterAndLarger(less, more);
}

TEST(DirectionsTest, Clock) {
  Machine less = edgeMachine({1, 128, 16, 2, 64, 128}), more = less;
  more.clock = less.clock * 2;
  Figures a = figures(less, kVision), b = figures(more, kVision);
  EXPECT_LT(b.time, a.time);
  // While DRAM is what limits, a faster clock only waits in more cycles.
  EXPECT_GT(b.cycles, a.cycles);
  EXPECT_GT(b.energy.clock, a.energy.clock);
}

TEST(DirectionsTest, DramBandwidth) {
  Machine less = edgeMachine({4, 128, 16, 4, 128, 128}), more = less;
  // catlib/memory.cat: ddr4_10nm.
  more.dram.bandwidth = BytesPerSecond(25.6e9);
  more.dram.activePower = Watts(0.150);
  more.dram.idlePower = Watts(0.020);
  more.dram.embodied = KilogramsCO2ePerByte(0.065 / 1e9);
  Figures a = figures(less, kVision), b = figures(more, kVision);
  EXPECT_LT(b.cycles, a.cycles);
  EXPECT_GT(more.dram.embodied, less.dram.embodied);
  EXPECT_GT(idlePower(more), idlePower(less));
}

TEST(DirectionsTest, AccumulatorRows) {
  Machine less = edgeMachine({1, 128, 16}), more = less;
  less.array.accumulatorRows = 16;
  Figures a = figures(less, kVision), b = figures(more, kVision);
  EXPECT_LT(b.cycles, a.cycles); // fewer chunks reload the stationary operand
  EXPECT_LT(b.energy.local, a.energy.local);
  EXPECT_GT(b.area, a.area);
}

TEST(DirectionsTest, OutputRows) {
  // Rows of results beyond those that legality asks for only cost.
  Machine less = edgeMachine({1, 128, 16}), more = less;
  more.array.outputRows = 64;
  EXPECT_EQ(figures(more, kVision).cycles, figures(less, kVision).cycles);
  EXPECT_GT(figures(more, kVision).area, figures(less, kVision).area);
  less.array.outputRows = 4;
  EXPECT_TRUE(checkMachine(less));
}

TEST(DirectionsTest, Requantizers) {
  Machine less = edgeMachine({1, 128, 16}), more = less;
  less.array.macsPerRequantizer = 1024;
  expectFasterAndLarger(less, more);
}

TEST(DirectionsTest, ArrayStyle) {
  // Sums take D + W - 1 cycles through a grid, and few through trees; its cells and skew cost area.
  Machine grid = edgeMachine({1, 128, 16}), tree = grid;
  grid.array.style = ArrayStyle::Systolic;
  grid.array.outputRows = 256;
  Figures a = figures(grid, kVision), b = figures(tree, kVision);
  EXPECT_LT(b.cycles, a.cycles);
  EXPECT_LT(b.area, a.area);
}

TEST(DirectionsTest, VectorLanes) {
  Machine less = edgeMachine({1, 128, 16}), more = less;
  less.vector.lanes = 8;
  expectFasterAndLarger(less, more);
}

TEST(DirectionsTest, SramTechnology) {
  Machine standby = edgeMachine({1, 128, 16}), fast = standby;
  // catlib/memory.cat: sram_22nm_lop.
  for (Memory *memory : {&fast.local, &fast.global}) {
    memory->technology.leakage = WattsPerByte(6.8 * kMilli / kMi);
    for (JoulesPerByte &energy : memory->technology.readEnergy)
      energy *= 0.566;
  }
  EXPECT_LT(EnergyRates(fast).globalReadByte, EnergyRates(standby).globalReadByte);
  EXPECT_GT(idlePower(fast), idlePower(standby));
}

} // namespace
