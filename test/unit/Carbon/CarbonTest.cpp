//===- CarbonTest.cpp - Published values of embodied carbon -----*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Carbon/Carbon.h"
#include "Cost/Machines.h"
#include "Cost/Workloads.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace cat;
using namespace cat::carbon;
using namespace cat::cost::test;

namespace {

constexpr double kGramsPerKWh = 1e-3 / 3.6e6, kGramsPerCm2 = 1e-3 / 100, kKWhPerCm2 = 3.6e6 / 100;

/// ACT's 22 nm row at 95 % abatement, CATransformers' fixed yield.
Deployment act22(double fabGramsPerKWh = 642) {
  Deployment d;
  d.node.name = "act_22nm_gpa95";
  d.node.energyPerArea = JoulesPerSquareMillimetre(1.077 * kKWhPerCm2);
  d.node.gasPerArea = KilogramsCO2ePerSquareMillimetre(188.28 * kGramsPerCm2);
  d.node.materialPerArea = KilogramsCO2ePerSquareMillimetre(500 * kGramsPerCm2);
  d.fab = CarbonIntensity(fabGramsPerKWh * kGramsPerKWh);
  d.grid = CarbonIntensity(224 * kGramsPerKWh);
  d.yield.fixed = d.dramYield = 0.875;
  d.packages = 0;
  d.lifetime = Seconds(3 * 365 * 86400.0);
  d.inferences = 23.65e6;
  return d;
}

double gramsPerCm2(const Deployment &d) {
  return carbonPerArea(d).value() / kGramsPerCm2 / dieYield(d.yield, SquareMillimetres(1));
}

cost::EventCounts vitB16(const cost::Machine &machine) {
  return countProgram(machine, tower(kVitB16Vision)).value() +
         countProgram(machine, tower(kVitB16Text)).value();
}

TEST(CarbonTest, CarbonPerAreaEqualsAct) {
  const std::pair<double, double> rows[] = {
      {642, 1576.82}, {583, 1504.20}, {524, 1431.57}, {369, 1240.79}, {7.3, 795.59}};
  for (auto [fab, expected] : rows)
    EXPECT_NEAR(gramsPerCm2(act22(fab)), expected, 0.005) << fab;
}

TEST(CarbonTest, DiesAndDramEqualCATransformers) {
  Deployment d = act22();
  // Point E of the published space, and its smallest design.
  EmbodiedBreakdown largest = embodied(d, caTransformersMachine({4, 256, 16, 8, 1024, 128}));
  EXPECT_NEAR(largest.die.value() * 1e3, 504.4, 0.05);
  EXPECT_NEAR((carbonPerArea(d) * SquareMillimetres(3.71) / 0.875).value() * 1e3, 58.5, 0.05);
  EmbodiedBreakdown a = embodied(d, caTransformersMachine({1, 32, 32, 2, 64, 32}));
  EXPECT_NEAR(a.die.value() * 1e3, 58.6, 0.05);
  EXPECT_NEAR(a.dram.value() * 1e3, 210.29, 0.005);
  EXPECT_EQ(a.package.value(), 0);
  EXPECT_DOUBLE_EQ(a.total().value(), a.die.value() + a.dram.value());
}

TEST(CarbonTest, NegativeBinomialYieldEqualsEcoChip) {
  Yield yield;
  yield.model = YieldModel::NegativeBinomial;
  yield.defectDensity = PerSquareMillimetre(0.08 / 100);
  EXPECT_NEAR(dieYield(yield, SquareMillimetres(32)), 0.975, 0.0005);
  EXPECT_EQ(dieYield(yield, SquareMillimetres(0)), 1);
  EXPECT_LT(dieYield(yield, SquareMillimetres(300)), dieYield(yield, SquareMillimetres(100)));
  // As alpha grows, Poisson's exp(-A D0).
  yield.alpha = 1e9;
  EXPECT_NEAR(dieYield(yield, SquareMillimetres(100)), std::exp(-0.08), 1e-6);
}

TEST(CarbonTest, WaferEdgeCostsArea) {
  Deployment d = act22();
  const SquareMillimetres die(100);
  EXPECT_EQ(chargedArea(d, die), die);
  d.wafer = Millimetres(300);
  // pi 300 (300/400 - 1/sqrt(200)) = 640.22 dies.
  EXPECT_NEAR(chargedArea(d, die).value(), M_PI * 300 * 300 / 4 / 640.22, 0.01);
  d.wafer = Millimetres(200);
  SquareMillimetres smaller = chargedArea(d, die);
  d.wafer = Millimetres(300);
  EXPECT_GT(smaller, chargedArea(d, die));
  // A die as large as the wafer is charged for the wafer, never less.
  EXPECT_GE(chargedArea(d, SquareMillimetres(60000)).value(), 60000);
}

TEST(CarbonTest, PackagesAndDesignAdd) {
  cost::Machine machine = edgeMachine();
  Deployment d = act22();
  KilogramsCO2e bare = embodied(d, machine).total();
  d.package = KilogramsCO2e(0.150);
  d.packages = 2;
  d.design = KilogramsCO2e(0.058);
  EXPECT_NEAR((embodied(d, machine).total() - bare).value(), 0.358, 1e-12);
}

// 12 kWh at 224 gCO2e/kWh and 1 kg, shared by a thousand devices.
TEST(CarbonTest, DevicesShareTheTraining) {
  cost::Machine machine = edgeMachine();
  Deployment d = act22();
  Metrics without = metrics(d, machine, vitB16(machine));
  d.trainingEnergy = Joules(12 * 3.6e6);
  d.training = KilogramsCO2e(1);
  d.devices = 1000;
  EXPECT_NEAR(embodied(d, machine).training.value(), (12 * 0.224 + 1) / 1000, 1e-15);
  Metrics with = metrics(d, machine, vitB16(machine));
  EXPECT_NEAR((with.embodied - without.embodied).value(), (12 * 0.224 + 1) / 1000, 1e-12);
  EXPECT_NEAR((with.carbon - without.carbon).value(), (12 * 0.224 + 1) / 1000, 1e-12);
  EXPECT_EQ(with.operational, without.operational);
  d.devices = 0;
  EXPECT_EQ(checkDeployment(d), "training is shared by at least one device");
}

TEST(CarbonTest, OperationalIsAffineInTheCounts) {
  cost::Machine machine = edgeMachine({1, 256, 8, 2, 64, 128});
  Deployment d = act22();
  cost::EventCounts one = vitB16(machine), none;
  auto total = [&](const cost::EventCounts &c) {
    return operational(d, machine, c).total().value();
  };
  double slope = total(one) - total(none);
  for (int64_t n : {2, 3, 7})
    EXPECT_NEAR(total(one * n), total(none) + static_cast<double>(n) * slope, 1e-12);
  // Without work, only idle power over the whole lifetime remains.
  EXPECT_NEAR(total(none), (cost::idlePower(machine) * d.lifetime * d.grid).value(), 1e-15);
}

TEST(CarbonTest, MetricsAreTheSumOfTheirParts) {
  cost::Machine machine = edgeMachine({2, 64, 16, 4, 128, 64});
  Deployment d = act22();
  cost::EventCounts counts = vitB16(machine);
  Metrics m = metrics(d, machine, counts);
  EXPECT_EQ(m.latency, cost::latency(machine, counts));
  EXPECT_EQ(m.energy, cost::energy(machine, counts).total());
  EXPECT_EQ(m.area, cost::area(machine).total());
  EXPECT_EQ(m.embodied, embodied(d, machine).total());
  EXPECT_EQ(m.operational, operational(d, machine, counts).total());
  EXPECT_EQ(m.carbon, m.embodied + m.operational);
  Seconds idle = d.lifetime - m.latency * d.inferences;
  KilogramsCO2e expected = (m.energy * d.inferences + cost::idlePower(machine) * idle) * d.grid;
  EXPECT_NEAR(m.operational.value(), expected.value(), 1e-12);
  EXPECT_DOUBLE_EQ(m.peak.value(), 2 * 2 * 64 * 16 * 625e6);
}

TEST(CarbonTest, SramCellTypeDecidesIdleCarbon) {
  // CACTI: 0.063 kWh (low standby power) against 33.6 kWh (high performance) over three years for
  // the same SRAM.
  cost::Machine slow = edgeMachine();
  cost::Machine fast = slow;
  fast.global.technology.leakage = fast.local.technology.leakage = WattsPerByte(0.080 / kMi);
  Deployment d = act22();
  KilogramsCO2e low = operational(d, slow, {}).idle, high = operational(d, fast, {}).idle;
  EXPECT_GT(high.value(), 10 * low.value());
  d.chargeIdle = false;
  EXPECT_EQ(operational(d, fast, {}).idle.value(), 0);
}

TEST(CarbonTest, RefusesWhatCannotBeCosted) {
  EXPECT_FALSE(checkDeployment(act22()));
  auto refused = [](auto change) {
    Deployment d = act22();
    change(d);
    return checkDeployment(d).has_value();
  };
  EXPECT_TRUE(refused([](Deployment &d) { d.yield.fixed = 0; }));
  EXPECT_TRUE(refused([](Deployment &d) { d.yield.fixed = 1.01; }));
  EXPECT_TRUE(refused([](Deployment &d) { d.dramYield = 0; }));
  EXPECT_TRUE(refused([](Deployment &d) { d.fab = CarbonIntensity(-1); }));
  EXPECT_TRUE(refused([](Deployment &d) { d.lifetime = Seconds(0); }));
  EXPECT_TRUE(refused([](Deployment &d) { d.inferences = std::nan(""); }));
  EXPECT_TRUE(refused([](Deployment &d) { d.packages = -1; }));
  EXPECT_TRUE(refused([](Deployment &d) {
    d.yield.model = YieldModel::NegativeBinomial;
    d.yield.alpha = 0;
  }));
}

} // namespace
