//===- Clip.h - The CLIP family ---------------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_MODELS_CLIP_H
#define CATC_MODELS_CLIP_H

#include "Models/Models.h"

namespace cat::models {

/// CLIP (Radford et al., ICML'21) as OpenCLIP builds it: a text and a vision tower of pre-norm
/// transformer layers, projections to a joint space, and the logits between them. Heads have a
/// width of their own, so that they can be pruned independently of the model width.
///
/// Sizes of the model: embed, activation ("gelu" or "quick_gelu"); of tower `text`: layers, ffn,
/// heads, width, head_dim, context, vocab; of tower `vision`: layers, ffn, heads, width, head_dim,
/// patch, image. Weight names are OpenCLIP's.
llvm::FailureOr<nn::ModelOp> buildClip(mlir::OpBuilder &builder,
                                       const ModelDescription &description);

} // namespace cat::models

#endif // CATC_MODELS_CLIP_H
