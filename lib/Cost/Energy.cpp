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

/// Energy of a byte of a word of `bytes`, relative to the table's: an access costs in proportion to
/// its bytes and a constant.
double widthFactor(const SramTechnology &t, double bytes) {
  return (1 + t.accessOverhead / bytes) / (1 + t.accessOverhead / static_cast<double>(t.baseWidth));
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

/// A byte of the local SRAM: two rings of half its capacity with a port to fill and one to read,
/// one of D-byte words and one of W-byte words. As much passes through one as through the other.
JoulesPerByte localEnergy(const Machine &machine, const std::vector<JoulesPerByte> &table) {
  const SramTechnology &t = machine.local.technology;
  if (machine.areaModel == AreaModel::CATransformers) // one memory of one word
    return lookUp(t, table, machine.local.capacity);
  auto factor = [&](int64_t elements) {
    return widthFactor(t, static_cast<double>(elements * machine.elementBytes));
  };
  double words = (factor(machine.array.depth) + factor(machine.array.width)) / 2;
  return lookUp(t, table, machine.local.capacity / 2) * (words * t.portEnergy);
}

Watts sramLeakage(const Memory &memory) {
  return memory.technology.leakage * Bytes(static_cast<double>(memory.capacity * memory.instances));
}

} // namespace

JoulesPerByte cost::readEnergy(const SramTechnology &t, int64_t capacity, int64_t wordBytes) {
  return lookUp(t, t.readEnergy, capacity) * widthFactor(t, static_cast<double>(wordBytes));
}

JoulesPerByte cost::writeEnergy(const SramTechnology &t, int64_t capacity, int64_t wordBytes) {
  return lookUp(t, t.writeEnergy, capacity) * widthFactor(t, static_cast<double>(wordBytes));
}

EnergyRates::EnergyRates(const Machine &machine) {
  auto byte = [](JoulesPerByte energy) { return energy * Bytes(1); };
  const Memory &global = machine.global;
  mac = machine.array.macEnergy;
  accumulatorByte = byte(machine.array.accumulatorEnergy);
  arrayCycle = machine.array.clockEnergy * static_cast<double>(machine.macSlots());
  vectorOperation = machine.vector.operationEnergy;
  localReadByte = byte(localEnergy(machine, machine.local.technology.readEnergy));
  localWriteByte = byte(localEnergy(machine, machine.local.technology.writeEnergy));
  globalReadByte = byte(readEnergy(global.technology, global.capacity, global.bytesPerCycle) +
                        machine.linkEnergy);
  globalWriteByte = byte(writeEnergy(global.technology, global.capacity, global.bytesPerCycle) +
                         machine.linkEnergy);
  requantization = machine.array.requantizeEnergy;
  dramByte = byte(machine.dram.energy);
}

Watts cost::leakagePower(const Machine &machine) {
  AreaBreakdown a = area(machine);
  SquareMillimetres logic =
      a.array + a.accumulators + a.requantizers + a.vector + a.links + a.other;
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
