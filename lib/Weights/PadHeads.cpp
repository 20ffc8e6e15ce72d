//===- PadHeads.cpp - Heads that fill the width ---------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/PadHeads.h"
#include "Support/Check.h"
#include <cmath>
#include <cstring>

using namespace cat;
using namespace cat::weights;

namespace {

std::optional<TowerConfig> padTower(TowerConfig tower) {
  for (int64_t heads = tower.heads; heads <= tower.width; ++heads)
    if (tower.width % heads == 0 && tower.width / heads >= tower.headDim) {
      tower.headDim = tower.width / heads;
      tower.heads = heads;
      return tower;
    }
  return std::nullopt;
}

/// Copies heads of `from` into the first heads of `to`, along the axis that counts `parts` blocks
/// of heads: `inner` bytes an element, `outer` times.
void copyHeads(const Tensor &from, Tensor &to, const TowerConfig &before, const TowerConfig &after,
               size_t outer, size_t parts, size_t inner) {
  auto size = static_cast<size_t>(before.headDim) * inner,
       paddedSize = static_cast<size_t>(after.headDim) * inner;
  auto heads = static_cast<size_t>(before.heads), paddedHeads = static_cast<size_t>(after.heads);
  for (size_t block = 0; block < outer * parts; ++block)
    for (size_t head = 0; head < heads; ++head)
      std::memcpy(&to.bytes[(block * paddedHeads + head) * paddedSize],
                  &from.bytes[(block * heads + head) * size], size);
}

/// Multiplies the first `count` elements.
void scale(Tensor &tensor, size_t count, double factor) {
  Tensor front;
  front.dtype = tensor.dtype;
  front.shape = {static_cast<int64_t>(count)};
  size_t bytes = count * sizeOf(tensor.dtype);
  if (tensor.dtype == DType::F64) {
    for (size_t i = 0; i < count; ++i)
      tensor.data<double>()[i] *= factor;
    return;
  }
  front.bytes.assign(tensor.bytes.begin(),
                     tensor.bytes.begin() + static_cast<std::ptrdiff_t>(bytes));
  std::vector<float> values = front.floats();
  for (float &value : values)
    value = static_cast<float>(static_cast<double>(value) * factor);
  front = makeFloat(front.shape, values, tensor.dtype);
  std::memcpy(tensor.bytes.data(), front.bytes.data(), bytes);
}

void padTower(StateDict &weights, const std::string &prefix, const TowerConfig &before,
              const TowerConfig &after) {
  if (before == after)
    return;
  int64_t width = before.width;
  double factor =
      std::sqrt(static_cast<double>(after.headDim) / static_cast<double>(before.headDim));
  auto rows = static_cast<size_t>(width), queries = static_cast<size_t>(after.qkvWidth());
  for (int64_t i = 0; i < before.layers; ++i) {
    std::string layer = layerPrefix(prefix, i);
    Tensor &in = weights.at(layer + "attn.in_proj_weight"),
           &bias = weights.at(layer + "attn.in_proj_bias"),
           &out = weights.at(layer + "attn.out_proj.weight");
    Tensor paddedIn = makeZeros(in.dtype, {3 * after.qkvWidth(), width}),
           paddedBias = makeZeros(bias.dtype, {3 * after.qkvWidth()}),
           paddedOut = makeZeros(out.dtype, {width, after.qkvWidth()});
    copyHeads(in, paddedIn, before, after, 1, 3, rows * sizeOf(in.dtype));
    copyHeads(bias, paddedBias, before, after, 1, 3, sizeOf(bias.dtype));
    copyHeads(out, paddedOut, before, after, rows, 1, sizeOf(out.dtype));
    if (after.headDim != before.headDim) {
      scale(paddedIn, queries * rows, factor);
      scale(paddedBias, queries, factor);
    }
    in = std::move(paddedIn);
    bias = std::move(paddedBias);
    out = std::move(paddedOut);
  }
}

} // namespace

std::optional<ClipConfig> cat::weights::padHeads(const ClipConfig &config) {
  std::optional<TowerConfig> vision = padTower(config.vision), text = padTower(config.text);
  if (!vision || !text)
    return std::nullopt;
  ClipConfig padded = config;
  padded.vision = *vision;
  padded.text = *text;
  return padded;
}

StateDict cat::weights::padHeads(const StateDict &weights, const ClipConfig &config) {
  CATC_CHECK(!checkWeights(weights, config), "heads of the weights of another model are padded");
  std::optional<ClipConfig> padded = padHeads(config);
  CATC_CHECK(padded.has_value(), "heads are padded that do not fill the width");
  StateDict result = weights;
  padTower(result, kVisionPrefix, config.vision, padded->vision);
  padTower(result, kTextPrefix, config.text, padded->text);
  return result;
}

bool cat::weights::isLoadable(const ClipConfig &config) {
  std::optional<ClipConfig> padded = padHeads(config);
  return padded && findOpenClipDifferences(*padded).empty();
}
