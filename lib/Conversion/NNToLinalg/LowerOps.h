//===- LowerOps.h - Ops of the nn dialect as linalg -------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_CONVERSION_NNTOLINALG_LOWEROPS_H
#define CATC_CONVERSION_NNTOLINALG_LOWEROPS_H

#include "NN/NN.h"

namespace cat {

/// What a bound op that computes a tensor computes, on linalg: `operands` stand for its operands,
/// `weights` for its learned tensors in the order of WeightsOpInterface. Emits an error and fails
/// for an op that has no such lowering.
llvm::FailureOr<mlir::Value> lowerToLinalg(mlir::OpBuilder &builder, mlir::Operation &op,
                                           mlir::ValueRange operands, mlir::ValueRange weights);

} // namespace cat

#endif // CATC_CONVERSION_NNTOLINALG_LOWEROPS_H
