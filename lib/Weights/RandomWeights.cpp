//===- RandomWeights.cpp - Weights before training ------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/CounterRandom.h"
#include "Weights/ClipWeights.h"
#include <algorithm>
#include <cmath>

using namespace cat;
using namespace cat::weights;

namespace {

bool endsWith(const std::string &text, std::string_view suffix) {
  return text.size() >= suffix.size() &&
         std::string_view(text).substr(text.size() - suffix.size()) == suffix;
}

/// FNV-1a, 64 bits.
uint64_t hashOf(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325;
  for (char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return hash;
}

/// Standard deviation of a tensor's values; 0 where they are constant.
double deviation(const std::string &name, const ClipConfig &config) {
  bool vision = name.rfind(kVisionPrefix, 0) == 0;
  const TowerConfig &tower = vision ? config.vision : config.text;
  double width = static_cast<double>(tower.width), layers = static_cast<double>(tower.layers);
  if (name == "token_embedding.weight")
    return 0.02;
  if (name == "positional_embedding")
    return 0.01;
  // Of a convolution OpenCLIP keeps PyTorch's uniform draw, whose variance is 1 / (3 inputs).
  if (name == "visual.conv1.weight")
    return 1 / std::sqrt(9 * static_cast<double>(config.patch * config.patch));
  if (endsWith(name, "attn.out_proj.weight") || endsWith(name, "mlp.c_proj.weight"))
    return 1 / std::sqrt(width * 2 * layers);
  if (endsWith(name, "mlp.c_fc.weight"))
    return 1 / std::sqrt(2 * width);
  if (endsWith(name, "attn.in_proj_weight") || endsWith(name, "proj") ||
      endsWith(name, "text_projection") || endsWith(name, "_embedding"))
    return 1 / std::sqrt(width);
  return 0;
}

/// The value of a constant tensor: norms are one, biases zero.
float constantOf(const std::string &name) {
  if (name == "logit_scale")
    return static_cast<float>(std::log(1 / 0.07));
  return endsWith(name, ".weight") ? 1.0f : 0.0f;
}

/// Normal values, two from each pair of uniform ones (Box and Muller 1958): a large model has a
/// hundred million.
void drawNormal(search::CounterRandom &random, double std, float *values, int64_t count) {
  constexpr double kTurn = 6.283185307179586;
  for (int64_t i = 0; i < count; i += 2) {
    double radius = std * std::sqrt(-2 * std::log1p(-random.uniform())),
           angle = kTurn * random.uniform();
    values[i] = static_cast<float>(radius * std::cos(angle));
    if (i + 1 < count)
      values[i + 1] = static_cast<float>(radius * std::sin(angle));
  }
}

} // namespace

StateDict cat::weights::randomWeights(const ClipConfig &config, uint64_t seed) {
  StateDict weights;
  for (const auto &[name, shape] : expectedShapes(config)) {
    Tensor tensor = makeZeros(DType::F32, shape);
    float *values = tensor.data<float>();
    int64_t count = tensor.elementCount();
    search::CounterRandom random(seed, hashOf(name));
    if (double std = deviation(name, config); std > 0)
      drawNormal(random, std, values, count);
    else
      std::fill(values, values + count, constantOf(name));
    weights.emplace(name, std::move(tensor));
  }
  return weights;
}
