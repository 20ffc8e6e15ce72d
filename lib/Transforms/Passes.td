//===- Passes.td - Transformations -------------------------*- tablegen -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TRANSFORMS_PASSES_TD
#define CATC_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def Bind : Pass<"bind", "::mlir::ModuleOp"> {
  let summary = "Give search parameters their values";
  let description = [{
    Replaces `#space.ref` of the named parameters by values, folds expressions,
    re-infers tensor types, and erases the bound `space.param` ops. May be
    partial. The values are kept in the module's `space.point`. A value outside
    its parameter's domain is an error.

    ```mlir
    // bind{at=m.text.ffn=1024}
    space.param @m.text.ffn in #space.range<1024 to 2048 step 256>
    %1 = nn.linear %0 {features = #space.ref<"m.text.ffn">, ...} : tensor<1x77x512xf32> -> tensor<1x77x?xf32>
    // becomes
    %1 = nn.linear %0 {features = 1024 : i64, ...} : tensor<1x77x512xf32> -> tensor<1x77x1024xf32>
    ```
    Tested by test/Transforms/bind.mlir.
  }];
  let options = [
    ListOption<"at", "at", "std::string",
               "NAME=VALUE; a bare number takes the parameter's unit">
  ];
}

def VerifyBound : Pass<"verify-bound", "::mlir::ModuleOp"> {
  let summary = "Reject modules in which a parameter is left";
  let description = [{
    Fails, naming every unbound parameter once, if any attribute still refers to
    a search parameter. Tested by test/Transforms/verify-bound.mlir.
  }];
}

def UnrollRepeat : Pass<"unroll-repeat", "::mlir::ModuleOp"> {
  let summary = "Make the layers of nn.repeat explicit";
  let description = [{
    Copies the body once for each layer, with `{layer}` in weight names replaced
    by the layer's index in the unpruned model. Tested by
    test/Transforms/unroll-repeat.mlir.
  }];
}

def FuseDrain : Pass<"fuse-drain", "::mlir::ModuleOp"> {
  let summary = "Let a GEMM's drain do the elementwise operator that follows it";
  let description = [{
    An elementwise `accel.vector` (a pointwise function or a residual addition)
    whose operand is a GEMM's result, used nowhere else, becomes a pass over the
    elements as they leave the accumulators. The drain path has one table and,
    after it, one adder: what does not fit them stays an operator.

    ```mlir
    %1 = accel.gemm %0 {...}
    %2 = accel.vector %1, %x {function = "add", ...}
    // becomes
    %2 = accel.gemm %0 residual %x {drain_passes = 1, ...}
    ```
    Tested by test/Transforms/fuse-drain.mlir.
  }];
}

def PlanBuffers : Pass<"plan-buffers", "::mlir::ModuleOp"> {
  let summary = "Count what stays in the global buffer during each GEMM";
  let description = [{
    Sets `live_elements` of every GEMM: elements of the values that are live
    while it runs, beside what it reads and writes itself. Values that lie in
    DRAM do not count. Tested by test/Transforms/plan-buffers.mlir.
  }];
}

def MapGemms : Pass<"map", "::mlir::ModuleOp"> {
  let summary = "Choose the tiling of every GEMM on the machine";
  let description = [{
    Sets `mapping` to the legal mapping with the least (cycles, energy, tile
    order) on the module's machine, which must be bound. Tested by
    test/Transforms/map.mlir.
  }];
  let options = [
    Option<"machineName", "machine", "std::string", "\"\"",
           "Symbol of the machine; the module's only machine by default">
  ];
}

def Schedule : Pass<"schedule", "::mlir::ModuleOp"> {
  let summary = "Order the programs of a workload";
  let description = [{
    Programs run one after the other, operators within a program too, and no
    value stays on chip between stages but through the global buffer: the
    composition is `serial`, every count adds. Sets `stage`. A better schedule
    needs hardware that performs it. Tested by test/Transforms/schedule.mlir.
  }];
}

def OutlineKernels : Pass<"outline-kernels", "::mlir::ModuleOp"> {
  let summary = "Make each distinct linalg op on buffers a function";
  let description = [{
    Equal kernels share one function, so that a model of many layers is compiled
    for its few kinds of kernels: optimising one function with all of them takes
    time that grows faster than their number. Constants belong to the kernel.
    Ops on tensors are left alone. Tested by test/Transforms/outline-kernels.mlir.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

def TileTransposes : Pass<"tile-transposes"> {
  let summary = "Transpose buffers of matrices block by block";
  let description = [{
    A linalg.transpose that exchanges the dimensions of a buffer of known shape
    becomes loops over square blocks, which fit into the nearest cache with both
    of their sides. Smaller matrices are left alone. Tested by
    test/Transforms/tile-transposes.mlir.
  }];
  let options = [
    Option<"size", "size", "int64_t", "16", "Rows and columns of a block; 16 float32 are a cache line">
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"
  ];
}

#endif // CATC_TRANSFORMS_PASSES_TD
