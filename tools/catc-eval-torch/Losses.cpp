//===- Losses.cpp - What training minimises -------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Losses.h"

using namespace cat;
using torch::Tensor;

Tensor torcheval::logitsPerImage(const Features &features, const Tensor &scale) {
  Tensor image = features.image / features.image.norm(2, -1, /*keepdim=*/true);
  Tensor text = features.text / features.text.norm(2, -1, /*keepdim=*/true);
  return scale * torch::matmul(image, text.t());
}

Tensor torcheval::contrastiveLoss(const Tensor &logits) {
  // The right answer of row i is column i.
  Tensor right =
      torch::log_softmax(logits, 1).diagonal() + torch::log_softmax(logits, 0).diagonal();
  return -right.mean() / 2;
}

Tensor torcheval::distillationLoss(const Tensor &student, const Tensor &teacher) {
  auto along = [&](int64_t dim) {
    return -(torch::softmax(teacher, dim) * torch::log_softmax(student, dim)).sum(dim).mean();
  };
  return (along(1) + along(0)) / 2;
}
