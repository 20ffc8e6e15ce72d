//===- TensorBuilder.h - linalg on tensors of known shape -------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The few computations on statically shaped float32 tensors that the ops of the nn dialect are
// made of. Results are new values; operands must have the shapes stated.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_CONVERSION_NNTOLINALG_TENSORBUILDER_H
#define CATC_CONVERSION_NNTOLINALG_TENSORBUILDER_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace cat {

/// Which dimensions of the iteration space an operand has, in order: all of them, all but the last,
/// the last alone, or none.
enum class Along { All, Rows, Last, None };

/// An operand of an elementwise computation or a reduction.
struct Operand {
  mlir::Value value;
  Along along = Along::All;
};

class TensorBuilder {
public:
  TensorBuilder(mlir::OpBuilder &builder, mlir::Location loc) : b(builder), loc(loc) {}

  /// Computes a scalar from one element of each operand.
  using Scalar =
      llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::ValueRange)>;

  static llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) {
    return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
  }

  /// A float32 constant.
  mlir::Value constant(double value);

  /// `body` of the operands' elements, for every element of `shape`.
  mlir::Value map(llvm::ArrayRef<Operand> operands, llvm::ArrayRef<int64_t> shape, Scalar body);

  /// Reduces the last dimension of `shape`: `body` gets the operands' elements and, last, what has
  /// been accumulated, which begins as `identity`.
  mlir::Value reduceRows(llvm::ArrayRef<Operand> operands, llvm::ArrayRef<int64_t> shape,
                         double identity, Scalar body);
  /// Sums of the rows.
  mlir::Value sumRows(mlir::Value x);
  /// Softmax over the last dimension, the maximum subtracted first.
  mlir::Value softmaxRows(mlir::Value x);

  /// lhs [m, k] times rhs [k, n], added to `init` [m, n], or to zero where it is null.
  mlir::Value matmul(mlir::Value lhs, mlir::Value rhs, mlir::Value init = {});
  /// lhs [batch, m, k] times rhs [batch, k, n].
  mlir::Value batchMatmul(mlir::Value lhs, mlir::Value rhs);

  /// The dimensions of the result are those of `x` in the order `permutation`.
  mlir::Value transpose(mlir::Value x, llvm::ArrayRef<int64_t> permutation);
  /// The same elements in row-major order; one shape must refine the other.
  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<int64_t> shape);
  /// The part of `x` at `offset` of one dimension, which is dropped.
  mlir::Value slice(mlir::Value x, int64_t dimension, int64_t offset);
  /// [a, c, ...] and [a, d, ...] to [a, c + d, ...].
  mlir::Value concatenate(mlir::Value first, mlir::Value second);
  /// Row `ids[i]` of `table` for every index i of `ids`, an integer tensor.
  mlir::Value gather(mlir::Value table, mlir::Value ids);
  /// The token of x [n, tokens, width] at the first largest of ids [n, tokens], for each n.
  mlir::Value takeAtLargest(mlir::Value x, mlir::Value ids);

private:
  mlir::Value empty(llvm::ArrayRef<int64_t> shape, mlir::Type element);
  mlir::Value filled(llvm::ArrayRef<int64_t> shape, mlir::TypedAttr value);
  mlir::Value zeros(llvm::ArrayRef<int64_t> shape) { return filled(shape, b.getF32FloatAttr(0)); }

  mlir::OpBuilder &b;
  mlir::Location loc;
};

} // namespace cat

#endif // CATC_CONVERSION_NNTOLINALG_TENSORBUILDER_H
