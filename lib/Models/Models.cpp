//===- Models.cpp - Family builders ---------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Models/Models.h"
#include "Models/Clip.h"

using namespace mlir;
using namespace cat;
using namespace cat::models;

static constexpr StringLiteral kFamilies[] = {"clip"};

llvm::ArrayRef<llvm::StringLiteral> models::familyNames() { return kFamilies; }

FailureOr<nn::ModelOp> models::buildModel(OpBuilder &builder, const ModelDescription &description) {
  if (description.family == "clip")
    return buildClip(builder, description);
  return emitError(description.model.loc)
         << "unknown model family '" << description.family << "'; known: 'clip'";
}
