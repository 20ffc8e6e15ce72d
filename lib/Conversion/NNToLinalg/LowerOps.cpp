//===- LowerOps.cpp - Ops of the nn dialect as linalg ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/NNToLinalg/LowerOps.h"
#include "Conversion/NNToLinalg/TensorBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace cat;

static ArrayRef<int64_t> shapeOf(Value value) { return TensorBuilder::shapeOf(value); }

/// The value of a size, which the pass has found to be bound.
static int64_t bound(Attribute attr) { return *getBoundInteger(attr); }

static Value add(TensorBuilder &t, Operand lhs, Operand rhs) {
  return t.map({lhs, rhs}, shapeOf(lhs.value),
               [](OpBuilder &b, Location loc, ValueRange v) -> Value {
                 return arith::AddFOp::create(b, loc, v[0], v[1]);
               });
}

/// x [..., in] times a weight of [out, in], or of [in, out] with `inputMajor`, plus a bias [out] if
/// there is one. The weight is brought into the order in which a matrix product reads rows.
static Value linear(TensorBuilder &t, Value x, Value weight, Value bias, bool inputMajor) {
  SmallVector<int64_t> shape(shapeOf(x));
  int64_t in = shape.back(), rows = 1;
  for (int64_t extent : ArrayRef<int64_t>(shape).drop_back())
    rows *= extent;
  if (!inputMajor)
    weight = t.transpose(weight, {1, 0});
  int64_t out = shapeOf(weight)[1];
  Value init;
  if (bias)
    init = t.map({{bias, Along::Last}}, {rows, out},
                 [](OpBuilder &, Location, ValueRange v) -> Value { return v[0]; });
  shape.back() = out;
  return t.reshape(t.matmul(t.reshape(x, {rows, in}), weight, init), shape);
}

//===----------------------------------------------------------------------===//
// Embeddings
//===----------------------------------------------------------------------===//

/// The kernel does not overlap itself: every patch is a row of a matrix.
static Value lower(TensorBuilder &t, nn::PatchEmbedOp op, ValueRange x, ValueRange w) {
  ArrayRef<int64_t> image = shapeOf(x[0]);
  int64_t n = image[0], channels = image[1], patch = bound(op.getPatch());
  int64_t down = image[2] / patch, across = image[3] / patch;
  int64_t width = shapeOf(w[0])[0], taps = channels * patch * patch;
  Value patches = t.reshape(x[0], {n, channels, down, patch, across, patch});
  patches = t.transpose(patches, {0, 2, 4, 1, 3, 5});
  patches = t.reshape(patches, {n, down * across, taps});
  return linear(t, patches, t.reshape(w[0], {width, taps}), {}, /*inputMajor=*/false);
}

static Value lower(TensorBuilder &t, nn::TokenEmbedOp, ValueRange x, ValueRange w) {
  return t.gather(w[0], x[0]);
}

static Value lower(TensorBuilder &t, nn::ClassTokenOp, ValueRange x, ValueRange w) {
  ArrayRef<int64_t> shape = shapeOf(x[0]);
  Value token = t.map({{w[0], Along::Last}}, {shape[0], 1, shape[2]},
                      [](OpBuilder &, Location, ValueRange v) -> Value { return v[0]; });
  return t.concatenate(token, x[0]);
}

static Value lower(TensorBuilder &t, nn::PositionEmbedOp, ValueRange x, ValueRange w) {
  ArrayRef<int64_t> shape = shapeOf(x[0]);
  // One row per batch entry, so that the table is the last dimension of all.
  int64_t table = shape[1] * shape[2];
  Value sum = add(t, {t.reshape(x[0], {shape[0], table})}, {t.reshape(w[0], {table}), Along::Last});
  return t.reshape(sum, shape);
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

static Value lower(TensorBuilder &t, nn::LayerNormOp op, ValueRange x, ValueRange w) {
  ArrayRef<int64_t> shape = shapeOf(x[0]);
  Value count = t.constant(static_cast<double>(shape.back()));
  Value epsilon = t.constant(op.getEpsilon().convertToDouble());
  ArrayRef<int64_t> rows = shape.drop_back();
  Value mean =
      t.map({{t.sumRows(x[0])}}, rows, [&](OpBuilder &b, Location loc, ValueRange v) -> Value {
        return arith::DivFOp::create(b, loc, v[0], count);
      });
  Value squares = t.reduceRows({{x[0]}, {mean, Along::Rows}}, shape, 0,
                               [](OpBuilder &b, Location loc, ValueRange v) -> Value {
                                 Value off = arith::SubFOp::create(b, loc, v[0], v[1]);
                                 Value square = arith::MulFOp::create(b, loc, off, off);
                                 return arith::AddFOp::create(b, loc, square, v[2]);
                               });
  Value inverse = t.map({{squares}}, rows, [&](OpBuilder &b, Location loc, ValueRange v) -> Value {
    Value variance = arith::DivFOp::create(b, loc, v[0], count);
    return math::RsqrtOp::create(b, loc, arith::AddFOp::create(b, loc, variance, epsilon));
  });
  return t.map({{x[0]},
                {mean, Along::Rows},
                {inverse, Along::Rows},
                {w[0], Along::Last},
                {w[1], Along::Last}},
               shape, [](OpBuilder &b, Location loc, ValueRange v) -> Value {
                 Value off = arith::SubFOp::create(b, loc, v[0], v[1]);
                 Value unit = arith::MulFOp::create(b, loc, off, v[2]);
                 Value scaled = arith::MulFOp::create(b, loc, unit, v[3]);
                 return arith::AddFOp::create(b, loc, scaled, v[4]);
               });
}

static Value lower(TensorBuilder &t, nn::LinearOp op, ValueRange x, ValueRange w) {
  return linear(t, x[0], w[0], op.getBias() ? w[1] : Value(), op.getInputMajor());
}

/// Scores of every pair of tokens by 1 / sqrt(head_dim), those of later tokens out of the way if
/// the op is causal.
static Value scaleScores(TensorBuilder &t, nn::AttentionOp op, Value scores) {
  Value scale = t.constant(1 / std::sqrt(static_cast<double>(bound(op.getHeadDim()))));
  Value never = t.constant(-std::numeric_limits<double>::infinity());
  return t.map({{scores}}, shapeOf(scores), [&](OpBuilder &b, Location loc, ValueRange v) -> Value {
    Value scaled = arith::MulFOp::create(b, loc, v[0], scale);
    if (!op.getCausal())
      return scaled;
    Value query = linalg::IndexOp::create(b, loc, 1), key = linalg::IndexOp::create(b, loc, 2);
    Value later = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ugt, key, query);
    return arith::SelectOp::create(b, loc, later, never, scaled);
  });
}

static Value lower(TensorBuilder &t, nn::AttentionOp op, ValueRange x, ValueRange) {
  ArrayRef<int64_t> shape = shapeOf(x[0]);
  int64_t n = shape[0], tokens = shape[1], heads = bound(op.getHeads());
  int64_t dim = bound(op.getHeadDim());
  Value qkv = t.reshape(x[0], {n, tokens, 3, heads, dim});
  // Q, K or V as one matrix for each head of each batch entry, with `order` of (n, tokens, heads,
  // dim).
  auto part = [&](int64_t index, ArrayRef<int64_t> order) {
    Value matrices = t.transpose(t.slice(qkv, 2, index), order);
    ArrayRef<int64_t> extents = shapeOf(matrices);
    return t.reshape(matrices, {n * heads, extents[2], extents[3]});
  };
  Value query = part(0, {0, 2, 1, 3}), key = part(1, {0, 2, 3, 1}), value = part(2, {0, 2, 1, 3});
  Value weights = t.softmaxRows(scaleScores(t, op, t.batchMatmul(query, key)));
  Value mixed = t.reshape(t.batchMatmul(weights, value), {n, heads, tokens, dim});
  return t.reshape(t.transpose(mixed, {0, 2, 1, 3}), {n, tokens, heads * dim});
}

static Value lower(TensorBuilder &t, nn::PointwiseOp op, ValueRange x, ValueRange) {
  Value one = t.constant(1);
  if (op.getFunction() == "quick_gelu") {
    Value slope = t.constant(-1.702);
    return t.map({{x[0]}}, shapeOf(x[0]), [&](OpBuilder &b, Location loc, ValueRange v) -> Value {
      Value power =
          math::ExpOp::create(b, loc, arith::MulFOp::create(b, loc, v[0], slope).getResult());
      return arith::DivFOp::create(b, loc, v[0], arith::AddFOp::create(b, loc, power, one));
    });
  }
  Value half = t.constant(0.5), root = t.constant(std::sqrt(0.5));
  return t.map({{x[0]}}, shapeOf(x[0]), [&](OpBuilder &b, Location loc, ValueRange v) -> Value {
    Value erf = math::ErfOp::create(b, loc, arith::MulFOp::create(b, loc, v[0], root).getResult());
    Value twice = arith::AddFOp::create(b, loc, erf, one);
    Value halved = arith::MulFOp::create(b, loc, v[0], half);
    return arith::MulFOp::create(b, loc, halved, twice);
  });
}

static Value lower(TensorBuilder &t, nn::AddOp, ValueRange x, ValueRange) {
  return add(t, {x[0]}, {x[1]});
}

static Value lower(TensorBuilder &t, nn::PoolOp op, ValueRange x, ValueRange) {
  return op.getIds() ? t.takeAtLargest(x[0], x[1]) : t.slice(x[0], 1, 0);
}

/// A row of zeros stays zero: lengths below 1e-12 count as 1e-12 (as in torch.nn.functional).
static Value lower(TensorBuilder &t, nn::NormalizeOp, ValueRange x, ValueRange) {
  ArrayRef<int64_t> shape = shapeOf(x[0]);
  Value squares =
      t.reduceRows({{x[0]}}, shape, 0, [](OpBuilder &b, Location loc, ValueRange v) -> Value {
        Value square = arith::MulFOp::create(b, loc, v[0], v[0]);
        return arith::AddFOp::create(b, loc, square, v[1]);
      });
  Value least = t.constant(1e-12);
  Value length =
      t.map({{squares}}, shape.drop_back(), [&](OpBuilder &b, Location loc, ValueRange v) -> Value {
        return arith::MaximumFOp::create(b, loc, math::SqrtOp::create(b, loc, v[0]).getResult(),
                                         least);
      });
  return t.map({{x[0]}, {length, Along::Rows}}, shape,
               [](OpBuilder &b, Location loc, ValueRange v) -> Value {
                 return arith::DivFOp::create(b, loc, v[0], v[1]);
               });
}

static Value lower(TensorBuilder &t, nn::SimilarityOp, ValueRange x, ValueRange w) {
  Value products = t.matmul(x[0], t.transpose(x[1], {1, 0}));
  Value scale =
      t.map({{w[0], Along::None}}, {}, [](OpBuilder &b, Location loc, ValueRange v) -> Value {
        return math::ExpOp::create(b, loc, v[0]);
      });
  return t.map({{products}, {scale, Along::None}}, shapeOf(products),
               [](OpBuilder &b, Location loc, ValueRange v) -> Value {
                 return arith::MulFOp::create(b, loc, v[0], v[1]);
               });
}

FailureOr<Value> cat::lowerToLinalg(OpBuilder &builder, Operation &op, ValueRange operands,
                                    ValueRange weights) {
  TensorBuilder t(builder, op.getLoc());
  return llvm::TypeSwitch<Operation *, FailureOr<Value>>(&op)
      .Case<nn::PatchEmbedOp, nn::TokenEmbedOp, nn::ClassTokenOp, nn::PositionEmbedOp,
            nn::LayerNormOp, nn::LinearOp, nn::AttentionOp, nn::PointwiseOp, nn::AddOp, nn::PoolOp,
            nn::NormalizeOp, nn::SimilarityOp>(
          [&](auto known) -> FailureOr<Value> { return lower(t, known, operands, weights); })
      .Default([](Operation *other) -> FailureOr<Value> {
        return other->emitOpError("has no lowering to linalg");
      });
}
