//===- Space.h - The space dialect ------------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SPACE_SPACE_H
#define CATC_SPACE_SPACE_H

#include "Interfaces/CatInterfaces.h"
#include "Support/Expr.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/Hashing.h"

namespace cat {
inline llvm::hash_code hash_value(ExprOp op) { return llvm::hash_value(static_cast<unsigned>(op)); }
} // namespace cat

#include "Space/SpaceDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "Space/SpaceAttrs.h.inc"

#define GET_OP_CLASSES
#include "Space/SpaceOps.h.inc"

namespace cat::space {

/// Rewrites a symbolic value as a plain expression. `symbol` numbers references and metrics
/// (negative: unknown, which fails). Integers and reals become constants.
std::optional<Expr> toExpr(mlir::Attribute value,
                           llvm::function_ref<int32_t(mlir::Attribute)> symbol);

} // namespace cat::space

#endif // CATC_SPACE_SPACE_H
