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
#include "mlir/IR/OpDefinition.h"

namespace cat {
/// The value of a parameter by name, in base units (an index for a categorical), or nothing.
using ParameterLookup = llvm::function_ref<std::optional<double>(llvm::StringRef)>;
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

} // namespace cat

#endif // CATC_INTERFACES_CATINTERFACES_H
