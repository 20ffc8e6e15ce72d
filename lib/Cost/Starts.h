//===- Starts.h - What the machine is started for ---------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One execution of an operator as the register block sees it. Its cycles are the sum of those of
// its starts, which run one after the other.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_STARTS_H
#define CATC_COST_STARTS_H

#include "Cost/Hardware.h"
#include <variant>
#include <vector>

namespace cat::cost {

struct Machine;
struct Vector;

/// What the register block is told.
using Descriptor = std::variant<GemmDescriptor, VectorDescriptor, CopyDescriptor>;

/// Equal starts of one execution.
struct Starts {
  Descriptor what;
  int64_t times = 0;
};

/// Those of an operator of the vector unit that the machine can run; those of a GEMM are
/// GemmModel::starts.
std::vector<Starts> vectorStarts(const Machine &machine, const Vector &vector);

} // namespace cat::cost

#endif // CATC_COST_STARTS_H
