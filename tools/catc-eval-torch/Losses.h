//===- Losses.h - What training minimises -----------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_TORCH_LOSSES_H
#define CATC_EVAL_TORCH_LOSSES_H

#include "Clip.h"

namespace cat::torcheval {

/// Cosine similarities times the scale: [images, texts].
torch::Tensor logitsPerImage(const Features &features, const torch::Tensor &scale);

/// The symmetric cross-entropy of CLIP (Radford et al. 2021, figure 3) over a batch whose i-th
/// image belongs to its i-th text.
torch::Tensor contrastiveLoss(const torch::Tensor &logits);

/// Cross-entropy of the student's similarities against the teacher's, over texts and over images:
/// the distillation loss of OpenCLIP (src/open_clip/loss.py, DistillClipLoss).
torch::Tensor distillationLoss(const torch::Tensor &student, const torch::Tensor &teacher);

} // namespace cat::torcheval

#endif // CATC_EVAL_TORCH_LOSSES_H
