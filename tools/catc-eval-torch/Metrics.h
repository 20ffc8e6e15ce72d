//===- Metrics.h - What is measured of a model ------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_TORCH_METRICS_H
#define CATC_EVAL_TORCH_METRICS_H

#include "Clip.h"
#include <array>
#include <cstdint>
#include <vector>

namespace cat::torcheval {

/// A share of answers that are right, and the standard error of it as an estimate from a sample.
struct Score {
  double value = 0, standardError = 0;
};

/// Recall at 1, 5 and 10.
inline constexpr std::array<int64_t, 3> kRecallDepths = {1, 5, 10};

/// Retrieval as CLIP_benchmark counts it: an image's query is right if any of its captions is among
/// the first k texts, a caption's if its image is among the first k images. Of equal similarities
/// the wrong answer comes first, so that a model that maps everything to one point scores nothing.
struct Retrieval {
  std::array<Score, kRecallDepths.size()> imageToText, textToImage;
  /// (image-to-text + text-to-image) / 2 at 1. Its error counts an image and its captions as one
  /// draw: what they say is not independent.
  Score meanRecall1;
  int64_t images = 0, captions = 0;
};

/// `features`: embeddings of images and captions; `owner`: the image of each caption, each image
/// having at least one. Similarities are computed in blocks, never all at once.
Retrieval measureRetrieval(const Features &features, const std::vector<int64_t> &owner);

/// Zero-shot classification (Radford et al. 2021, section 3.1.4). `classes` are the classes'
/// embeddings, as zeroShotClasses makes them; `labels` the class of each image. Images of no class
/// (label -1) are left out.
Score measureZeroShot(const torch::Tensor &imageFeatures, const torch::Tensor &classes,
                      const std::vector<int64_t> &labels);

/// A class's embedding is the normalised mean of the normalised embeddings of its prompts.
/// `prompts`: tokens [classes * templates, context], the templates of a class side by side.
torch::Tensor zeroShotClasses(const Clip &model, const torch::Tensor &prompts, int64_t templates);

} // namespace cat::torcheval

#endif // CATC_EVAL_TORCH_METRICS_H
