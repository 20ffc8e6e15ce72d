//===- OutlineKernels.cpp - One function for each distinct kernel ---------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   func.func @m(%a: memref<4xf32>, %b: memref<4xf32>, %c: memref<4xf32>) {
//     linalg.add ins(%a, %b : ...) outs(%c : ...)
//     linalg.add ins(%c, %b : ...) outs(%a : ...)
//     return
//   }
//
// becomes
//
//   func.func private @m_kernel_0(%0: memref<4xf32>, %1: memref<4xf32>, %2: memref<4xf32>) {
//     linalg.add ins(%0, %1 : ...) outs(%2 : ...)
//     return
//   }
//   func.func @m(%a: memref<4xf32>, %b: memref<4xf32>, %c: memref<4xf32>) {
//     call @m_kernel_0(%a, %b, %c)
//     call @m_kernel_0(%c, %b, %a)
//     return
//   }
//
// Tested by test/Transforms/outline-kernels.mlir.
//
//===----------------------------------------------------------------------===//

#include "Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"

namespace cat {
#define GEN_PASS_DEF_OUTLINEKERNELS
#include "Transforms/Passes.h.inc"
} // namespace cat

using namespace mlir;
using namespace cat;

namespace {

struct OutlineKernelsPass : cat::impl::OutlineKernelsBase<OutlineKernelsPass> {
  using Base::Base;
  void runOnOperation() override {
    for (auto function : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      SmallVector<linalg::LinalgOp> kernels;
      function.walk([&](linalg::LinalgOp op) {
        if (op.hasPureBufferSemantics())
          kernels.push_back(op);
      });
      llvm::StringMap<func::FuncOp> known;
      for (linalg::LinalgOp kernel : kernels)
        outline(kernel, function, known);
    }
  }

private:
  static void outline(linalg::LinalgOp kernel, func::FuncOp caller,
                      llvm::StringMap<func::FuncOp> &known) {
    Operation *op = kernel;
    llvm::SetVector<Value> used(op->operand_begin(), op->operand_end());
    getUsedValuesDefinedAbove(op->getRegions(), used);
    // Constants are part of a kernel: it is compiled for them.
    SmallVector<Value> arguments, constants;
    for (Value value : used)
      (matchPattern(value, m_Constant()) ? constants : arguments).push_back(value);

    OpBuilder b(caller);
    Location loc = op->getLoc();
    std::string name = (caller.getSymName() + "_kernel_" + Twine(known.size())).str();
    auto function = func::FuncOp::create(
        b, loc, name, b.getFunctionType(ValueRange(arguments).getTypes(), TypeRange()));
    function.setPrivate();
    function.setNoInline(true);
    Block *body = function.addEntryBlock();
    IRMapping map;
    map.map(arguments, body->getArguments());
    b.setInsertionPointToStart(body);
    for (Value constant : constants)
      b.clone(*constant.getDefiningOp(), map);
    b.clone(*op, map);
    func::ReturnOp::create(b, loc);

    std::string text;
    llvm::raw_string_ostream os(text);
    function.getFunctionType().print(os);
    for (Operation &inner : *body)
      inner.print(os, OpPrintingFlags().useLocalScope());
    auto [it, isNew] = known.try_emplace(text, function);
    if (!isNew)
      function.erase();
    b.setInsertionPoint(op);
    func::CallOp::create(b, loc, it->second, arguments);
    op->erase();
  }
};

} // namespace
