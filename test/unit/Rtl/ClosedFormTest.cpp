//===- ClosedFormTest.cpp - The closed form against the row model ---------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random machines of the example's space, random GEMMs of CLIP's towers, random mappings.
//
//===----------------------------------------------------------------------===//

#include "Cost/ClosedForm.h"
#include "Cost/GemmModel.h"
#include "Cost/HardwareMath.h"
#include "Cost/Machines.h"
#include "Cost/RowModel.h"
#include "Rtl/Descriptor.h"
#include "Rtl/Golden.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>

using namespace cat;
using namespace cat::cost;
using namespace cat::rtl;

namespace {

HardwareParameters randomMachine(Random random) {
  HardwareParameters hw;
  hw.clusters = int64_t{1} << random.at(0, 0, 2);
  hw.width = int64_t{32} << random.at(1, 0, 3);
  hw.depth = int64_t{2} << random.at(2, 0, 5);
  hw.style = random.at(3) % 4 ? ArrayStyle::VectorMac : ArrayStyle::Systolic;
  hw.requantizers = std::min(hw.width, std::max<int64_t>(1, hw.width * hw.depth / 64));
  hw.accumulatorRows = 128;
  int64_t local = int64_t{65536} << random.at(4, 0, 4);
  hw.inputWords = local / 2 / hw.depth;
  hw.weightRows = local / 2 / hw.width;
  hw.vectorLanes = 32;
  hw.wordBytes = 128;
  hw.linkBytes = int64_t{32} << random.at(5, 0, 2);
  hw.globalBytes = int64_t{1} << 21;
  hw.dramRate = 12000;
  hw.dramLatency = 60;
  hw.outputRows = 16;
  while (checkHardware(hw) && hw.outputRows < 4096)
    hw.outputRows *= 2;
  return hw;
}

GemmDescriptor randomGemm(Random random) {
  static constexpr int64_t Rows[] = {197, 77, 50, 196, 257};
  GemmDescriptor gemm;
  int64_t width = 64 * random.at(0, 4, 12), heads = random.at(1, 4, 12);
  gemm.m = Rows[random.at(2) % std::size(Rows)];
  switch (random.at(3) % 6) {
  case 0: // Q, K, V
    gemm.k = width, gemm.n = 3 * width;
    break;
  case 1: // up
    gemm.k = width, gemm.n = 4 * width, gemm.table = true;
    break;
  case 2: // down
    gemm.k = 4 * width, gemm.n = width, gemm.residual = true;
    break;
  case 3: // output projection
    gemm.k = gemm.n = width, gemm.residual = true;
    break;
  case 4: // scores
    gemm.parameters = false, gemm.batch = heads, gemm.k = 64, gemm.n = gemm.m;
    break;
  default: // weighted values
    gemm.parameters = false, gemm.batch = heads, gemm.k = gemm.m, gemm.n = 64;
    break;
  }
  return gemm;
}

/// False where the mapping is none for this machine.
bool randomMapping(const HardwareParameters &hw, GemmDescriptor &gemm, Random random) {
  gemm.split = hw.clusters == 1
                   ? ClusterSplit::None
                   : static_cast<ClusterSplit>(random.at(0, 1, gemm.batch > 1 ? 3 : 2));
  gemm.hold = static_cast<Hold>(random.at(1) % 3);
  int64_t capacity = chunkCapacity(hw, gemm.k, gemm.hold);
  if (capacity < 1)
    return false;
  bool rows = gemm.split == ClusterSplit::Rows, columns = gemm.split == ClusterSplit::Columns;
  gemm.chunkRows = equalChunk(rows ? divideUp(gemm.m, hw.clusters) : gemm.m, capacity);
  int64_t steps = divideUp(gemm.n, hw.width);
  steps = columns ? divideUp(steps, hw.clusters) : steps;
  gemm.blockColumns = gemm.parameters ? std::min(steps, int64_t{1} << random.at(2, 0, 6)) : steps;
  return !checkGemm(hw, gemm);
}

TEST(ClosedForm, ErrorsOnTheExamplesSpace) {
  std::vector<double> errors;
  for (uint64_t i = 0; i < 1000; ++i) {
    Random random = Random(7).stream(i);
    HardwareParameters hw = randomMachine(random.stream(0));
    GemmDescriptor gemm = randomGemm(random.stream(1));
    if (checkHardware(hw) || !randomMapping(hw, gemm, random.stream(2)))
      continue;
    auto exact = static_cast<double>(rowExactCycles(hw, gemm));
    errors.push_back(std::abs(static_cast<double>(gemmCycles(hw, gemm)) / exact - 1));
  }
  ASSERT_GT(errors.size(), 900u);
  std::sort(errors.begin(), errors.end());
  // docs/hardware.md and CHANGELOG.md promise these.
  EXPECT_LT(errors[errors.size() / 2], 0.0003);
  EXPECT_LT(errors[errors.size() * 9 / 10], 0.003);
  EXPECT_LT(errors[errors.size() * 99 / 100], 0.025);
  EXPECT_LT(errors.back(), 0.12);
}

/// What the mapper chooses by the closed form: where an error would hide, a minimum finds it.
TEST(ClosedForm, ErrorsOfTheMappersChoices) {
  struct Bounds {
    int64_t accumulatorRows;
    double median, most98, largest;
  };
  for (const Bounds &bounds :
       {Bounds{128, 0.001, 0.015, 0.06}, {32, 0.001, 0.03, 0.11}, {8, 0.001, 0.12, 0.13}}) {
    std::vector<double> errors;
    for (uint64_t i = 0; i < 600; ++i) {
      Random random = Random(11).stream(i);
      Machine machine = cost::test::edgeMachine(
          {int64_t{1} << random.at(0, 0, 2), int64_t{32} << random.at(1, 0, 3),
           int64_t{2} << random.at(2, 0, 5), 2, int64_t{64} << random.at(4, 0, 4),
           int64_t{32} << random.at(5, 0, 2)});
      machine.array.accumulatorRows = bounds.accumulatorRows;
      const HardwareParameters hw = HardwareParameters::fromMachine(machine);
      if (checkHardware(hw))
        continue;
      const GemmDescriptor shape = randomGemm(random.stream(1));
      Gemm gemm;
      gemm.stationary = shape.parameters ? Stationary::Parameter : Stationary::Activation;
      gemm.batch = shape.batch, gemm.m = shape.m, gemm.n = shape.n, gemm.k = shape.k;
      gemm.residual = shape.residual, gemm.table = shape.table;
      gemm.liveElements = shape.residual ? gemm.results() : 0;
      std::optional<Mapping> mapping = mapGemm(machine, gemm);
      ASSERT_TRUE(mapping);
      int64_t closedForm = 0, exact = 0;
      for (const Starts &starts : GemmModel(machine, gemm).starts(*mapping))
        if (const auto *d = std::get_if<GemmDescriptor>(&starts.what)) {
          // What is costed has room in the hardware's buffer, too.
          Result<GemmLayout> layout = layoutGemm(hw, *d, GemmPlan(hw, *d));
          EXPECT_TRUE(layout) << layout.error();
          closedForm += starts.times * gemmCycles(hw, *d);
          exact += starts.times * rowExactCycles(hw, *d);
        }
      errors.push_back(std::abs(static_cast<double>(closedForm) / static_cast<double>(exact) - 1));
    }
    ASSERT_GT(errors.size(), 500u);
    std::sort(errors.begin(), errors.end());
    EXPECT_LT(errors[errors.size() / 2], bounds.median) << bounds.accumulatorRows;
    EXPECT_LT(errors[errors.size() * 98 / 100], bounds.most98) << bounds.accumulatorRows;
    EXPECT_LT(errors.back(), bounds.largest) << bounds.accumulatorRows;
  }
}

} // namespace
