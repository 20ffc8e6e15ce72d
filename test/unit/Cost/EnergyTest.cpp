//===- EnergyTest.cpp - Constants applied once to counts --------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost/Energy.h"
#include "Machines.h"
#include "References.h"
#include "Workloads.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace cat;
using namespace cat::cost;
using namespace cat::cost::test;

namespace {

double picojoulesPerByte(JoulesPerByte energy) { return energy.value() * 1e12; }

TEST(EnergyTest, EachCountIsChargedAtItsRate) {
  Machine m = edgeMachine({2, 64, 16, 2, 256, 32});
  EventCounts c;
  c.cycles = 1000, c.macs = 2000, c.accumulatorBytes = 3000;
  c.localReadBytes = 400, c.localWriteBytes = 500, c.globalReadBytes = 600,
  c.globalWriteBytes = 700;
  c.dramReadBytes = 80, c.dramWriteBytes = 90;
  c.vectorOperations = 10, c.arrayCycles = 900, c.requantizations = 20;
  EnergyBreakdown e = energy(m, c);
  EXPECT_NEAR(e.mac.value() * 1e12, 2000 * 0.197, 1e-9);
  EXPECT_NEAR(e.accumulator.value() * 1e12, 3000 * 0.53 + 20 * 0.68, 1e-9);
  EXPECT_NEAR(e.clock.value() * 1e12, 900 * 2 * 64 * 16 * 0.05, 1e-6);
  EXPECT_NEAR(e.vector.value() * 1e12, 10 * 0.62, 1e-9);
  // Halves of 128 KiB with words of 16 and 64 bytes, two ports.
  double words = ((1 + 3.7 / 16) + (1 + 3.7 / 64)) / 2 / (1 + 3.7 / 32);
  double read = (0.5058 + 1.0230) / 2, write = (0.5824 + 1.0722) / 2;
  EXPECT_NEAR(e.local.value() * 1e12, (400 * read + 500 * write) * words * 2.32, 1e-6);
  double word = (1 + 3.7 / 128) / (1 + 3.7 / 32);
  EXPECT_NEAR(e.global.value() * 1e12, (600 * 2.964 + 700 * 2.989) * word + 1300 * 0.4,
              1e-6); // and the link
  EXPECT_NEAR(e.dram.value() * 1e12, 170 * 64.0, 1e-6);
  EXPECT_NEAR(e.dramActive.value(), 0.050 * 1000 / 625e6, 1e-15);
  EXPECT_NEAR(e.leakage.value(), leakagePower(m).value() * 1000 / 625e6, 1e-15);
  EXPECT_DOUBLE_EQ(latency(m, c).value(), 1000 / 625e6);
  EXPECT_DOUBLE_EQ(e.total().value(), (e.mac + e.accumulator + e.clock + e.vector + e.local +
                                       e.global + e.dram + e.leakage + e.dramActive)
                                          .value());
}

TEST(EnergyTest, LinearInTheCounts) {
  Machine m = edgeMachine({1, 128, 8, 4, 128, 64});
  EventCounts a = countProgram(m, tower(kVitB16Text)).value(),
              b = countProgram(m, tower(kVitB16Vision)).value();
  double sum = energy(m, a).total().value() + energy(m, b).total().value();
  EXPECT_NEAR(energy(m, a + b).total().value(), sum, sum * 1e-12);
  EXPECT_NEAR(energy(m, a * 5).total().value(), 5 * energy(m, a).total().value(), sum * 1e-12);
  EXPECT_EQ(energy(m, {}).total().value(), 0);
}

TEST(EnergyTest, LeakageAndIdlePowerFollowTheTechnology) {
  Machine m = edgeMachine({1, 32, 32, 2, 64, 32});
  AreaBreakdown a = area(m);
  double logic = (a.array + a.accumulators + a.requantizers + a.vector + a.links + a.other).value();
  double expected = 0.15e-3 * (2 + 1.0 / 16) + 0.2e-3 * logic;
  EXPECT_NEAR(leakagePower(m).value(), expected, 1e-12);
  EXPECT_NEAR(idlePower(m).value(), expected + 1.5e-3, 1e-12);
  m.idleLeakageShare = 0.05;
  EXPECT_NEAR(idlePower(m).value(), 0.05 * expected + 1.5e-3, 1e-12);
}

TEST(EnergyTest, SramEnergyInterpolatesAndExtrapolates) {
  const SramTechnology technology = sram22nmLstp();
  auto read = [&](int64_t capacity, int64_t word = 32) {
    return picojoulesPerByte(readEnergy(technology, capacity, word));
  };
  EXPECT_NEAR(read(64 * kKi), 0.5058, 1e-12);
  EXPECT_NEAR(read(128 * kKi), (0.5058 + 1.0230) / 2, 1e-12);
  EXPECT_NEAR(read(8 * kMi), 6.023, 1e-12);
  // Beyond the ends, the log-log slope of the nearest pair.
  EXPECT_NEAR(read(16 * kKi), 0.5058 * 0.5058 / 1.0230, 1e-12);
  EXPECT_NEAR(read(32 * kMi), 6.023 * (6.023 / 2.964), 1e-9);
  // A word of B bytes: B + 3.7 bytes' worth.
  EXPECT_NEAR(read(64 * kKi, 128) * 128, 0.5058 * 32 * (128 + 3.7) / (32 + 3.7), 1e-9);
}

TEST(EnergyTest, TableEqualsCacti) {
  CATC_READ_REFERENCE(rows, readJsonRecords, "cost/cacti7_22nm_sram.json");
  const SramTechnology technology = sram22nmLstp();
  int compared = 0;
  for (const Record &row : rows) {
    // One port, low standby power cells, to 1 MiB: beyond, the table is an estimate.
    if (row.integer("rw_ports") != 1 || row.text("cell") != "as-is" || row.integer("bytes") > kMi)
      continue;
    const int64_t word = row.integer("block_B"), bytes = row.integer("bytes");
    const double reference = row.number("read_nJ") * 1000 / static_cast<double>(word);
    const double read = picojoulesPerByte(readEnergy(technology, bytes, word));
    if (word == technology.baseWidth) {
      EXPECT_NEAR(read, reference, 1e-3);
      EXPECT_NEAR(picojoulesPerByte(writeEnergy(technology, bytes, word)),
                  row.number("write_nJ") * 1000 / static_cast<double>(word), 1e-3);
    } else {
      EXPECT_NEAR(read / reference, 1, 0.05); // the fit of the access overhead
    }
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

TEST(EnergyTest, CATransformersTableEqualsAccelergy) {
  CATC_READ_REFERENCE(rows, readJsonRecords, "cost/accelergy_cat_22nm.json");
  Machine machine = caTransformersMachine();
  const SramTechnology &technology = machine.local.technology;
  int compared = 0;
  for (const Record &row : rows) {
    const std::string &name = row.text("name");
    if (name == "mac") {
      EXPECT_DOUBLE_EQ(machine.array.macEnergy.value() * 1e12, row.number("energy_pJ"));
    }
    if (name.compare(0, 3, "L2_") != 0 && name.compare(0, 4, "GLB_") != 0)
      continue;
    int64_t size = std::stoll(name.substr(name.find('_') + 1));
    int64_t bytes = size * (name.back() == 'K' ? kKi : kMi);
    EXPECT_NEAR(picojoulesPerByte(readEnergy(technology, bytes, 4)) * 4,
                row.number("read_pJ_per_32b"), 1e-9)
        << name;
    EXPECT_NEAR(picojoulesPerByte(writeEnergy(technology, bytes, 4)) * 4,
                row.number("write_pJ_per_32b"), 1e-9)
        << name;
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

} // namespace
