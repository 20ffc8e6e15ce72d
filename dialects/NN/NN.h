//===- NN.h - The nn dialect ------------------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_NN_NN_H
#define CATC_NN_NN_H

#include "Interfaces/CatInterfaces.h"
#include "Space/Space.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "NN/NNDialect.h.inc"

#define GET_OP_CLASSES
#include "NN/NNOps.h.inc"

namespace cat::nn {

/// Recomputes the result types of every op below `root` (a model or segment) in program order,
/// after attributes have changed. Fails, with an error at the op, if sizes contradict each other.
llvm::LogicalResult refineTypes(mlir::Operation *root);

} // namespace cat::nn

#endif // CATC_NN_NN_H
