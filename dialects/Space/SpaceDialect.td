//===- SpaceDialect.td - The declared problem --------------*- tablegen -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SPACE_DIALECT_TD
#define CATC_SPACE_DIALECT_TD

include "mlir/IR/OpBase.td"

def Space_Dialect : Dialect {
  let name = "space";
  let summary = "The declared co-design problem, still symbolic";
  let description = [{
    Parameters with their domains, requirements, goals, carbon declarations and
    the study that ties them together. Values that depend on parameters are
    attributes (`#space.ref`, `#space.expr`), so that the model and hardware ops
    of other dialects can carry them; the `bind` pass replaces them by literals.
  }];
  let cppNamespace = "::cat::space";
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
  }];
}

#endif // CATC_SPACE_DIALECT_TD
