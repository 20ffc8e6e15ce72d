//===- ClipWeightsFuzzer.cpp - Damaged weights of a CLIP model ------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The weights of a small model lose, gain, swap and reshape tensors as the input says; whatever
// takes weights must refuse them or bear them.
//
//===----------------------------------------------------------------------===//

#include "Weights/PadHeads.h"
#include "Weights/Prune.h"
#include <cstdlib>

using namespace cat;
using namespace cat::weights;

static ClipConfig smallConfig() {
  ClipConfig config;
  config.embed = 2;
  config.vision = {2, 4, 2, 2, 3};
  config.text = {1, 6, 2, 2, 2};
  config.patch = 1;
  config.image = 2;
  config.context = 2;
  config.vocab = 3;
  return config;
}

static void require(bool condition) {
  if (!condition)
    std::abort();
}

/// Changes one tensor; three bytes say which and how.
static void damage(StateDict &weights, const uint8_t *how) {
  if (weights.empty())
    return;
  auto it = std::next(weights.begin(), how[0] % weights.size());
  Tensor &tensor = it->second;
  switch (how[1] % 6) {
  case 0:
    weights.erase(it);
    break;
  case 1:
    weights[it->first + static_cast<char>(how[2])] = tensor;
    break;
  case 2:
    std::swap(tensor, std::next(weights.begin(), how[2] % weights.size())->second);
    break;
  case 3:
    tensor = makeZeros(static_cast<DType>(how[2] % 13), tensor.shape);
    break;
  case 4: // another number of axes
    tensor = makeZeros(tensor.dtype, Shape(how[2] % 5, how[2] / 5 % 4));
    break;
  case 5:
    if (!tensor.shape.empty()) {
      Shape shape = tensor.shape;
      shape[how[2] % shape.size()] = how[2] / 8;
      tensor = makeZeros(tensor.dtype, shape);
    }
    break;
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const ClipConfig config = smallConfig();
  static const StateDict openClip = randomWeights(config, 1),
                         huggingFace = *toHuggingFace(openClip);
  if (size == 0)
    return 0;
  StateDict weights = data[0] % 2 ? huggingFace : openClip;
  for (size_t i = 1; i + 3 <= size && i < 60; i += 3)
    damage(weights, data + i);
  Result<StateDict> converted = toOpenClip(weights);
  if (!converted)
    return 0;
  if (Result<StateDict> other = toHuggingFace(*converted)) {
    Result<StateDict> back = toOpenClip(*other);
    require(back && *back == *converted);
  }
  Result<ClipConfig> found = configOf(*converted, 2);
  Selection all = selectAll(config);
  Result<StateDict> pruned = prune(*converted, config, all);
  require(bool(pruned) == !checkWeights(*converted, config));
  if (found && !checkWeights(*converted, *found)) {
    magnitudeImportance(*converted, *found);
    if (padHeads(*found))
      padHeads(*converted, *found);
  }
  return 0;
}
