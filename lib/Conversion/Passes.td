//===- Passes.td - Conversions between dialects ------------*- tablegen -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_CONVERSION_PASSES_TD
#define CATC_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertNNToAccel : Pass<"convert-nn-to-accel", "::mlir::ModuleOp"> {
  let summary = "Lower nn.model to accel.workload";
  let description = [{
    Every op of the graph becomes the operators that do its work: attention a
    GEMM for the scores of each head, a softmax and a GEMM with the values; a
    patch embedding the load of the image and one GEMM over all patches. Tensor
    elements become integers of the machine's precision (8 bits where it is not
    bound). All sizes must be bound.

    ```mlir
    %1 = nn.linear %0 {features = 3072, bias, weight = "fc"} : tensor<1x197x768xf32> -> tensor<1x197x3072xf32>
    // becomes
    %1 = accel.gemm %0 {m = 197, n = 3072, k = 768, batch = 1, parameters = 2362368, weight = "fc", ...}
    ```
    Tested by test/Conversion/nn-to-accel.mlir.
  }];
  let dependentDialects = ["::cat::accel::AccelDialect"];
}

def ConvertNNToLinalg : Pass<"convert-nn-to-linalg", "::mlir::ModuleOp"> {
  let summary = "Lower nn.model to a function on tensors";
  let description = [{
    A model becomes a function that takes the model's inputs and its learned
    tensors, marked `nn.input` and `nn.weight` with their names (of a
    checkpoint's keys, as WeightsOpInterface has them), and returns the value of
    every segment, marked `nn.output`. Where ids index a table, `nn.limit` says
    what they must stay below. All sizes must be bound and `nn.repeat` unrolled.

    ```mlir
    %1 = nn.linear %0 {features = 3072, weight = "fc"} : tensor<197x768xf32> -> tensor<197x3072xf32>
    // becomes, %w being the argument {nn.weight = "fc.weight"}
    %t = linalg.transpose ins(%w : tensor<3072x768xf32>) outs(...) permutation = [1, 0]
    %1 = linalg.matmul ins(%0, %t : tensor<197x768xf32>, tensor<768x3072xf32>) outs(...)
    ```
    Tested by test/Conversion/nn-to-linalg.mlir.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"
  ];
}

def ConvertMatmulToVector : Pass<"convert-matmul-to-vector"> {
  let summary = "Make matrix products of buffers loops of fused multiply-adds on vectors";
  let description = [{
    Products (linalg.matmul, linalg.batch_matmul) of float32 buffers of known
    shape with contiguous rows are computed block by block of `rows` x 2 `lanes`
    elements, which stay in registers. Others are left alone. Tested by
    test/Conversion/matmul-to-vector.mlir.
  }];
  let options = [
    Option<"rows", "rows", "int64_t", "6", "Rows of a block; with 2 vectors a row and 3 more, they fill 16 registers">,
    Option<"lanes", "lanes", "int64_t", "8", "Elements of a vector, a power of two">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
}

#endif // CATC_CONVERSION_PASSES_TD
