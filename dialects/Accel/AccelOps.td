//===- AccelOps.td - Mapped programs -----------------------*- tablegen -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_ACCEL_OPS_TD
#define CATC_ACCEL_OPS_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "Accel/AccelMachineOps.td"

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

def Accel_WorkloadOp : Accel_Op<"workload",
    [Symbol, SymbolTable, IsolatedFromAbove, SingleBlock, NoRegionArguments]> {
  let summary = "a model lowered for an accelerator";
  let description = [{
    ```mlir
    accel.workload @clip {
      %t = accel.program @text -> tensor<1x512xi8> { ... }
      accel.return %t : tensor<1x512xi8>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
}

def Accel_ReturnOp : Accel_Op<"return", [Terminator, HasParent<"WorkloadOp">, Pure]> {
  let summary = "outputs of a workload";
  let arguments = (ins Variadic<AnyRankedTensor>:$operands);
  let assemblyFormat = "attr-dict ($operands^ `:` type($operands))?";
}

def Accel_ProgramOp : Accel_Op<"program", [HasParent<"WorkloadOp">, SingleBlock,
    NoRegionArguments, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "the operators of one segment, in execution order";
  let description = [{
    `stage` is set by `schedule`: stages run one after the other.

    ```mlir
    %0 = accel.program @text stage 0 -> tensor<1x512xi8> {
      ...
      accel.yield %9 : tensor<1x512xi8>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, OptionalAttr<I64Attr>:$stage,
                       OptionalAttr<Accel_CountsAttr>:$counts);
  let results = (outs AnyRankedTensor:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name (`stage` $stage^)? attr-dict `->` type($result) $body";
  let hasVerifier = 1;
}

def Accel_LoopOp : Accel_Op<"loop", [SingleBlock, SingleBlockImplicitTerminator<"YieldOp">,
    DeclareOpInterfaceMethods<ExecutionCountOpInterface>]> {
  let summary = "a body executed a number of times, each on the last one's value";
  let arguments = (ins AnyRankedTensor:$init, ParamAttr:$count, OptionalAttr<DenseI64ArrayAttr>:$kept);
  let results = (outs AnyRankedTensor:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $init `times` `(` $count `)` (`kept` $kept^)? attr-dict `:` type($init) `->` type($result) $body
  }];
  let hasVerifier = 1;
}

def Accel_YieldOp : Accel_Op<"yield", [Terminator, ParentOneOf<["ProgramOp", "LoopOp"]>, Pure]> {
  let summary = "the value of a program or loop body";
  let arguments = (ins Variadic<AnyRankedTensor>:$operands);
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
  let assemblyFormat = "attr-dict ($operands^ `:` type($operands))?";
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

/// An operator that does work: annotation passes set `counts` (one execution) and `energy` (J, one execution).
class Accel_CostOp<string mnemonic, list<Trait> traits = []>
    : Accel_Op<mnemonic, !listconcat([DeclareOpInterfaceMethods<CostOpInterface>], traits)> {
  let results = (outs AnyRankedTensor:$result);
}

def Accel_SourceOp : Accel_Op<"source", [Pure]> {
  let summary = "a value that lies in DRAM when the program starts";
  let arguments = (ins StrAttr:$name);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$name attr-dict `:` type($result)";
}

def Accel_ViewOp : Accel_Op<"view", [Pure]> {
  let summary = "part or whole of a value under another shape; moves nothing";
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def Accel_GemmOp : Accel_CostOp<"gemm", [AttrSizedOperandSegments]> {
  let summary = "matrix product on the MAC array";
  let description = [{
    batch x (m x k) * (k x n). The stationary matrix is a parameter in DRAM
    unless an activation is named (K or V of an attention). `drain_passes` counts
    what happens to each result on its way out: at most one pointwise function,
    as a table, and then the addition of at most one residual. `live_elements` is
    what must stay in the global buffer beside the operands and the result.

    ```mlir
    %1 = accel.gemm %0 {m = 197, n = 3072, k = 768, batch = 1, parameters = 2362368, name = "vision.c_fc"}
       : (tensor<1x197x768xi8>) -> tensor<1x197x3072xi8>
    %2 = accel.gemm %q stationary %k {m = 197, n = 197, k = 64, batch = 12, name = "vision.scores"}
       : (tensor<1x197x2304xi8>, tensor<1x197x2304xi8>) -> tensor<12x197x197xi8>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, Optional<AnyRankedTensor>:$stationary,
    Variadic<AnyRankedTensor>:$residuals, StrAttr:$name,
    I64Attr:$m, I64Attr:$n, I64Attr:$k, I64Attr:$batch,
    DefaultValuedAttr<I64Attr, "0">:$drain_passes, DefaultValuedAttr<I64Attr, "0">:$live_elements,
    DefaultValuedAttr<I64Attr, "0">:$parameters, OptionalAttr<StrAttr>:$weight,
    OptionalAttr<Accel_MappingAttr>:$mapping, OptionalAttr<Accel_CountsAttr>:$counts,
    OptionalAttr<F64Attr>:$energy);
  let assemblyFormat = [{
    $input (`stationary` $stationary^)? (`residual` $residuals^)? attr-dict `:`
    functional-type(operands, $result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::cat::cost::Gemm getGemm();
    /// Emits an error and fails if the machine cannot run it.
    ::mlir::FailureOr<::cat::cost::Mapping> getBestMapping(const ::cat::cost::Machine &machine);
  }];
}

def Accel_VectorOp : Accel_CostOp<"vector"> {
  let summary = "an elementwise or row-wise function on the vector unit";
  let description = [{
    `softmax`, `layer_norm`, `l2_norm`, `add`, `gelu` or `quick_gelu` of rows x
    columns elements. Reads its operands from, and writes its result to, the
    global buffer.

    ```mlir
    %2 = accel.vector %1 {function = "softmax", rows = 2364, columns = 197, name = "vision.softmax"}
       : (tensor<12x197x197xi8>) -> tensor<12x197x197xi8>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$operands, StrAttr:$name, StrAttr:$function,
    I64Attr:$rows, I64Attr:$columns,
    OptionalAttr<Accel_CountsAttr>:$counts, OptionalAttr<F64Attr>:$energy);
  let assemblyFormat = "$operands attr-dict `:` functional-type($operands, $result)";
  let hasVerifier = 1;
}

def Accel_CopyOp : Accel_CostOp<"copy"> {
  let summary = "a transfer between DRAM and the global buffer";
  let description = [{
    Loads `elements` elements (of the operand, or of a parameter table) into the
    global buffer, or stores them to DRAM with `to_dram`.

    ```mlir
    %1 = accel.copy %0 {elements = 150528, name = "vision.image"}
       : (tensor<1x3x224x224xi8>) -> tensor<1x3x224x224xi8>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$operands, StrAttr:$name, I64Attr:$elements,
    UnitAttr:$to_dram, DefaultValuedAttr<I64Attr, "0">:$parameters, OptionalAttr<StrAttr>:$weight,
    OptionalAttr<Accel_CountsAttr>:$counts, OptionalAttr<F64Attr>:$energy);
  let assemblyFormat = "($operands^)? attr-dict `:` functional-type($operands, $result)";
  let hasVerifier = 1;
}

#endif // CATC_ACCEL_OPS_TD
