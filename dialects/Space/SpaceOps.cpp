//===- SpaceOps.cpp - Operations of the space dialect ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Space/Space.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace cat;
using namespace cat::space;

#include "Space/SpaceDialect.cpp.inc"

#define GET_OP_CLASSES
#include "Space/SpaceOps.cpp.inc"

void SpaceDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "Space/SpaceOps.cpp.inc"
      >();
}

int64_t ParamOp::getCardinality() { return getDomain().getSize(); }

LogicalResult RequireOp::verify() {
  auto expr = dyn_cast<ExprAttr>(getCondition());
  if (auto integer = dyn_cast<IntegerAttr>(getCondition()))
    return integer.getInt() == 0 || integer.getInt() == 1
               ? success()
               : emitOpError("condition must be a truth value");
  if (!expr || !(expr.getOp() == ExprOp::Not ||
                 (expr.getOp() >= ExprOp::LE && expr.getOp() <= ExprOp::HasDivisor)))
    return emitOpError("condition must be a comparison or a logical expression");
  return success();
}

LogicalResult GoalOp::verify() {
  if (!isa<IntegerAttr, FloatAttr, MetricAttr, ParametricAttrInterface>(getValue()))
    return emitOpError("value must be a number or a symbolic value");
  return success();
}
