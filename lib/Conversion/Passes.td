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

#endif // CATC_CONVERSION_PASSES_TD
