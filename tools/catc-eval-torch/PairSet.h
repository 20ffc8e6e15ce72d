//===- PairSet.h - Images with their captions, in memory --------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_TORCH_PAIRSET_H
#define CATC_EVAL_TORCH_PAIRSET_H

#include "Clip.h"
#include "Data/Preprocess.h"
#include <string>
#include <vector>

namespace cat::torcheval {

/// A batch of images, each with one of its captions.
struct PairBatch {
  torch::Tensor pixels;   ///< normalised [batch, 3, side, side]
  torch::Tensor tokens;   ///< [batch, context]
  torch::Tensor images;   ///< index of each image in the set
  torch::Tensor captions; ///< index of each caption in the set
};

/// Images of one size and the tokens of their captions. Pixels are kept as bytes: a quarter of the
/// memory of numbers.
class PairSet {
public:
  /// An empty set of images of a side and captions of a context.
  PairSet(int64_t side, int64_t context, data::Normalisation normalisation = {});

  /// Adds an image, row by row with its three channels interleaved (side * side * 3 bytes), and
  /// its captions, each of `context` ids; `label`: its class, or -1.
  void add(const std::vector<uint8_t> &rgb, const std::vector<std::vector<int32_t>> &captions,
           int64_t label = -1);

  int64_t size() const { return static_cast<int64_t>(labels_.size()); }
  int64_t captionCount() const { return static_cast<int64_t>(owner_.size()); }
  /// The image that each caption belongs to: [captions].
  const std::vector<int64_t> &owner() const { return owner_; }
  /// The class of each image, or -1.
  const std::vector<int64_t> &labels() const { return labels_; }
  /// A digest of pixels, captions and labels.
  const std::string &identity() const;

  /// Images [begin, end), normalised; all tokens of captions [begin, end).
  torch::Tensor pixels(int64_t begin, int64_t end, torch::Device device) const;
  torch::Tensor tokens(int64_t begin, int64_t end, torch::Device device) const;

  /// The batch of a step. Epochs are permutations keyed by (seed, epoch), and each epoch draws one
  /// caption an image. What does not fill a batch at an epoch's end is left out; a batch is at
  /// most the set.
  PairBatch batch(int64_t step, int64_t batch, uint64_t seed, torch::Device device) const;

  /// Embeddings of all images, and of all captions, without gradients, on the processor.
  torch::Tensor encodeImages(const Clip &model) const;
  torch::Tensor encodeTexts(const Clip &model) const;
  Features encode(const Clip &model) const { return {encodeImages(model), encodeTexts(model)}; }

  /// The first images with their captions, at most `images` of them.
  PairSet first(int64_t images) const;

private:
  torch::Tensor normalise(const torch::Tensor &bytes) const;

  int64_t side_, context_;
  data::Normalisation normalisation_;
  std::vector<uint8_t> bytes_;    ///< [images, side, side, 3]
  std::vector<int32_t> tokens_;   ///< [captions, context]
  std::vector<int64_t> owner_;    ///< of each caption
  std::vector<int64_t> begin_{0}; ///< of each image's captions, and the end of the last
  std::vector<int64_t> labels_;
  mutable std::string identity_;
  /// The order of the epoch asked for last.
  mutable std::vector<int64_t> order_;
  mutable uint64_t orderSeed_ = 0;
  mutable int64_t orderEpoch_ = -1;
};

} // namespace cat::torcheval

#endif // CATC_EVAL_TORCH_PAIRSET_H
