//===- Models.h - Family builders -------------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A family builder turns the declared sizes of a model, each a number or a parametric attribute,
// into an nn.model. It is the only description of the family's graph: costs, accuracy predictors
// and exports all start from what it builds.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_MODELS_MODELS_H
#define CATC_MODELS_MODELS_H

#include "NN/NN.h"
#include "llvm/ADT/MapVector.h"
#include <string>
#include <vector>

namespace cat::models {

/// A declared size: its value, that of the unpruned parent (may be null), and where it was
/// declared.
struct Size {
  mlir::Attribute value;
  mlir::Attribute parent;
  mlir::Location loc;
};

/// The sizes of a model block or of one of its towers.
struct SizeGroup {
  std::string name;
  mlir::Location loc;
  llvm::MapVector<std::string, Size, std::map<std::string, unsigned>> sizes;
};

struct ModelDescription {
  std::string family; ///< "clip"
  SizeGroup model;    ///< name of the nn.model; sizes outside towers
  std::vector<SizeGroup> towers;
  /// What one inference processes: "images", "texts", "image" (pixels of a side); absent entries
  /// mean 1 image, 1 text and the model's own image size.
  SizeGroup workload;
};

/// Names of the families that can be built.
llvm::ArrayRef<llvm::StringLiteral> familyNames();

/// Builds the nn.model of a description at the builder's insertion point. Emits an error at the
/// declaration at fault (unknown family, missing size, sizes that contradict each other) and fails.
llvm::FailureOr<nn::ModelOp> buildModel(mlir::OpBuilder &builder,
                                        const ModelDescription &description);

} // namespace cat::models

#endif // CATC_MODELS_MODELS_H
