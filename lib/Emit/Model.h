//===- Model.h - The model of a design as a configuration -------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// model.json: a configuration as OpenCLIP reads it (open_clip/model_configs: "embed_dim",
// "vision_cfg", "text_cfg", and "quick_gelu" where that is the activation), and beside it
//   "catc": {"schema": "catc.model/1", "design", "family", "activation", "segments": [{"name",
//   "sizes": {}, "parent": {}}],
//            "not_expressible_upstream": [{"where", "reason"}]}
// The exact sizes are in "catc"; "parent" are those of the unpruned model, left out where there is
// none. OpenCLIP derives some sizes from others, so a pruned model need not be expressible: then
// the list says where its configuration would build another. OpenCLIP rejects top-level keys that
// it does not know; remove "catc" before handing it the rest.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_MODEL_H
#define CATC_EMIT_MODEL_H

#include "Results/Records.h"
#include "mlir/IR/BuiltinOps.h"
#include <string>

namespace cat::emit {

/// Text of model.json for a bound graph. Emits an error and fails if the model is of a family that
/// has no such configuration.
llvm::FailureOr<std::string> model(mlir::ModuleOp bound, const results::DesignRecord &design);

} // namespace cat::emit

#endif // CATC_EMIT_MODEL_H
