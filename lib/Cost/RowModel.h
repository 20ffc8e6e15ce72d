//===- RowModel.h - Cycles of an operator, row by row -----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The same cycles that the register block of hw/rtl counts between start and done, as recurrences
// over words, rows and tiles: max of what an event waits for, plus constants. O(rows). The closed
// form (ClosedForm.h) approximates it; test/integration/rtl-random.test holds it equal to
// simulation.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_ROWMODEL_H
#define CATC_COST_ROWMODEL_H

#include "Cost/GemmPlan.h"
#include "Cost/Hardware.h"

namespace cat::cost {

/// Cycles from start to done of a GEMM that checkGemm accepts.
int64_t rowExactCycles(const HardwareParameters &hardware, const GemmDescriptor &gemm);

/// Cycles from start to done of an operator of the vector unit.
int64_t rowExactCycles(const HardwareParameters &hardware, const VectorDescriptor &vector);

/// Cycles from start to done of a transfer.
int64_t rowExactCycles(const HardwareParameters &hardware, const CopyDescriptor &copy);

} // namespace cat::cost

#endif // CATC_COST_ROWMODEL_H
