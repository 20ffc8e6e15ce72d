//===- ClipGraph.h - The nodes of a CLIP model ------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_ONNX_CLIPGRAPH_H
#define CATC_EMIT_ONNX_CLIPGRAPH_H

#include "Emit/Onnx/GraphBuilder.h"
#include "Weights/ClipConfig.h"

namespace cat::emit {

/// Adds a model's inputs, nodes and outputs (Onnx.h) to an empty graph. `weights` loses each tensor
/// once the graph has it.
void buildClip(GraphBuilder &graph, const weights::ClipConfig &config, weights::StateDict &weights,
               std::optional<int64_t> batch);

} // namespace cat::emit

#endif // CATC_EMIT_ONNX_CLIPGRAPH_H
