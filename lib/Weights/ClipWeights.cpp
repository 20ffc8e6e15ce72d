//===- ClipWeights.cpp - The tensors of a CLIP model ----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/ClipWeights.h"
#include "Support/Check.h"
#include "Weights/Safetensors.h"
#include "Weights/SafetensorsHeader.h"
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace cat;
using namespace cat::weights;

namespace {

void addTower(std::map<std::string, Shape> &shapes, const std::string &prefix,
              const TowerConfig &tower) {
  int64_t width = tower.width, qkv = tower.qkvWidth(), ffn = tower.ffn;
  for (int64_t i = 0; i < tower.layers; ++i) {
    std::string layer = layerPrefix(prefix, i);
    for (const char *norm : {"ln_1", "ln_2"})
      for (const char *part : {".weight", ".bias"})
        shapes[layer + norm + part] = {width};
    shapes[layer + "attn.in_proj_weight"] = {3 * qkv, width};
    shapes[layer + "attn.in_proj_bias"] = {3 * qkv};
    shapes[layer + "attn.out_proj.weight"] = {width, qkv};
    shapes[layer + "attn.out_proj.bias"] = {width};
    shapes[layer + "mlp.c_fc.weight"] = {ffn, width};
    shapes[layer + "mlp.c_fc.bias"] = {ffn};
    shapes[layer + "mlp.c_proj.weight"] = {width, ffn};
    shapes[layer + "mlp.c_proj.bias"] = {width};
  }
}

/// Insertions, deletions and replacements that turn one text into the other (Levenshtein 1966).
size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t(0));
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

/// The name most like `name`, if one is like it at all.
std::optional<std::string> nearest(const std::string &name, const std::vector<std::string> &names) {
  constexpr size_t kLongest = 200;
  std::optional<std::string> best;
  size_t fewest = std::min(name.size(), kLongest) / 4 + 1;
  for (const std::string &other : names) {
    if (name.size() > kLongest || other.size() > kLongest)
      continue;
    if (size_t edits = editDistance(name, other); edits < fewest) {
      fewest = edits;
      best = other;
    }
  }
  return best;
}

/// Whether a file's shape stands for the expected one.
bool fits(const Shape &found, const Shape &expected) {
  return found == expected || (expected.empty() && found == Shape{1});
}

/// Shapes of a tensor, for configOf.
class Shapes {
public:
  explicit Shapes(const StateDict &weights) : weights_(weights) {}

  /// Size `axis` of a tensor that must have `rank` axes.
  int64_t size(const std::string &name, size_t rank, size_t axis) {
    auto it = weights_.find(name);
    if (it == weights_.end())
      return fail("lacks " + quoteName(name));
    if (it->second.shape.size() != rank)
      return fail(quoteName(name) + " has the shape " + str(it->second.shape) + " instead of " +
                  std::to_string(rank) + " dimensions");
    return it->second.shape[axis];
  }

  int64_t fail(const std::string &what) {
    if (error_.empty())
      error_ = what;
    return 0;
  }
  const std::string &error() const { return error_; }

  TowerConfig tower(const std::string &prefix, int64_t headDim) {
    TowerConfig tower;
    while (weights_.count(layerPrefix(prefix, tower.layers) + "ln_1.weight"))
      ++tower.layers;
    std::string first = layerPrefix(prefix, 0);
    tower.width = size(first + "ln_1.weight", 1, 0);
    tower.ffn = size(first + "mlp.c_fc.weight", 2, 0);
    int64_t qkv = size(first + "attn.out_proj.weight", 2, 1);
    tower.headDim = headDim;
    tower.heads = qkv / headDim;
    if (qkv % headDim != 0)
      fail(quoteName(first + "attn.out_proj.weight") + " has " + std::to_string(qkv) +
           " inputs, which do not divide into heads of " + std::to_string(headDim));
    return tower;
  }

private:
  const StateDict &weights_;
  std::string error_;
};

} // namespace

std::string cat::weights::layerPrefix(const std::string &prefix, int64_t layer) {
  return prefix + "transformer.resblocks." + std::to_string(layer) + ".";
}

std::map<std::string, Shape> cat::weights::expectedShapes(const ClipConfig &config) {
  std::map<std::string, Shape> shapes;
  int64_t vision = config.vision.width, text = config.text.width;
  shapes["visual.conv1.weight"] = {vision, 3, config.patch, config.patch};
  shapes["visual.class_embedding"] = {vision};
  shapes["visual.positional_embedding"] = {config.imageTokens(), vision};
  for (const char *norm : {"visual.ln_pre", "visual.ln_post"})
    for (const char *part : {".weight", ".bias"})
      shapes[std::string(norm) + part] = {vision};
  shapes["visual.proj"] = {vision, config.embed};
  shapes["token_embedding.weight"] = {config.vocab, text};
  shapes["positional_embedding"] = {config.context, text};
  shapes["ln_final.weight"] = shapes["ln_final.bias"] = {text};
  shapes["text_projection"] = {text, config.embed};
  shapes["logit_scale"] = {};
  addTower(shapes, kVisionPrefix, config.vision);
  addTower(shapes, kTextPrefix, config.text);
  return shapes;
}

std::optional<std::string> cat::weights::checkWeights(const StateDict &weights,
                                                      const ClipConfig &config) {
  std::map<std::string, Shape> expected = expectedShapes(config);
  std::vector<std::string> missing, unknown;
  for (const auto &[name, shape] : expected)
    if (!weights.count(name))
      missing.push_back(name);
  for (const auto &[name, tensor] : weights)
    if (!expected.count(name))
      unknown.push_back(name);
  if (!missing.empty()) {
    std::string text = "lacks " + quoteName(missing[0]);
    if (missing.size() > 1)
      text += " and " + std::to_string(missing.size() - 1) + " other tensors";
    if (std::optional<std::string> meant = nearest(missing[0], unknown))
      text += "; is " + quoteName(*meant) + " meant?";
    return text;
  }
  if (!unknown.empty()) {
    std::string text = "has the unknown tensor " + quoteName(unknown[0]);
    if (unknown.size() > 1)
      text += " and " + std::to_string(unknown.size() - 1) + " others";
    return text + "; the configuration has " + std::to_string(config.vision.layers) + " and " +
           std::to_string(config.text.layers) + " layers";
  }
  for (const auto &[name, tensor] : weights) {
    const Shape &shape = expected[name];
    if (!fits(tensor.shape, shape))
      return quoteName(name) + " has the shape " + str(tensor.shape) +
             ", but the configuration needs " + str(shape);
    if (!tensor.isFloating())
      return quoteName(name) + " has elements of the type " + std::string(nameOf(tensor.dtype)) +
             "; weights are F32, F16, BF16 or F64";
  }
  return std::nullopt;
}

Result<ClipConfig> cat::weights::configOf(const StateDict &weights, int64_t headDim,
                                          Activation activation) {
  CATC_CHECK(headDim > 0, "the size of a head is positive");
  Shapes shapes(weights);
  ClipConfig config;
  config.activation = activation;
  config.vision = shapes.tower(kVisionPrefix, headDim);
  config.text = shapes.tower(kTextPrefix, headDim);
  config.embed = shapes.size("visual.proj", 2, 1);
  config.patch = shapes.size("visual.conv1.weight", 4, 3);
  config.context = shapes.size("positional_embedding", 2, 0);
  config.vocab = shapes.size("token_embedding.weight", 2, 0);
  int64_t patches = shapes.size("visual.positional_embedding", 2, 0) - 1, side = 0;
  constexpr int64_t kMostPatches = int64_t(1) << 24;
  while (side < kMostPatches && side * side < patches)
    ++side;
  config.image = side * config.patch;
  if (side * side != patches)
    shapes.fail("'visual.positional_embedding' has " + std::to_string(patches) +
                " rows for patches, which is no square");
  if (!shapes.error().empty())
    return Fault{shapes.error()};
  if (std::optional<std::string> misfit = checkConfig(config))
    return Fault{*misfit};
  return config;
}

std::optional<std::string> cat::weights::checkFinite(const StateDict &weights) {
  for (const auto &[name, tensor] : weights) {
    if (!tensor.isFloating())
      continue;
    for (float value : tensor.floats())
      if (!std::isfinite(value))
        return "'" + name + "' has an element that is no finite number";
  }
  return std::nullopt;
}

Result<StateDict> cat::weights::readClipWeights(const std::string &path, const ClipConfig &config) {
  Result<TensorFile> file = readSafetensors(path);
  if (!file)
    return file.fault();
  Result<StateDict> weights = toOpenClip(std::move(file->tensors));
  if (!weights)
    return Fault{path + ": " + weights.error()};
  if (std::optional<std::string> misfit = checkWeights(*weights, config))
    return Fault{path + ": " + *misfit};
  if (std::optional<std::string> broken = checkFinite(*weights))
    return Fault{path + ": " + *broken};
  return weights;
}
