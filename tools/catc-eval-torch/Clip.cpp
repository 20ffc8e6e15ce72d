//===- Clip.cpp - CLIP in libtorch ----------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Clip.h"
#include "Support/Check.h"
#include "Weights/ClipWeights.h"
#include <cmath>
#include <limits>

using namespace cat;
using namespace cat::torcheval;
using torch::Tensor;

/// Of every layer norm (OpenCLIP's, which is PyTorch's default).
static constexpr double kNormEpsilon = 1e-5;

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

Tensor torcheval::toTorch(const weights::Tensor &tensor) {
  // Integers keep their type; every number that weights come in becomes F32.
  if (tensor.dtype == weights::DType::I64 || tensor.dtype == weights::DType::U8) {
    torch::Dtype type = tensor.dtype == weights::DType::I64 ? torch::kInt64 : torch::kUInt8;
    return torch::from_blob(const_cast<std::byte *>(tensor.bytes.data()), tensor.shape, type)
        .clone();
  }
  std::vector<float> values = tensor.floats();
  return torch::from_blob(values.data(), tensor.shape, torch::kFloat32).clone();
}

weights::Tensor torcheval::fromTorch(const Tensor &tensor) {
  Tensor plain = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  const float *data = plain.data_ptr<float>();
  return weights::makeFloat(plain.sizes().vec(), {data, data + plain.numel()});
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

Result<Clip> Clip::create(const weights::ClipConfig &config, const weights::StateDict &weights,
                          torch::Device device) {
  if (std::optional<std::string> problem = weights::checkWeights(weights, config))
    return Fault{*problem};
  Clip clip(config, device);
  for (const auto &[name, tensor] : weights)
    clip.parameters_[name] = toTorch(tensor).to(device);
  clip.vision_ = clip.blocks("visual.", config.vision.layers);
  clip.text_ = clip.blocks("", config.text.layers);
  return clip;
}

const Tensor &Clip::at(const std::string &name) const {
  auto it = parameters_.find(name);
  CATC_CHECK(it != parameters_.end(), "weights were checked to be complete");
  return it->second;
}

std::vector<Clip::Block> Clip::blocks(const std::string &prefix, int64_t layers) const {
  std::vector<Block> result;
  for (int64_t i = 0; i < layers; ++i) {
    std::string layer = prefix + "transformer.resblocks." + std::to_string(i) + ".";
    result.push_back({at(layer + "ln_1.weight"), at(layer + "ln_1.bias"),
                      at(layer + "attn.in_proj_weight"), at(layer + "attn.in_proj_bias"),
                      at(layer + "attn.out_proj.weight"), at(layer + "attn.out_proj.bias"),
                      at(layer + "ln_2.weight"), at(layer + "ln_2.bias"),
                      at(layer + "mlp.c_fc.weight"), at(layer + "mlp.c_fc.bias"),
                      at(layer + "mlp.c_proj.weight"), at(layer + "mlp.c_proj.bias")});
  }
  return result;
}

void Clip::requireGradients(bool required) {
  for (auto &[name, parameter] : parameters_)
    parameter.requires_grad_(required);
}

weights::StateDict Clip::stateDict() const {
  weights::StateDict result;
  for (const auto &[name, parameter] : parameters_)
    result[name] = fromTorch(parameter);
  return result;
}

void Clip::assign(const weights::StateDict &other) {
  torch::NoGradGuard noGradients;
  for (auto &[name, parameter] : parameters_) {
    auto it = other.find(name);
    CATC_CHECK(it != other.end(), "only weights of the same configuration are assigned");
    parameter.copy_(toTorch(it->second));
  }
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

static Tensor norm(const Tensor &x, const Tensor &weight, const Tensor &bias) {
  return torch::layer_norm(x, {x.size(-1)}, weight, bias, kNormEpsilon);
}

Tensor Clip::activate(const Tensor &x) const {
  return config_.activation == weights::Activation::QuickGelu ? x * torch::sigmoid(1.702 * x)
                                                              : torch::gelu(x);
}

/// Pre-norm residual layers; `x` is [batch, tokens, width], `mask` undefined or [tokens, tokens],
/// added to the scores.
Tensor Clip::transform(Tensor x, const std::vector<Block> &blocks,
                       const weights::TowerConfig &tower, const Tensor &mask) const {
  const int64_t batch = x.size(0), tokens = x.size(1);
  const double scale = 1 / std::sqrt(static_cast<double>(tower.headDim));
  for (const Block &block : blocks) {
    Tensor qkv =
        torch::linear(norm(x, block.norm1Weight, block.norm1Bias), block.inWeight, block.inBias)
            .view({batch, tokens, 3, tower.heads, tower.headDim})
            .permute({2, 0, 3, 1, 4});
    Tensor scores = torch::matmul(qkv[0] * scale, qkv[1].transpose(-2, -1));
    if (mask.defined())
      scores = scores + mask;
    Tensor mixed = torch::matmul(torch::softmax(scores, -1), qkv[2])
                       .transpose(1, 2)
                       .reshape({batch, tokens, tower.heads * tower.headDim});
    x = x + torch::linear(mixed, block.outWeight, block.outBias);
    Tensor hidden = activate(
        torch::linear(norm(x, block.norm2Weight, block.norm2Bias), block.fcWeight, block.fcBias));
    x = x + torch::linear(hidden, block.projWeight, block.projBias);
  }
  return x;
}

Tensor Clip::encodeImage(const Tensor &images) const {
  const int64_t batch = images.size(0), patch = config_.patch, side = config_.image / patch;
  const Tensor &kernel = at("visual.conv1.weight");
  // A convolution whose stride is its kernel is a product over patches.
  Tensor patches = images.view({batch, 3, side, patch, side, patch})
                       .permute({0, 2, 4, 1, 3, 5})
                       .reshape({batch, side * side, 3 * patch * patch});
  Tensor x = torch::matmul(patches, kernel.flatten(1).t());
  Tensor token = at("visual.class_embedding").expand({batch, 1, -1});
  x = torch::cat({token, x}, 1) + at("visual.positional_embedding");
  x = norm(x, at("visual.ln_pre.weight"), at("visual.ln_pre.bias"));
  x = transform(x, vision_, config_.vision, Tensor());
  x = norm(x.select(1, 0), at("visual.ln_post.weight"), at("visual.ln_post.bias"));
  return torch::matmul(x, at("visual.proj"));
}

std::vector<double> Clip::visionLayerCosines(const Tensor &noise) const {
  torch::NoGradGuard noGradients;
  Tensor x = noise.unsqueeze(1);
  std::vector<double> cosines;
  for (const Block &block : vision_) {
    Tensor next = transform(x, {block}, config_.vision, Tensor());
    cosines.push_back(torch::cosine_similarity(x, next, 0).mean().item<double>());
    x = next;
  }
  return cosines;
}

Tensor Clip::encodeText(const Tensor &tokens) const {
  Tensor end = tokens.argmax(-1);
  // Attention is causal: nothing after the last end-of-text token of the batch has an effect.
  const int64_t used = end.max().item<int64_t>() + 1;
  Tensor x = torch::embedding(at("token_embedding.weight"), tokens.slice(1, 0, used)) +
             at("positional_embedding").slice(0, 0, used);
  Tensor mask =
      torch::full({used, used}, -std::numeric_limits<float>::infinity(), x.options()).triu(1);
  x = transform(x, text_, config_.text, mask);
  x = x.gather(1, end.view({-1, 1, 1}).expand({-1, 1, x.size(2)})).squeeze(1);
  x = norm(x, at("ln_final.weight"), at("ln_final.bias"));
  return torch::matmul(x, at("text_projection"));
}
