//===- Timing.h - Cycles of transfers ---------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The conversion of DRAM bytes to accelerator cycles, stated once.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_TIMING_H
#define CATC_COST_TIMING_H

#include "Cost/Machine.h"
#include <cmath>

namespace cat::cost::timing {

/// Accelerator cycles for each byte at the bandwidth that streams reach, reads and writes together.
inline double dramCyclesPerByte(const Machine &machine) {
  return machine.clock.value() / (machine.dram.bandwidth.value() * machine.dram.efficiency);
}

inline int64_t dramCycles(double cyclesPerByte, int64_t bytes) {
  return static_cast<int64_t>(std::ceil(static_cast<double>(bytes) * cyclesPerByte));
}

} // namespace cat::cost::timing

#endif // CATC_COST_TIMING_H
