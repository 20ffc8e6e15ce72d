//===- SpaceOps.td - Operations of the space dialect -------*- tablegen -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SPACE_OPS_TD
#define CATC_SPACE_OPS_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/IR/RegionKindInterface.td"
include "Interfaces/CatInterfaces.td"
include "Space/SpaceAttrs.td"
include "Space/SpaceDialect.td"

class Space_Op<string mnemonic, list<Trait> traits = []>
    : Op<Space_Dialect, mnemonic, traits>;

def Space_ParamOp : Space_Op<"param",
    [Symbol, DeclareOpInterfaceMethods<CardinalityOpInterface>]> {
  let summary = "a search parameter";
  let description = [{
    Declares a parameter by its dotted path, with the finite domain it is
    searched over. Values are in base units; `unit` says how people write them
    and `scale` is that unit in base units.

    ```mlir
    space.param @clip.text.layers in #space.range<6 to 12>
    space.param @edge.local_sram in #space.choices<[65536, 131072]> unit "KiB" scale 1.024e3
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, DomainAttrInterface:$domain,
                       OptionalAttr<StrAttr>:$unit, OptionalAttr<F64Attr>:$scale);
  let assemblyFormat = [{
    $sym_name `in` $domain (`unit` $unit^)? (`scale` $scale^)? attr-dict
  }];
}

def Space_RequireOp : Space_Op<"require"> {
  let summary = "a condition that every design must satisfy";
  let description = [{
    The condition is a truth-valued expression over parameters and metrics.
    Whether it filters before evaluation or is an outcome constraint follows
    from what it refers to.

    ```mlir
    space.require "area" #space.expr<le, [#space.metric<"area">, 31.990347]>
    ```
  }];
  let arguments = (ins OptionalAttr<StrAttr>:$label, ParamAttr:$condition);
  let assemblyFormat = "($label^)? $condition attr-dict";
  let hasVerifier = 1;
}

def Space_GoalOp : Space_Op<"goal", [HasParent<"StudyOp">]> {
  let summary = "an objective of a study";
  let description = [{
    `threshold` is the worst value of interest, in base units: the reference
    point of the hypervolume. `unit` and `scale` say how the value is shown.

    ```mlir
    space.goal "latency" minimize #space.metric<"latency"> threshold 0.05 unit "ms" scale 1.0e-3
    ```
  }];
  let arguments = (ins StrAttr:$name, UnitAttr:$maximize, AnyAttr:$value,
                       OptionalAttr<F64Attr>:$threshold, OptionalAttr<StrAttr>:$unit,
                       OptionalAttr<F64Attr>:$scale);
  let assemblyFormat = [{
    $name (`maximize` $maximize^):(`minimize`)? $value (`threshold` $threshold^)?
    (`unit` $unit^)? (`scale` $scale^)? attr-dict
  }];
  let hasVerifier = 1;
}

def Space_EvaluatorOp : Space_Op<"evaluator", [HasParent<"StudyOp">]> {
  let summary = "how an evaluated metric is obtained";
  let description = [{
    ```mlir
    space.evaluator "accuracy" by "predictor" {metric = "ImageNet top-1"}
    ```
  }];
  let arguments = (ins StrAttr:$metric, StrAttr:$provider, DictionaryAttr:$config);
  let assemblyFormat = "$metric `by` $provider $config attr-dict";
}

def Space_CarbonOp : Space_Op<"carbon", [Symbol]> {
  let summary = "where the hardware is made and used";
  let description = [{
    ACT's parameters (Gupta et al., ISCA'22), in base units: intensities in
    kgCO2e/J, areas in mm2. `yield` is the fixed die yield unless
    `defect_density` is given, which selects the negative-binomial model.
    `training` (kgCO2e) and `training_energy` (J, from `grid`) are those of the
    deployed model, shared by `devices`.

    ```mlir
    space.carbon @footprint {fab = 1.78e-7, grid = 6.2e-8, yield = 0.875,
                             lifetime = 9.46e7, inferences = 2.365e7}
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
    ParamAttr:$fab, ParamAttr:$grid,
    OptionalAttr<ParamAttr>:$yield,
    OptionalAttr<ParamAttr>:$defect_density, OptionalAttr<ParamAttr>:$alpha,
    OptionalAttr<ParamAttr>:$dram_yield,
    OptionalAttr<ParamAttr>:$wafer, OptionalAttr<ParamAttr>:$package,
    OptionalAttr<ParamAttr>:$packages, OptionalAttr<ParamAttr>:$design,
    OptionalAttr<ParamAttr>:$training, OptionalAttr<ParamAttr>:$training_energy,
    OptionalAttr<ParamAttr>:$devices,
    ParamAttr:$lifetime, ParamAttr:$inferences, OptionalAttr<ParamAttr>:$idle,
    OptionalAttr<DictionaryAttr>:$sources);
  let assemblyFormat = "$sym_name attr-dict";
}

def Space_StudyOp : Space_Op<"study",
    [Symbol, NoTerminator, NoRegionArguments, SingleBlock]> {
  let summary = "the question: which model on which hardware, by which goals";
  let description = [{
    Names the model, the hardware and the deployment, and holds goals,
    requirements and evaluators.

    ```mlir
    space.study @low_carbon model @clip hardware @edge carbon @footprint {
      space.goal "accuracy" maximize #space.metric<"accuracy"> threshold 0.5
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$model,
    FlatSymbolRefAttr:$hardware, FlatSymbolRefAttr:$carbon,
    OptionalAttr<DictionaryAttr>:$strategy,
    OptionalAttr<FlatSymbolRefAttr>:$baseline_model,
    OptionalAttr<FlatSymbolRefAttr>:$baseline_hardware,
    OptionalAttr<DictionaryAttr>:$baseline);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `model` $model `hardware` $hardware `carbon` $carbon
    (`baseline` $baseline_model^ `on` $baseline_hardware $baseline)?
    attr-dict-with-keyword $body
  }];
}

#endif // CATC_SPACE_OPS_TD
