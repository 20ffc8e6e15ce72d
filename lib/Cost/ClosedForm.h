//===- ClosedForm.h - Cycles of an operator in closed form ------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The cycles that search believes: integers, no loop over tiles. docs/hardware.md derives the
// formula; test/integration/rtl-random.test measures its error against the row-exact model
// (RowModel.h), which equals the simulated hardware.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_CLOSEDFORM_H
#define CATC_COST_CLOSEDFORM_H

#include "Cost/GemmPlan.h"
#include "Cost/Hardware.h"

namespace cat::cost {

/// Cycles from start to done of a GEMM that checkGemm accepts.
int64_t gemmCycles(const HardwareParameters &hardware, const GemmDescriptor &gemm);
int64_t gemmCycles(const HardwareParameters &hardware, const GemmDescriptor &gemm,
                   const GemmPlan &plan);

/// Cycles from start to done of an operator of the vector unit.
int64_t vectorCycles(const HardwareParameters &hardware, const VectorDescriptor &vector);

/// Cycles from start to done of a transfer. Exact.
int64_t copyCycles(const HardwareParameters &hardware, const CopyDescriptor &copy);

/// Cycles in which the DRAM port moves `words` words, from the start of the transfer to the last
/// one's arrival.
inline int64_t dramCycles(const HardwareParameters &hardware, int64_t words) {
  return hardware.dramLatency + (words * 65536 + hardware.dramRate - 1) / hardware.dramRate;
}

} // namespace cat::cost

#endif // CATC_COST_CLOSEDFORM_H
