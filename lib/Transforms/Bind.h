//===- Bind.h - Values for search parameters --------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TRANSFORMS_BIND_H
#define CATC_TRANSFORMS_BIND_H

#include "Space/Space.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

namespace cat {

/// Module attribute that keeps the values bound so far, by parameter name.
inline constexpr llvm::StringLiteral kPointAttrName = "space.point";

/// A unit in base units, or an error if there is no such unit or it is not of the dimension wanted.
using UnitReader = llvm::function_ref<llvm::Expected<double>(llvm::StringRef unit)>;

/// Index in the parameter's domain of a value as people write it: a number in the parameter's unit
/// ("64"), with that unit ("64KiB", "64 KiB") or with one that `readUnit` knows ("65536 B"), or a
/// category's name. The error says what the domain is.
llvm::Expected<int64_t> parseDomainValue(space::ParamOp param, llvm::StringRef text,
                                         UnitReader readUnit = nullptr);

/// How a domain's value is written, with its unit: "64 KiB", "lpddr4x".
std::string formatDomainValue(space::ParamOp param, int64_t index);

/// The domain as people write it: "6..12", "{64, 128} KiB".
std::string formatDomain(space::ParamOp param);

/// Replaces references to the given parameters everywhere below `root` and re-infers types. Does
/// not touch space.param ops.
llvm::LogicalResult substitute(mlir::Operation *root,
                               const llvm::StringMap<mlir::Attribute> &values);

/// Binds parameters of a module to values of their domains: substitutes, erases their space.param
/// and records the values in `space.point`. Unknown names and values outside the domain are errors.
llvm::LogicalResult bind(mlir::ModuleOp module, const llvm::StringMap<mlir::Attribute> &values);

} // namespace cat

#endif // CATC_TRANSFORMS_BIND_H
