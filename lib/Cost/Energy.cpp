//===- Energy.cpp - Energy, latency and idle power --------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost/Energy.h"
#include <cmath>

using namespace cat;
using namespace cat::cost;

namespace {

/// Relative increase for a word of `memory`'s width over the table's.
double widthFactor(const Memory &memory, double perDoubling) {
  if (memory.bytesPerCycle == memory.technology.baseWidth)
    return 1;
  double doublings =
      std::log2(static_cast<double>(memory.bytesPerCycle) / memory.technology.baseWidth);
  return 1 + perDoubling * doublings;
}

/// Table lookup over capacity: linear in log2(capacity) between points; beyond the ends along the
/// log-log slope of the nearest pair, the shape that CACTI's energies follow (about capacity^0.5).
JoulesPerByte lookUp(const SramTechnology &t, const std::vector<JoulesPerByte> &table,
                     int64_t capacity) {
  if (table.size() == 1)
    return table[0];
  size_t hi = 1;
  while (hi + 1 < table.size() && t.capacities[hi] < capacity)
    ++hi;
  if (capacity == t.capacities[hi])
    return table[hi];
  double x0 = static_cast<double>(t.capacities[hi - 1]), x1 = static_cast<double>(t.capacities[hi]);
  double position = std::log2(static_cast<double>(capacity) / x0) / std::log2(x1 / x0);
  JoulesPerByte y0 = table[hi - 1], y1 = table[hi];
  if (position < 0 || position > 1)
    return y0 * std::pow(y1.value() / y0.value(), position);
  return y0 + (y1 - y0) * position;
}

Watts sramLeakage(const Memory &memory) {
  return memory.technology.leakage * Bytes(static_cast<double>(memory.capacity * memory.instances));
}

} // namespace

JoulesPerByte cost::readEnergy(const Memory &memory) {
  const SramTechnology &t = memory.technology;
  return lookUp(t, t.readEnergy, memory.capacity) * widthFactor(memory, t.energyPerDoubling);
}

JoulesPerByte cost::writeEnergy(const Memory &memory) {
  const SramTechnology &t = memory.technology;
  return lookUp(t, t.writeEnergy, memory.capacity) * widthFactor(memory, t.energyPerDoubling);
}

EnergyRates::EnergyRates(const Machine &machine) {
  auto byte = [](JoulesPerByte energy) { return energy * Bytes(1); };
  mac = machine.array.macEnergy;
  accumulatorByte = byte(machine.array.accumulatorEnergy);
  arrayCycle = machine.array.clockEnergy * static_cast<double>(machine.macSlots());
  vectorOperation = machine.vector.operationEnergy;
  localReadByte = byte(readEnergy(machine.local));
  localWriteByte = byte(writeEnergy(machine.local));
  globalReadByte = byte(readEnergy(machine.global));
  globalWriteByte = byte(writeEnergy(machine.global));
  dramByte = byte(machine.dram.energy);
}

Watts cost::leakagePower(const Machine &machine) {
  AreaBreakdown a = area(machine);
  SquareMillimetres logic = a.array + a.accumulators + a.requantizers + a.vector + a.other;
  return sramLeakage(machine.local) + sramLeakage(machine.global) + machine.logicLeakage * logic;
}

EnergyBreakdown cost::energy(const Machine &machine, const EventCounts &counts) {
  EnergyBreakdown e = EnergyRates(machine).dynamic(counts);
  Seconds elapsed = latency(machine, counts);
  e.leakage = leakagePower(machine) * elapsed;
  e.dramActive = machine.dram.activePower * elapsed;
  return e;
}

Seconds cost::latency(const Machine &machine, const EventCounts &counts) {
  return Seconds(static_cast<double>(counts.cycles) / machine.clock.value());
}

Watts cost::idlePower(const Machine &machine) {
  return leakagePower(machine) * machine.idleLeakageShare + machine.dram.idlePower;
}
