//===- Model.h - The model of a design as a configuration -------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// model.json: a configuration that OpenCLIP loads as it stands (open_clip/model_configs:
// "embed_dim", "vision_cfg", "text_cfg", and "quick_gelu" where that is the activation), and beside
// it model.catc.json (schema "catc.model/1"):
//   the record of Models/ModelRecord.h, and "configuration": "model.json", "design",
//   "not_expressible_upstream": [{"where", "reason"}]
// OpenCLIP derives some sizes from others, so a pruned model need not be expressible: then the list
// says where model.json builds another one or, as with heads that do not divide the width, none.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_MODEL_H
#define CATC_EMIT_MODEL_H

#include "Results/Records.h"
#include "Weights/ClipConfig.h"
#include "mlir/IR/BuiltinOps.h"
#include <optional>

namespace cat::emit {

/// Names of the two files.
inline constexpr const char *kModelFile = "model.json", *kModelRecordFile = "model.catc.json";

using weights::Difference;

/// A model as files.
struct Model {
  std::string configuration; ///< text of model.json
  std::string record;        ///< text of model.catc.json
  std::vector<Difference> differences;
  /// Nothing if the towers' embeddings differ in size, which no CLIP has.
  std::optional<weights::ClipConfig> config;
};

/// The files of a bound graph. Emits an error and fails if the model is of a family that has no
/// OpenCLIP configuration.
llvm::FailureOr<Model> model(mlir::ModuleOp bound, const results::DesignRecord &design);

} // namespace cat::emit

#endif // CATC_EMIT_MODEL_H
