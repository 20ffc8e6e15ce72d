//===- Fixtures.h - OpenCLIP's figures ----------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_EVALTORCH_FIXTURES_H
#define CATC_TEST_UNIT_EVALTORCH_FIXTURES_H

#include "Clip.h"
#include "PairSet.h"
#include "Weights/Safetensors.h"
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace cat::torcheval::test {

/// The folder of the reference data ($CATC_REFS) that belongs to libtorch.
std::string fixtureFolder();

/// Paths of the fixtures whose names begin and end so, sorted.
std::vector<std::string> fixtures(const std::string &begin, const std::string &end);

/// A file that exists.
weights::TensorFile readFixture(const std::string &path);

/// The model of "NAME_io.safetensors": its metadata state the configuration, and its weights are
/// those of the fixture whose CRC32s it lists.
Clip modelOf(const weights::TensorFile &io);

/// A fixture's model by its file: NAME.safetensors and NAME.config.json.
Clip modelNamed(const std::string &name);

/// A small model with weights of the project's own.
weights::ClipConfig smallConfig();
Clip smallModel(uint64_t seed = 1);

/// Images of noise for it, each with a caption of its own.
PairSet noise(int64_t images);

/// The largest difference of two tensors of one shape.
double difference(const torch::Tensor &a, const torch::Tensor &b);

} // namespace cat::torcheval::test

#define CATC_FIXTURES_OR_SKIP(name, begin, end)                                                    \
  std::vector<std::string> name = ::cat::torcheval::test::fixtures(begin, end);                    \
  if (name.empty())                                                                                \
  GTEST_SKIP() << "no reference data: torch/" << (begin) << "*" << (end) << " (set CATC_REFS)"

#endif // CATC_TEST_UNIT_EVALTORCH_FIXTURES_H
