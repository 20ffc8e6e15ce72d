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

/// What the processor does at once.
struct Processor {
  /// Elements of a float32 vector that it multiplies and adds in one instruction; 0 if it has no
  /// such instruction.
  int64_t lanes = 0;

  /// The one that this runs on.
  static Processor host();
};

/// Lowers a module of functions on statically shaped tensors to LLVM's dialect, in place. A
/// function then takes the addresses of buffers, of its parameters and, after them, of its results;
/// the caller owns all buffers, and only those of results are written. Emits an error and fails for
/// what cannot be lowered.
llvm::LogicalResult lowerToLLVM(mlir::ModuleOp module, const Processor &processor);

} // namespace cat::execution

#endif // CATC_EXECUTION_LOWER_H
