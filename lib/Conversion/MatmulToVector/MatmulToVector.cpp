//===- MatmulToVector.cpp - Matrix products in registers ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With 2 rows and vectors of 4,
//
//   linalg.matmul ins(%a, %b : memref<2x9xf32>, memref<9x8xf32>) outs(%c : memref<2x8xf32>)
//
// becomes
//
//   scf.for %j = 0 to 8 step 8
//     scf.for %i = 0 to 2 step 2
//       %00 = vector.load %c[%i, %j] : vector<4xf32>      // and 3 more
//       %r:4 = scf.for %k = 0 to 9 step 1 iter_args(%s00 = %00, ...)
//         %b0 = vector.load %b[%k, %j] : vector<4xf32>    // and %b1
//         %a0 = vector.broadcast (memref.load %a[%i, %k]) // and %a1
//         %t00 = vector.fma %a0, %b0, %s00                // and 3 more
//         scf.yield %t00, ...
//       vector.store %r#0, %c[%i, %j]                     // and 3 more
//
// so that a block of the result stays in registers while it grows, and the columns of the second
// operand that it reads stay in a near cache from one block to the next (Goto and van de Geijn,
// "Anatomy of High-Performance Matrix Multiplication", 2008). Rows and columns that are left over
// are blocks of their own, smaller.
//
// Tested by test/Conversion/matmul-to-vector.mlir.
//
//===----------------------------------------------------------------------===//

#include "Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace cat {
#define GEN_PASS_DEF_CONVERTMATMULTOVECTOR
#include "Conversion/Passes.h.inc"
} // namespace cat

using namespace mlir;
using namespace cat;

namespace {

/// A stretch of one dimension, walked in equal steps.
struct Stretch {
  int64_t begin, end, step;
};

class MatmulBuilder {
public:
  MatmulBuilder(linalg::LinalgOp op, int64_t rows, int64_t lanes)
      : b(op), loc(op.getLoc()), lhs(op->getOperand(0)), rhs(op->getOperand(1)),
        result(op->getOperand(2)), rows(rows), lanes(lanes) {}

  void build() {
    ArrayRef<int64_t> shape = shapeOf(result);
    if (shape.size() == 2)
      return buildMatrix();
    loop({0, shape[0], 1}, [&](Value index) {
      batch = index;
      buildMatrix();
    });
  }

  static ArrayRef<int64_t> shapeOf(Value value) {
    return cast<MemRefType>(value.getType()).getShape();
  }

private:
  /// Steps of `step` as far as they go, then what is left: halves of `step` where it must be so, or
  /// all at once.
  static SmallVector<Stretch> divide(int64_t extent, int64_t step, bool halves) {
    SmallVector<Stretch> stretches;
    for (int64_t begin = 0; begin < extent;) {
      while (step > extent - begin)
        step = halves ? step / 2 : extent - begin;
      int64_t end = extent - (extent - begin) % step;
      stretches.push_back({begin, end, step});
      begin = end;
    }
    return stretches;
  }

  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }

  /// The position `offset` beyond `base`.
  Value at(Value base, int64_t offset) {
    return offset ? arith::AddIOp::create(b, loc, base, index(offset)).getResult() : base;
  }

  SmallVector<Value, 3> indices(Value row, Value column) const {
    return batch ? SmallVector<Value, 3>{batch, row, column} : SmallVector<Value, 3>{row, column};
  }

  void loop(Stretch stretch, function_ref<void(Value)> body) {
    auto loop =
        scf::ForOp::create(b, loc, index(stretch.begin), index(stretch.end), index(stretch.step));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar());
  }

  void buildMatrix() {
    ArrayRef<int64_t> shape = shapeOf(result).take_back(2);
    for (Stretch columns : divide(shape[1], 2 * lanes, /*halves=*/true))
      loop(columns, [&](Value column) {
        for (Stretch block : divide(shape[0], rows, /*halves=*/false))
          loop(block, [&](Value row) { buildBlock(row, block.step, column, columns.step); });
      });
  }

  /// `height` x `width` elements of the result, from (row, column) on.
  void buildBlock(Value row, int64_t height, Value column, int64_t width) {
    int64_t lanesUsed = std::min(width, lanes), vectors = width / lanesUsed;
    auto type = VectorType::get(lanesUsed, b.getF32Type());
    SmallVector<Value> sums;
    for (int64_t r = 0; r < height; ++r)
      for (int64_t v = 0; v < vectors; ++v)
        sums.push_back(vector::LoadOp::create(b, loc, type, result,
                                              indices(at(row, r), at(column, v * lanesUsed))));
    int64_t depth = shapeOf(lhs).back();
    auto grow = [&](OpBuilder &, Location, Value k, ValueRange carried) {
      SmallVector<Value> right, next;
      for (int64_t v = 0; v < vectors; ++v)
        right.push_back(
            vector::LoadOp::create(b, loc, type, rhs, indices(k, at(column, v * lanesUsed))));
      for (int64_t r = 0; r < height; ++r) {
        Value left = memref::LoadOp::create(b, loc, lhs, indices(at(row, r), k));
        left = vector::BroadcastOp::create(b, loc, type, left);
        for (int64_t v = 0; v < vectors; ++v)
          next.push_back(vector::FMAOp::create(b, loc, left, right[v], carried[r * vectors + v]));
      }
      scf::YieldOp::create(b, loc, next);
    };
    auto loop = scf::ForOp::create(b, loc, index(0), index(depth), index(1), sums);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      grow(b, loc, loop.getInductionVar(), loop.getRegionIterArgs());
    }
    for (int64_t r = 0; r < height; ++r)
      for (int64_t v = 0; v < vectors; ++v)
        vector::StoreOp::create(b, loc, loop.getResult(r * vectors + v), result,
                                indices(at(row, r), at(column, v * lanesUsed)));
  }

  OpBuilder b;
  Location loc;
  Value lhs, rhs, result, batch;
  int64_t rows, lanes;
};

struct ConvertMatmulToVector : cat::impl::ConvertMatmulToVectorBase<ConvertMatmulToVector> {
  using Base::Base;
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> products;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (isProduct(op))
        products.push_back(op);
    });
    for (linalg::LinalgOp op : products) {
      MatmulBuilder(op, rows, lanes).build();
      op->erase();
    }
  }

private:
  /// True for plain products of float32 buffers of known shape whose rows are contiguous.
  static bool isProduct(linalg::LinalgOp op) {
    auto matmul = dyn_cast<linalg::MatmulOp>(op.getOperation());
    auto batched = dyn_cast<linalg::BatchMatmulOp>(op.getOperation());
    if ((!matmul && !batched) || (matmul && matmul.hasUserDefinedMaps()) ||
        (batched && batched.hasUserDefinedMaps()))
      return false;
    return llvm::all_of(op->getOperandTypes(), [](Type type) {
      auto buffer = dyn_cast<MemRefType>(type);
      return buffer && buffer.hasStaticShape() && buffer.getElementType().isF32() &&
             buffer.isLastDimUnitStride();
    });
  }
};

} // namespace
