//===- Energy.h - Joules for each counted event -----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A machine's energy per event, looked up once. cost::energy and the mapper's tie-break apply the
// same rates in the same order, so they agree bit for bit.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_ENERGY_H
#define CATC_COST_ENERGY_H

#include "Cost/Cost.h"

namespace cat::cost {

/// Energy of one event of each kind, joules per count.
struct EnergyRates {
  Joules mac, accumulatorByte, arrayCycle, vectorOperation, requantization;
  Joules localReadByte, localWriteByte, globalReadByte, globalWriteByte, dramByte;

  explicit EnergyRates(const Machine &machine);

  /// The dynamic part of the breakdown; leakage and dramActive are left zero.
  EnergyBreakdown dynamic(const EventCounts &counts) const {
    auto times = [](Joules rate, int64_t count) { return rate * static_cast<double>(count); };
    EnergyBreakdown e;
    e.mac = times(mac, counts.macs);
    e.accumulator = times(accumulatorByte, counts.accumulatorBytes) +
                    times(requantization, counts.requantizations);
    e.clock = times(arrayCycle, counts.arrayCycles);
    e.vector = times(vectorOperation, counts.vectorOperations);
    e.local =
        times(localReadByte, counts.localReadBytes) + times(localWriteByte, counts.localWriteBytes);
    e.global = times(globalReadByte, counts.globalReadBytes) +
               times(globalWriteByte, counts.globalWriteBytes);
    e.dram = times(dramByte, counts.dramReadBytes + counts.dramWriteBytes);
    return e;
  }
};

/// Energy per byte of a memory of one port, by capacity and word width (see SramTechnology).
JoulesPerByte readEnergy(const SramTechnology &technology, int64_t capacity, int64_t wordBytes);
JoulesPerByte writeEnergy(const SramTechnology &technology, int64_t capacity, int64_t wordBytes);

/// Leakage of the on-chip memories and logic.
Watts leakagePower(const Machine &machine);

} // namespace cat::cost

#endif // CATC_COST_ENERGY_H
