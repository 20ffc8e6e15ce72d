//===- TensorBuilder.cpp - linalg on tensors of known shape ---------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/NNToLinalg/TensorBuilder.h"
#include "Support/Check.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include <limits>

using namespace mlir;
using namespace cat;

static AffineMap mapOf(Along along, unsigned rank, MLIRContext *context) {
  AffineMap all = AffineMap::getMultiDimIdentityMap(rank, context);
  switch (along) {
  case Along::All:
    return all;
  case Along::Rows:
    return AffineMap::get(rank, 0, all.getResults().drop_back(), context);
  case Along::Last:
    return AffineMap::get(rank, 0, all.getResults().take_back(1), context);
  case Along::None:
    return AffineMap::get(rank, 0, context);
  }
  return all;
}

Value TensorBuilder::constant(double value) {
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(static_cast<float>(value)));
}

Value TensorBuilder::empty(ArrayRef<int64_t> shape, Type element) {
  return tensor::EmptyOp::create(b, loc, shape, element);
}

Value TensorBuilder::filled(ArrayRef<int64_t> shape, TypedAttr value) {
  Value scalar = arith::ConstantOp::create(b, loc, value);
  return linalg::FillOp::create(b, loc, scalar, empty(shape, value.getType())).getResult(0);
}

Value TensorBuilder::map(ArrayRef<Operand> operands, ArrayRef<int64_t> shape, Scalar body) {
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (const Operand &operand : operands) {
    inputs.push_back(operand.value);
    maps.push_back(mapOf(operand.along, shape.size(), b.getContext()));
  }
  maps.push_back(mapOf(Along::All, shape.size(), b.getContext()));
  SmallVector<utils::IteratorType> iterators(shape.size(), utils::IteratorType::parallel);
  Value out = empty(shape, b.getF32Type());
  return linalg::GenericOp::create(b, loc, out.getType(), inputs, out, maps, iterators,
                                   [&](OpBuilder &inner, Location at, ValueRange arguments) {
                                     linalg::YieldOp::create(
                                         inner, at, body(inner, at, arguments.drop_back()));
                                   })
      .getResult(0);
}

Value TensorBuilder::reduceRows(ArrayRef<Operand> operands, ArrayRef<int64_t> shape,
                                double identity, Scalar body) {
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (const Operand &operand : operands) {
    inputs.push_back(operand.value);
    maps.push_back(mapOf(operand.along, shape.size(), b.getContext()));
  }
  maps.push_back(mapOf(Along::Rows, shape.size(), b.getContext()));
  SmallVector<utils::IteratorType> iterators(shape.size(), utils::IteratorType::parallel);
  iterators.back() = utils::IteratorType::reduction;
  Value out = filled(shape.drop_back(), b.getF32FloatAttr(static_cast<float>(identity)));
  return linalg::GenericOp::create(b, loc, out.getType(), inputs, out, maps, iterators,
                                   [&](OpBuilder &inner, Location at, ValueRange arguments) {
                                     linalg::YieldOp::create(inner, at, body(inner, at, arguments));
                                   })
      .getResult(0);
}

Value TensorBuilder::sumRows(Value x) {
  return reduceRows({{x}}, shapeOf(x), 0, [](OpBuilder &b, Location loc, ValueRange v) -> Value {
    return arith::AddFOp::create(b, loc, v[0], v[1]);
  });
}

Value TensorBuilder::softmaxRows(Value x) {
  ArrayRef<int64_t> shape = shapeOf(x);
  Value largest = reduceRows({{x}}, shape, -std::numeric_limits<double>::infinity(),
                             [](OpBuilder &b, Location loc, ValueRange v) -> Value {
                               return arith::MaximumFOp::create(b, loc, v[0], v[1]);
                             });
  Value power = map({{x}, {largest, Along::Rows}}, shape,
                    [](OpBuilder &b, Location loc, ValueRange v) -> Value {
                      return math::ExpOp::create(b, loc, arith::SubFOp::create(b, loc, v[0], v[1]));
                    });
  return map({{power}, {sumRows(power), Along::Rows}}, shape,
             [](OpBuilder &b, Location loc, ValueRange v) -> Value {
               return arith::DivFOp::create(b, loc, v[0], v[1]);
             });
}

Value TensorBuilder::matmul(Value lhs, Value rhs, Value init) {
  if (!init)
    init = zeros({shapeOf(lhs)[0], shapeOf(rhs)[1]});
  return linalg::MatmulOp::create(b, loc, ValueRange{lhs, rhs}, init).getResult(0);
}

Value TensorBuilder::batchMatmul(Value lhs, Value rhs) {
  ArrayRef<int64_t> left = shapeOf(lhs);
  Value init = zeros({left[0], left[1], shapeOf(rhs)[2]});
  return linalg::BatchMatmulOp::create(b, loc, ValueRange{lhs, rhs}, init).getResult(0);
}

Value TensorBuilder::transpose(Value x, ArrayRef<int64_t> permutation) {
  SmallVector<int64_t> shape;
  for (int64_t from : permutation)
    shape.push_back(shapeOf(x)[from]);
  return linalg::TransposeOp::create(b, loc, x, empty(shape, b.getF32Type()), permutation)
      ->getResult(0);
}

Value TensorBuilder::reshape(Value x, ArrayRef<int64_t> shape) {
  auto from = cast<RankedTensorType>(x.getType());
  if (from.getShape() == shape)
    return x;
  auto to = RankedTensorType::get(shape, from.getElementType());
  std::optional<SmallVector<ReassociationIndices>> groups =
      getReassociationIndicesForReshape(from, to);
  CATC_CHECK(groups, "neither shape of a reshape refines the other");
  if (to.getRank() > from.getRank())
    return tensor::ExpandShapeOp::create(b, loc, to, x, *groups);
  return tensor::CollapseShapeOp::create(b, loc, to, x, *groups);
}

Value TensorBuilder::slice(Value x, int64_t dimension, int64_t offset) {
  auto from = cast<RankedTensorType>(x.getType());
  SmallVector<OpFoldResult> offsets(from.getRank(), b.getIndexAttr(0)), sizes,
      strides(from.getRank(), b.getIndexAttr(1));
  for (int64_t size : from.getShape())
    sizes.push_back(b.getIndexAttr(size));
  offsets[dimension] = b.getIndexAttr(offset);
  sizes[dimension] = b.getIndexAttr(1);
  SmallVector<int64_t> shape(from.getShape());
  shape.erase(shape.begin() + dimension);
  auto to = RankedTensorType::get(shape, from.getElementType());
  return tensor::ExtractSliceOp::create(b, loc, to, x, offsets, sizes, strides);
}

Value TensorBuilder::concatenate(Value first, Value second) {
  SmallVector<int64_t> shape(shapeOf(first));
  shape[1] += shapeOf(second)[1];
  Value result = empty(shape, b.getF32Type());
  int64_t offset = 0;
  for (Value part : {first, second}) {
    SmallVector<OpFoldResult> offsets(shape.size(), b.getIndexAttr(0)), sizes,
        strides(shape.size(), b.getIndexAttr(1));
    for (int64_t size : shapeOf(part))
      sizes.push_back(b.getIndexAttr(size));
    offsets[1] = b.getIndexAttr(offset);
    result = tensor::InsertSliceOp::create(b, loc, part, result, offsets, sizes, strides);
    offset += shapeOf(part)[1];
  }
  return result;
}

Value TensorBuilder::gather(Value table, Value ids) {
  SmallVector<int64_t> shape(shapeOf(ids));
  shape.push_back(shapeOf(table)[1]);
  return map({{ids, Along::Rows}}, shape, [&](OpBuilder &b, Location loc, ValueRange v) -> Value {
    Value row = arith::IndexCastOp::create(b, loc, b.getIndexType(), v[0]);
    Value column = linalg::IndexOp::create(b, loc, shape.size() - 1);
    return tensor::ExtractOp::create(b, loc, table, ValueRange{row, column});
  });
}

Value TensorBuilder::takeAtLargest(Value x, Value ids) {
  int64_t n = shapeOf(ids)[0];
  auto type = cast<IntegerType>(cast<RankedTensorType>(ids.getType()).getElementType());
  APInt least = APInt::getSignedMinValue(type.getWidth());
  Value largest = filled(n, b.getIntegerAttr(type, least));
  Value place = filled(n, b.getIndexAttr(0));
  AffineMap all = mapOf(Along::All, 2, b.getContext()),
            rows = mapOf(Along::Rows, 2, b.getContext());
  auto search = linalg::GenericOp::create(
      b, loc, TypeRange{largest.getType(), place.getType()}, ids, ValueRange{largest, place},
      ArrayRef<AffineMap>{all, rows, rows},
      ArrayRef<utils::IteratorType>{utils::IteratorType::parallel, utils::IteratorType::reduction},
      [](OpBuilder &b, Location loc, ValueRange v) {
        Value here = linalg::IndexOp::create(b, loc, 1);
        Value larger = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, v[0], v[1]);
        linalg::YieldOp::create(b, loc,
                                ValueRange{arith::SelectOp::create(b, loc, larger, v[0], v[1]),
                                           arith::SelectOp::create(b, loc, larger, here, v[2])});
      });
  return map({{search.getResult(1), Along::Rows}}, {n, shapeOf(x)[2]},
             [&](OpBuilder &b, Location loc, ValueRange v) -> Value {
               Value row = linalg::IndexOp::create(b, loc, 0);
               Value column = linalg::IndexOp::create(b, loc, 1);
               return tensor::ExtractOp::create(b, loc, x, ValueRange{row, v[0], column});
             });
}
