//===- FuseDrain.cpp - Elementwise operators in a GEMM's drain ------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Transforms/Passes.h"

namespace cat {
#define GEN_PASS_DEF_FUSEDRAIN
#include "Transforms/Passes.h.inc"
} // namespace cat

using namespace mlir;
using namespace cat;

namespace {

/// True if the drain path can run the op: a table, or an addition.
bool isElementwise(accel::VectorOp op) {
  cost::VectorFunction function = op.getOperator().vector.function;
  return function == cost::VectorFunction::Pointwise || function == cost::VectorFunction::Add;
}

/// True if the drain of `gemm` has room for `op`: one table, then one residual of the result's
/// size.
bool hasRoom(accel::GemmOp gemm, accel::VectorOp op) {
  if (op.getOperator().vector.function == cost::VectorFunction::Pointwise)
    return gemm.getDrainPasses() == 0 && op.getNumOperands() == 1;
  return gemm.getResiduals().empty() && op.getNumOperands() == 2 &&
         op.getOperand(0) != op.getOperand(1) && llvm::all_of(op.getOperands(), [&](Value operand) {
           return cast<RankedTensorType>(operand.getType()).getNumElements() ==
                  gemm.getGemm().results();
         });
}

/// The GEMM whose drain can do `op`, or null. Its result must be used by `op` alone and have as
/// many elements.
accel::GemmOp findProducer(accel::VectorOp op) {
  for (Value operand : op.getOperands()) {
    auto gemm = operand.getDefiningOp<accel::GemmOp>();
    if (gemm && gemm->getBlock() == op->getBlock() && operand.hasOneUse() &&
        gemm.getResult().getType() == op.getResult().getType() && hasRoom(gemm, op))
      return gemm;
  }
  return {};
}

struct FuseDrainPass : cat::impl::FuseDrainBase<FuseDrainPass> {
  using Base::Base;
  void runOnOperation() override {
    SmallVector<accel::VectorOp> candidates;
    getOperation().walk([&](accel::VectorOp op) {
      if (isElementwise(op))
        candidates.push_back(op);
    });
    for (accel::VectorOp op : candidates)
      if (accel::GemmOp gemm = findProducer(op))
        fuse(gemm, op);
  }

private:
  static void fuse(accel::GemmOp gemm, accel::VectorOp op) {
    SmallVector<Value> residuals;
    for (Value operand : op.getOperands())
      if (operand.getDefiningOp() != gemm)
        residuals.push_back(operand);
    // Residuals must be available where the GEMM stands: it moves down to the operator it absorbs.
    gemm->moveBefore(op);
    gemm.getResidualsMutable().append(residuals);
    gemm.setDrainPasses(gemm.getDrainPasses() + 1);
    op.replaceAllUsesWith(gemm.getResult());
    op.erase();
  }
};

} // namespace
