//===- CatInterfaces.h - Interfaces between the dialects --------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_INTERFACES_CATINTERFACES_H
#define CATC_INTERFACES_CATINTERFACES_H

#include "Cost/Cost.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include <string>

namespace cat {
/// The value of a parameter by name, in base units (an index for a categorical), or nothing.
using ParameterLookup = llvm::function_ref<std::optional<double>(llvm::StringRef)>;

/// A learned tensor: its key in a checkpoint, and its type as stored there.
struct WeightTensor {
  std::string name;
  mlir::RankedTensorType type;
};
} // namespace cat

#include "Interfaces/CatAttrInterfaces.h.inc"
#include "Interfaces/CatOpInterfaces.h.inc"

namespace cat {

/// True if the attribute refers, at any depth, to a search parameter.
bool isParametric(mlir::Attribute attr);

/// The integer of a bound size, or nothing while it is parametric.
std::optional<int64_t> getBoundInteger(mlir::Attribute attr);

/// The number (i64 or f64) of a bound quantity, or nothing.
std::optional<double> getBoundNumber(mlir::Attribute attr);

/// The number that a literal or parametric attribute has under `lookup`, or nothing.
std::optional<double> evaluateNumber(mlir::Attribute attr, ParameterLookup lookup);

/// A replacer that substitutes parameters in attributes at any depth (dictionaries, arrays,
/// expressions).
mlir::Attribute substituteParameters(mlir::Attribute attr,
                                     llvm::function_ref<mlir::Attribute(llvm::StringRef)> lookup);

/// Visits the name of every parameter that the attribute refers to, at any depth.
void visitParameters(mlir::Attribute attr, llvm::function_ref<void(llvm::StringRef)> visit);

/// Calls `visit` with every op below `root` that does work, in order, and how often it is executed
/// in one execution of `root`. Emits an error and fails if a loop's count is unbound.
llvm::LogicalResult walkWork(mlir::Operation *root,
                             llvm::function_ref<void(CostOpInterface, int64_t)> visit);

/// Fails unless the region of `op` yields one value of the type of its only result.
llvm::LogicalResult verifyYieldsResult(mlir::Operation *op);

/// Fails unless `op`, which repeats its region `count` times, has a body from the type of its only
/// operand to the same type, and, once the count is bound, as many `kept` indices of layers, if
/// any.
llvm::LogicalResult verifyRepetition(mlir::Operation *op, mlir::Attribute count,
                                     std::optional<llvm::ArrayRef<int64_t>> kept);

} // namespace cat

#endif // CATC_INTERFACES_CATINTERFACES_H
