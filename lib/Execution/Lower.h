//===- Lower.h - From tensor programs to LLVM's dialect ---------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EXECUTION_LOWER_H
#define CATC_EXECUTION_LOWER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"

namespace cat::execution {

/// Registers what lowering needs: the dialects on the way, how their ops become buffers, and the
/// translation to LLVM IR.
void registerDialects(mlir::DialectRegistry &registry);

/// Lowers a module of functions on statically shaped tensors to LLVM's dialect, in place. A
/// function gets a buffer parameter for each result, after its own; the caller owns all buffers,
/// and only those of results are written. Emits an error and fails for what cannot be lowered.
llvm::LogicalResult lowerToLLVM(mlir::ModuleOp module);

} // namespace cat::execution

#endif // CATC_EXECUTION_LOWER_H
