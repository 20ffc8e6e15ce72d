//===- Machines.h - Machines for the cost tests -----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The machines of catlib/edge_npu.cat and catlib/catransformers.cat as plain records, so that the
// layers below the front end are tested without it. The figures and their sources are catlib's.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_COST_MACHINES_H
#define CATC_TEST_UNIT_COST_MACHINES_H

#include "Cost/Machine.h"
#include <vector>

namespace cat::cost::test {

inline constexpr double kMicrometres2 = 1e-6, kPico = 1e-12, kMilli = 1e-3;
inline constexpr int64_t kKi = 1024, kMi = 1024 * 1024;

/// The searched parameters of a weight-stationary edge accelerator.
struct Point {
  int64_t clusters = 1, width = 32, depth = 32, globalMiB = 2, localKiB = 64, localBandwidth = 32;
};

/// catlib/memory.cat: sram_22nm_lstp.
inline SramTechnology sram22nmLstp() {
  SramTechnology t;
  t.name = "sram_22nm_lstp";
  t.capacities = {64 * kKi, 256 * kKi, 1 * kMi, 2 * kMi, 8 * kMi};
  for (double pJ : {0.5058, 1.0230, 2.0790, 2.964, 6.023})
    t.readEnergy.push_back(JoulesPerByte(pJ * kPico));
  for (double pJ : {0.5824, 1.0722, 2.1281, 2.989, 5.895})
    t.writeEnergy.push_back(JoulesPerByte(pJ * kPico));
  t.area.assign(5, SquareMillimetresPerByte(2.25 * kMicrometres2));
  t.leakage = WattsPerByte(0.15 * kMilli / kMi);
  t.baseWidth = 32;
  t.accessOverhead = 3.7;
  t.areaPerWidth = SquareMillimetres(229 * kMicrometres2);
  t.areaPerWord = SquareMillimetres(0.386 * kMicrometres2);
  t.areaPerBank = SquareMillimetres(1152 * kMicrometres2);
  t.portArea = 1.97;
  t.portEnergy = 2.32;
  return t;
}

/// catlib/edge_npu.cat: weight_stationary, with memory.lpddr4x(capacity = 1 GiB).
inline Machine edgeMachine(const Point &p = {}) {
  Machine m;
  m.name = "edge";
  m.clock = Hertz(625e6);
  m.clusters = p.clusters;
  m.array.width = p.width;
  m.array.depth = p.depth;
  m.array.accumulatorRows = 128;
  m.array.outputRows = 32;
  m.array.cellDepths = {2, 4, 8, 16, 32, 64};
  for (double um2 : {254, 274, 280, 288, 291, 294})
    m.array.cellArea.push_back(SquareMillimetres(um2 * kMicrometres2));
  for (double um2 : {320, 333, 346, 360, 372, 386})
    m.array.systolicCellArea.push_back(SquareMillimetres(um2 * kMicrometres2));
  m.array.registerArea = SquareMillimetres(1.66 * kMicrometres2);
  m.array.accumulatorArea = SquareMillimetresPerByte(4.43 * kMicrometres2);
  m.array.accumulatorWidthArea = SquareMillimetres(451 * kMicrometres2);
  m.array.laneArea = SquareMillimetres(586 * kMicrometres2);
  m.array.requantizerArea = SquareMillimetres(3460 * kMicrometres2);
  m.array.fifoArea = SquareMillimetresPerByte(23.6 * kMicrometres2);
  m.array.macEnergy = Joules(0.197 * kPico);
  m.array.accumulatorEnergy = JoulesPerByte(0.53 * kPico);
  m.array.requantizeEnergy = Joules(0.68 * kPico);
  m.array.clockEnergy = Joules(0.05 * kPico);
  m.vector.lanes = 32;
  m.vector.laneArea = SquareMillimetres(7096 * kMicrometres2);
  m.vector.unitArea = SquareMillimetres(10200 * kMicrometres2);
  m.vector.operationEnergy = Joules(0.62 * kPico);
  m.local = {p.localKiB * kKi, p.localBandwidth, p.clusters, sram22nmLstp()};
  m.global = {p.globalMiB * kMi, 128, 1, sram22nmLstp()};
  m.dram.type = "lpddr4x";
  m.dram.capacity = 1024 * kMi;
  m.dram.bandwidth = BytesPerSecond(17.07e9);
  m.dram.efficiency = 0.8;
  m.dram.latencyCycles = 60;
  m.dram.energy = JoulesPerByte(64 * kPico);
  m.dram.activePower = Watts(50 * kMilli);
  m.dram.idlePower = Watts(1.5 * kMilli);
  m.dram.embodied = KilogramsCO2ePerByte(0.048 / 1e9);
  m.otherArea = SquareMillimetres(1);
  m.clusterArea = SquareMillimetres(11600 * kMicrometres2);
  m.wordArea = SquareMillimetres(272 * kMicrometres2);
  m.linkArea = SquareMillimetres(670 * kMicrometres2);
  m.linkEnergy = JoulesPerByte(0.4 * kPico);
  m.logicLeakage = WattsPerSquareMillimetre(0.2 * kMilli);
  return m;
}

/// catlib/catransformers.cat: the published area formula and 1 GB of lpddr3_20nm.
inline Machine caTransformersMachine(const Point &p = {}) {
  Machine m = edgeMachine(p);
  SramTechnology t;
  t.name = "sram_22nm_catransformers";
  const int64_t kib[] = {64, 128, 256, 512, 1024, 2048, 4096, 8192};
  const double um2[] = {105921, 219485, 447768, 815621, 1642130, 3100860, 6207510, 12235100};
  const double read[] = {5.428359,  6.739844,  9.129444,  12.539794,
                         17.421444, 24.296144, 34.338094, 49.079894};
  const double write[] = {5.08094,  6.38374, 8.75605,  11.0719,
                          15.95355, 20.6046, 30.64655, 45.38835};
  for (int i = 0; i != 8; ++i) {
    double bytes = static_cast<double>(kib[i] * kKi);
    t.capacities.push_back(kib[i] * kKi);
    t.area.push_back(SquareMillimetresPerByte(um2[i] * kMicrometres2 / bytes));
    t.readEnergy.push_back(JoulesPerByte(read[i] * kPico / 4));
    t.writeEnergy.push_back(JoulesPerByte(write[i] * kPico / 4));
  }
  m.areaModel = AreaModel::CATransformers;
  m.local.technology = m.global.technology = t;
  m.array.cellDepths = {1};
  m.array.cellArea = {SquareMillimetres(380.19472 * kMicrometres2)};
  m.array.macEnergy = Joules(0.469035 * kPico);
  m.linkEnergy = JoulesPerByte(0);
  m.vector.lanes = p.width;
  m.vector.laneArea = SquareMillimetres(379.977187 * kMicrometres2);
  m.otherArea = SquareMillimetres(0);
  m.dram.type = "lpddr3_20nm";
  m.dram.capacity = 1000000000;
  m.dram.embodied = KilogramsCO2ePerByte(0.184 / 1e9);
  return m;
}

/// The 3,240 points of the published search space.
inline std::vector<Point> publishedSpace() {
  std::vector<Point> points;
  for (int64_t clusters : {1, 2, 4})
    for (int64_t width : {32, 64, 128, 256})
      for (int64_t depth : {2, 4, 8, 16, 32, 64})
        for (int64_t localKiB : {64, 128, 256, 512, 1024})
          for (int64_t bandwidth : {32, 64, 128})
            for (int64_t globalMiB : {2, 4, 8})
              points.push_back({clusters, width, depth, globalMiB, localKiB, bandwidth});
  return points;
}

/// A machine small enough that a few dozen elements must be tiled at both levels.
inline Machine tinyMachine(int64_t clusters, int64_t width, int64_t depth, int64_t accumulatorRows,
                           int64_t localBytes, int64_t globalBytes) {
  Machine m = edgeMachine({clusters, width, depth});
  m.array.accumulatorRows = accumulatorRows;
  m.local.capacity = localBytes;
  m.global.capacity = globalBytes;
  m.dram.latencyCycles = 3;
  return m;
}

} // namespace cat::cost::test

#endif // CATC_TEST_UNIT_COST_MACHINES_H
