//===- Fixture.h - A small CLIP of our own ----------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_WEIGHTS_FIXTURE_H
#define CATC_TEST_UNIT_WEIGHTS_FIXTURE_H

#include "Search/CounterRandom.h"
#include "Weights/ClipWeights.h"

namespace cat::weights::test {

/// Sizes that all differ, so that none is taken for another.
inline ClipConfig smallConfig() {
  ClipConfig config;
  config.embed = 6;
  config.vision = {3, 8, 2, 4, 12};
  config.text = {2, 12, 3, 4, 9};
  config.patch = 2;
  config.image = 4;
  config.context = 7;
  config.vocab = 11;
  return config;
}

/// Random weights without a constant tensor, so that no slice of one looks like another.
inline StateDict roughWeights(const ClipConfig &config, uint64_t seed) {
  StateDict weights = randomWeights(config, seed);
  uint64_t key = 0;
  for (auto &[name, tensor] : weights) {
    search::CounterRandom random(seed + 1, key++);
    for (int64_t i = 0; i < tensor.elementCount(); ++i)
      tensor.data<float>()[i] += static_cast<float>(0.1 * random.normal());
  }
  return weights;
}

} // namespace cat::weights::test

#endif // CATC_TEST_UNIT_WEIGHTS_FIXTURE_H
