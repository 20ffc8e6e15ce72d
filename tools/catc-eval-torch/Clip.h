//===- Clip.h - CLIP in libtorch --------------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The function that OpenCLIP computes (mlfoundations/open_clip, src/open_clip/model.py and
// transformer.py), with one freedom more: the width of attention, heads * head_dim, need not be
// that of the model, so pruned heads need no padding.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_TORCH_CLIP_H
#define CATC_EVAL_TORCH_CLIP_H

#include "Support/Result.h"
#include "Torch.h"
#include "Weights/ClipConfig.h"
#include "Weights/Tensor.h"
#include <map>
#include <string>
#include <vector>

namespace cat::torcheval {

/// A tensor of weights as one of libtorch's, on the processor and with storage of its own; and
/// back, in F32.
torch::Tensor toTorch(const weights::Tensor &tensor);
weights::Tensor fromTorch(const torch::Tensor &tensor);

/// The embeddings of a batch, not normalised: [batch, embed].
struct Features {
  torch::Tensor image, text;
};

class Clip {
public:
  /// A model of the configuration with these weights, in F32 on `device`. The weights must fit the
  /// configuration: else the error of weights::checkWeights.
  static Result<Clip> create(const weights::ClipConfig &config, const weights::StateDict &weights,
                             torch::Device device = torch::kCPU);

  const weights::ClipConfig &config() const { return config_; }
  torch::Device device() const { return device_; }

  /// `images`: normalised pixels [batch, 3, image, image]. Returns [batch, embed].
  torch::Tensor encodeImage(const torch::Tensor &images) const;
  /// `tokens`: ids [batch, context] in I64; a text's embedding is that of its highest id, its
  /// end-of-text token. Returns [batch, embed].
  torch::Tensor encodeText(const torch::Tensor &tokens) const;
  Features encode(const torch::Tensor &images, const torch::Tensor &tokens) const {
    return {encodeImage(images), encodeText(tokens)};
  }
  /// How much each vision layer leaves `noise` [n, width] as it is, which passes through them all:
  /// what CATransformers drops layers by (eval/pruning.py). As there, each of the n is a sequence
  /// of one token, and the cosine similarity is over the n, channel by channel, then averaged.
  std::vector<double> visionLayerCosines(const torch::Tensor &noise) const;
  /// exp(logit_scale).
  torch::Tensor scale() const { return at("logit_scale").exp(); }

  /// Every weight by its name in OpenCLIP. Sharing storage with the model.
  const std::map<std::string, torch::Tensor> &parameters() const { return parameters_; }
  const torch::Tensor &at(const std::string &name) const;
  void requireGradients(bool required);

  /// A copy of the weights.
  weights::StateDict stateDict() const;
  /// Takes the values of `other`, a model of the same configuration.
  void assign(const weights::StateDict &other);

private:
  Clip(weights::ClipConfig config, torch::Device device)
      : config_(std::move(config)), device_(device) {}

  /// The weights of one layer, looked up once.
  struct Block {
    torch::Tensor norm1Weight, norm1Bias, inWeight, inBias, outWeight, outBias;
    torch::Tensor norm2Weight, norm2Bias, fcWeight, fcBias, projWeight, projBias;
  };
  std::vector<Block> blocks(const std::string &prefix, int64_t layers) const;
  torch::Tensor transform(torch::Tensor x, const std::vector<Block> &blocks,
                          const weights::TowerConfig &tower, const torch::Tensor &mask) const;
  torch::Tensor activate(const torch::Tensor &x) const;

  weights::ClipConfig config_;
  torch::Device device_;
  std::map<std::string, torch::Tensor> parameters_;
  std::vector<Block> vision_, text_;
};

} // namespace cat::torcheval

#endif // CATC_EVAL_TORCH_CLIP_H
