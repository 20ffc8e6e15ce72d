//===- Passes.h - Cost annotations ------------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_ANALYSIS_PASSES_H
#define CATC_ANALYSIS_PASSES_H

#include "Accel/Accel.h"
#include "Space/Space.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace cat {

#define GEN_PASS_DECL
#include "Analysis/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "Analysis/Passes.h.inc"

} // namespace cat

#endif // CATC_ANALYSIS_PASSES_H
