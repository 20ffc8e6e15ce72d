//===- SpaceAttrs.td - References, expressions, domains ----*- tablegen -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SPACE_ATTRS_TD
#define CATC_SPACE_ATTRS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "Interfaces/CatInterfaces.td"
include "Space/SpaceDialect.td"

class Space_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<Space_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

def Space_RefAttr : Space_Attr<"Ref", "ref",
    [DeclareAttrInterfaceMethods<ParametricAttrInterface>]> {
  let summary = "a search parameter";
  let description = [{
    Stands for the value of the `space.param` of that name (a dotted path).

    ```mlir
    #space.ref<"clip.text.layers">
    ```
  }];
  let parameters = (ins "::mlir::StringAttr":$name);
  let assemblyFormat = "`<` $name `>`";
}

def Space_MetricAttr : Space_Attr<"Metric", "metric"> {
  let summary = "a metric of a design";
  let description = [{
    Stands for a metric in goals and requirements. It is not a parameter: `bind`
    leaves it.

    ```mlir
    #space.metric<"latency">
    ```
  }];
  let parameters = (ins "::mlir::StringAttr":$name);
  let assemblyFormat = "`<` $name `>`";
}

def Space_ExprAttr : Space_Attr<"Expr", "expr",
    [DeclareAttrInterfaceMethods<ParametricAttrInterface>]> {
  let summary = "an operation on symbolic values";
  let description = [{
    Operands are numbers (i64, f64), references, metrics, expressions and, for
    `select`, any attribute. `get` folds: an expression whose operands are all
    literals is never built. Integer operands give an integer where the exact
    result is one; truth values are the integers 0 and 1.

    ```mlir
    #space.expr<mul, [2, #space.ref<"edge.clusters">]>
    #space.expr<select, [#space.ref<"edge.dram">, 4.8e10, 1.7e10]>
    ```
  }];
  let parameters = (ins "::cat::ExprOp":$op, ArrayRefParameter<"::mlir::Attribute">:$operands);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Builds the expression, or its value where all operands are literals.
    static ::mlir::Attribute fold(::mlir::MLIRContext *context, ::cat::ExprOp op,
                                  ::llvm::ArrayRef<::mlir::Attribute> operands);
  }];
}

def Space_RangeAttr : Space_Attr<"Range", "range",
    [DeclareAttrInterfaceMethods<DomainAttrInterface>]> {
  let summary = "the integers lo, lo + step, ... up to and including hi";
  let description = [{
    ```mlir
    #space.range<1024 to 2048 step 256>
    ```
  }];
  let parameters = (ins "int64_t":$lo, "int64_t":$hi, DefaultValuedParameter<"int64_t", "1">:$step);
  let assemblyFormat = "`<` $lo `to` $hi (`step` $step^)? `>`";
  let genVerifyDecl = 1;
}

def Space_ChoicesAttr : Space_Attr<"Choices", "choices",
    [DeclareAttrInterfaceMethods<DomainAttrInterface>]> {
  let summary = "a list of distinct numbers, in base units";
  let description = [{
    ```mlir
    #space.choices<[65536, 131072]>
    ```
  }];
  let parameters = (ins "::mlir::ArrayAttr":$values);
  let assemblyFormat = "`<` $values `>`";
  let genVerifyDecl = 1;
}

def Space_CategoriesAttr : Space_Attr<"Categories", "categories",
    [DeclareAttrInterfaceMethods<DomainAttrInterface, ["isCategorical"]>]> {
  let summary = "a list of distinct names; a parameter's value is the index of its name";
  let description = [{
    ```mlir
    #space.categories<["lpddr4", "lpddr4x"]>
    ```
  }];
  let parameters = (ins "::mlir::ArrayAttr":$names);
  let assemblyFormat = "`<` $names `>`";
  let genVerifyDecl = 1;
}

#endif // CATC_SPACE_ATTRS_TD
