//===- CatInterfaces.td - Interfaces between the dialects --*- tablegen -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes know these interfaces, never lists of ops.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_INTERFACES_TD
#define CATC_INTERFACES_TD

include "mlir/IR/OpBase.td"

def ParametricAttrInterface : AttrInterface<"ParametricAttrInterface"> {
  let cppNamespace = "::cat";
  let description = [{
    An attribute that stands for a value not yet known: a search parameter or an
    expression over search parameters. `bind` replaces such attributes by
    literals.
  }];
  let methods = [
    InterfaceMethod<[{
      The attribute with every reference that `lookup` knows replaced, folded. A
      reference for which `lookup` returns null stays.
    }], "::mlir::Attribute", "substitute",
      (ins "::llvm::function_ref<::mlir::Attribute(::llvm::StringRef)>":$lookup)>,
    InterfaceMethod<[{
      Its number under `lookup`, or nothing if a parameter has no value or it is
      not a number. Builds no attribute, unlike `substitute`.
    }], "std::optional<double>", "evaluate", (ins "::cat::ParameterLookup":$lookup)>,
    InterfaceMethod<[{
      The operand that a selection picks under `lookup`, or null if a parameter
      has no value; any other attribute is itself. Builds no attribute.
    }], "::mlir::Attribute", "choose", (ins "::cat::ParameterLookup":$lookup)>,
    InterfaceMethod<"Calls `visit` for the name of every parameter referred to.",
      "void", "visitReferences",
      (ins "::llvm::function_ref<void(::llvm::StringRef)>":$visit)>,
  ];
}

def DomainAttrInterface : AttrInterface<"DomainAttrInterface"> {
  let cppNamespace = "::cat";
  let description = "The finite set of values of a search parameter, in order.";
  let methods = [
    InterfaceMethod<"Number of values.", "int64_t", "getSize">,
    InterfaceMethod<[{
      Value `index`, as an i64 or f64 attribute in base units. A categorical
      domain's value is the index itself.
    }], "::mlir::TypedAttr", "getValue", (ins "int64_t":$index)>,
    InterfaceMethod<"True if the values are names, not numbers.", "bool",
      "isCategorical", (ins), [{}], [{ return false; }]>,
    InterfaceMethod<"How value `index` is written: a number or a name.",
      "std::string", "getLabel", (ins "int64_t":$index)>,
  ];
}

def CardinalityOpInterface : OpInterface<"CardinalityOpInterface"> {
  let cppNamespace = "::cat";
  let description = "Ops that contribute a factor to the number of designs.";
  let methods = [
    InterfaceMethod<"Number of choices this op offers.", "int64_t", "getCardinality">,
  ];
}

def CostOpInterface : OpInterface<"CostOpInterface"> {
  let cppNamespace = "::cat";
  let description = [{
    Ops that do work on a machine. Cost passes and the extraction of cost
    programs know this interface only.
  }];
  let methods = [
    InterfaceMethod<[{
      What the op asks of a machine, for one execution: the neutral record that
      the enumerator costs.
    }], "::cat::cost::Operator", "getOperator">,
    InterfaceMethod<[{
      Event counts of one execution on `machine`, under the mapping that the op
      carries, or the best legal one if it carries none. Emits an error at the op
      and fails if the machine cannot run it.
    }], "::mlir::FailureOr<::cat::cost::EventCounts>", "getWork",
      (ins "const ::cat::cost::Machine &":$machine)>,
  ];
}

def ExecutionCountOpInterface : OpInterface<"ExecutionCountOpInterface"> {
  let cppNamespace = "::cat";
  let description = "Ops whose body runs a known number of times per execution.";
  let methods = [
    InterfaceMethod<[{
      Executions of the body, or failure while the count is unbound.
    }], "::mlir::FailureOr<int64_t>", "getExecutionCount">,
  ];
}

def WeightsOpInterface : OpInterface<"WeightsOpInterface"> {
  let cppNamespace = "::cat";
  let description = "Ops of a graph that have learned tensors.";
  let methods = [
    InterfaceMethod<[{
      The op's tensors, named as in a checkpoint, in the order in which the op
      documents them. Sizes must be bound.
    }], "::llvm::SmallVector<::cat::WeightTensor>", "getWeightTensors">,
  ];
}

def ComponentOpInterface : OpInterface<"ComponentOpInterface"> {
  let cppNamespace = "::cat";
  let description = "Parts of a machine (array, memory, DRAM ...), with their technology data.";
  let methods = [
    InterfaceMethod<[{
      Enters the component into the plain machine record, with the values that
      `lookup` gives to parameters. Emits an error and fails if an attribute
      depends on a parameter without a value.
    }], "::llvm::LogicalResult", "configure",
      (ins "::cat::cost::Machine &":$machine, "::cat::ParameterLookup":$lookup)>,
  ];
}

/// A number that may be parametric: i64, f64, #space.ref, #space.expr.
def ParamAttr : Attr<CPred<[{
    ::llvm::isa<::mlir::IntegerAttr, ::mlir::FloatAttr, ::cat::ParametricAttrInterface>($_self)
  }]>, "a number or a parametric value"> {
  let storageType = "::mlir::Attribute";
  let returnType = "::mlir::Attribute";
  let convertFromStorage = "$_self";
}

/// A list or a parametric selection of lists.
def ParamListAttr : Attr<CPred<[{
    ::llvm::isa<::mlir::ArrayAttr, ::cat::ParametricAttrInterface>($_self)
  }]>, "a list or a parametric value"> {
  let storageType = "::mlir::Attribute";
  let returnType = "::mlir::Attribute";
  let convertFromStorage = "$_self";
}

/// A string or a parametric selection of strings.
def ParamStrAttr : Attr<CPred<[{
    ::llvm::isa<::mlir::StringAttr, ::cat::ParametricAttrInterface>($_self)
  }]>, "a string or a parametric value"> {
  let storageType = "::mlir::Attribute";
  let returnType = "::mlir::Attribute";
  let convertFromStorage = "$_self";
}

#endif // CATC_INTERFACES_TD
