//===- AccelDialect.td - Machines and mapped programs ------*- tablegen -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_ACCEL_DIALECT_TD
#define CATC_ACCEL_DIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"

def Accel_Dialect : Dialect {
  let name = "accel";
  let summary = "An accelerator, and the program mapped onto it";
  let description = [{
    A machine is a list of components, each with its technology data; a program
    is a segment of a model in GEMM, vector and copy operators. Operators
    implement `CostOpInterface`, so that cost passes never list them.
  }];
  let cppNamespace = "::cat::accel";
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::cat::space::SpaceDialect"];
  let extraClassDeclaration = [{
    void registerAttributes();
    /// Module attribute that holds the metrics of a costed design.
    static constexpr ::llvm::StringLiteral getMetricsAttrName() { return "accel.metrics"; }
  }];
}

def Accel_MappingAttr : AttrDef<Accel_Dialect, "Mapping"> {
  let mnemonic = "mapping";
  let summary = "how the machine runs a GEMM";
  let description = [{
    `split` is what the clusters share: `rows`, `columns`, items of the `batch`,
    or `none` on a machine of one. `hold` is the operand that stays in local SRAM
    while the other passes: `input`, `weight` or `neither`. Rows stream in chunks
    of `chunk`, and parameters cross from DRAM in blocks of `block` column steps
    of each cluster, `serial` where the next one has no room beside the last. Activations are `resident` in the global buffer, or cross
    in blocks of batch items and rows.

    ```mlir
    #accel.mapping<split rows, hold input, chunk 99, block 8, resident>
    #accel.mapping<split columns, hold weight, chunk 128, block 4, activations [1, 512]>
    ```
  }];
  let parameters = (ins "::cat::cost::Mapping":$mapping);
  let hasCustomAssemblyFormat = 1;
}

def Accel_CountsAttr : AttrDef<Accel_Dialect, "Counts"> {
  let mnemonic = "counts";
  let summary = "integer event counts";
  let description = [{
    ```mlir
    #accel.counts<cycles = 227013, macs = 116195328>
    ```
  }];
  let parameters = (ins "::cat::cost::EventCounts":$counts);
  let hasCustomAssemblyFormat = 1;
}

#endif // CATC_ACCEL_DIALECT_TD
