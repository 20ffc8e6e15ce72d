//===- TileTransposes.cpp - Transpose buffers block by block --------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With a size of 16,
//
//   linalg.transpose ins(%a : memref<64x32xf32>) outs(%b : memref<32x64xf32>) permutation = [1, 0]
//
// becomes
//
//   scf.for %i = 0 to 32 step 16
//     scf.for %j = 0 to 64 step 16
//       %x = memref.subview %a[%j, %i] [16, 16] [1, 1]
//       %y = memref.subview %b[%i, %j] [16, 16] [1, 1]
//       linalg.transpose ins(%x) outs(%y) permutation = [1, 0]
//
// so that each cache line is loaded once, not once for each of its elements.
//
// Tested by test/Transforms/tile-transposes.mlir.
//
//===----------------------------------------------------------------------===//

#include "Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace cat {
#define GEN_PASS_DEF_TILETRANSPOSES
#include "Transforms/Passes.h.inc"
} // namespace cat

using namespace mlir;
using namespace cat;

namespace {

struct TileTransposesPass : cat::impl::TileTransposesBase<TileTransposesPass> {
  using Base::Base;
  void runOnOperation() override {
    SmallVector<linalg::TransposeOp> matrices;
    getOperation()->walk([&](linalg::TransposeOp op) {
      auto type = dyn_cast<MemRefType>(op.getInput().getType());
      if (type && type.hasStaticShape() && type.getRank() == 2 && op.getPermutation()[0] == 1 &&
          llvm::all_of(type.getShape(), [this](int64_t extent) { return extent > size; }))
        matrices.push_back(op);
    });
    linalg::LinalgTilingOptions options;
    options.setTileSizes({size, size});
    IRRewriter rewriter(&getContext());
    for (linalg::TransposeOp op : matrices) {
      rewriter.setInsertionPoint(op);
      if (failed(linalg::tileLinalgOp(rewriter, op, options)))
        return signalPassFailure();
      rewriter.eraseOp(op);
    }
  }
};

} // namespace
