//===- RtlCases.cpp - Random operators for the emitted hardware -----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// RtlCases machines                   the number of machines
// RtlCases package MACHINE            the parameter package of machine MACHINE
// RtlCases cases MACHINE COUNT SEED   COUNT random operators for it (hw/README.md), each after a
// line
//                                       # predicted NAME KIND ROW_MODEL CLOSED_FORM
//
// Machines are shapes x array styles x cluster counts; their bandwidths and buffers vary as well.
//
//===----------------------------------------------------------------------===//

#include "Cost/ClosedForm.h"
#include "Cost/HardwareMath.h"
#include "Cost/RowModel.h"
#include "Rtl/Golden.h"
#include "Rtl/Package.h"
#include <cstdlib>
#include <iostream>

using namespace cat;
using namespace cat::cost;
using namespace cat::rtl;

namespace {

struct Shape {
  int64_t width, depth, requantizers, accumulatorRows, inputWords, weightRows, vectorLanes;
  int64_t wordBytes, linkBytes, dramRate, dramLatency;
};

constexpr Shape Shapes[] = {
    {8, 8, 4, 32, 64, 128, 8, 16, 16, 65536, 0},   {4, 16, 1, 16, 32, 64, 4, 16, 8, 30000, 17},
    {16, 4, 4, 64, 128, 64, 16, 32, 8, 20000, 40}, {32, 8, 32, 16, 64, 32, 8, 16, 16, 65536, 8},
    {8, 32, 8, 32, 32, 256, 16, 16, 4, 9000, 25},  {16, 16, 2, 32, 256, 128, 32, 32, 32, 45000, 60},
};
constexpr int64_t ClusterCounts[] = {1, 2, 4};
constexpr size_t NumMachines = std::size(Shapes) * 2 * std::size(ClusterCounts);

HardwareParameters machine(size_t index) {
  const Shape &shape = Shapes[index % std::size(Shapes)];
  index /= std::size(Shapes);
  HardwareParameters hw;
  hw.style = index % 2 ? ArrayStyle::Systolic : ArrayStyle::VectorMac;
  hw.clusters = ClusterCounts[index / 2];
  hw.width = shape.width;
  hw.depth = shape.depth;
  hw.requantizers = shape.requantizers;
  hw.accumulatorRows = shape.accumulatorRows;
  hw.inputWords = shape.inputWords;
  hw.weightRows = shape.weightRows;
  hw.vectorLanes = shape.vectorLanes;
  hw.vectorRowBytes = 256;
  hw.wordBytes = shape.wordBytes;
  hw.linkBytes = shape.linkBytes;
  hw.globalBytes = int64_t{1} << 18;
  hw.dramRate = shape.dramRate;
  hw.dramLatency = shape.dramLatency;
  for (hw.outputRows = 8; checkHardware(hw); hw.outputRows *= 2)
    if (hw.outputRows > 4096) {
      std::cerr << checkHardware(hw)->message << '\n';
      std::exit(70);
    }
  return hw;
}

GemmDescriptor randomGemm(const HardwareParameters &hw, Random random) {
  GemmDescriptor gemm;
  // Mostly small, sometimes many steps in one direction.
  auto size = [&](uint64_t index, int64_t unit) {
    int64_t steps = random.at(index) % 4 ? random.at(index + 1, 1, 4) : random.at(index + 1, 1, 9);
    return std::max<int64_t>(1, steps * unit - random.at(index + 2, 0, unit - 1));
  };
  gemm.parameters = random.at(0) % 2;
  gemm.batch = gemm.parameters ? 1 : random.at(1, 1, 6);
  gemm.m = size(2, hw.accumulatorRows / 2);
  gemm.n = size(5, hw.width);
  gemm.k = size(8, hw.depth);
  gemm.residual = random.at(11) % 3 == 0;
  gemm.table = random.at(12) % 3 == 0;
  gemm.hold = static_cast<Hold>(random.at(13) % 3);
  gemm.split = hw.clusters == 1 ? ClusterSplit::None : static_cast<ClusterSplit>(random.at(14) % 4);
  if (gemm.split == ClusterSplit::Batch && gemm.batch == 1)
    gemm.split = ClusterSplit::Rows;
  int64_t rows = gemm.split == ClusterSplit::Rows ? divideUp(gemm.m, hw.clusters) : gemm.m;
  int64_t capacity = chunkCapacity(hw, gemm.k, gemm.hold);
  if (capacity > 0)
    gemm.chunkRows =
        random.at(15) % 4 ? equalChunk(rows, capacity) : random.at(16, 1, std::min(rows, capacity));
  int64_t columns = divideUp(gemm.n, hw.width);
  if (gemm.split == ClusterSplit::Columns)
    columns = divideUp(columns, hw.clusters);
  gemm.blockColumns = random.at(17) % 2 ? columns : random.at(18, 1, columns);
  return gemm;
}

struct Prediction {
  const char *kind = "";
  int64_t rowModel = 0, closedForm = 0;
};

/// One random operator, or nothing where it would not fit.
std::optional<Case> randomCase(const HardwareParameters &hw, Random random, const std::string &name,
                               Prediction &predicted) {
  switch (random.at(100) % 8) {
  case 0: {
    CopyDescriptor copy;
    copy.bytes = random.at(0, 1, 200 * hw.wordBytes);
    copy.toDram = random.at(1) % 2;
    Result<Case> result = copyCase(hw, copy, random.at(2), name);
    if (!result)
      return std::nullopt;
    predicted = {"transfer", rowExactCycles(hw, copy), copyCycles(hw, copy)};
    return std::move(*result);
  }
  case 1:
  case 2: {
    VectorDescriptor vector;
    vector.function = static_cast<VectorFunction>(random.at(0) % 5);
    vector.rows = random.at(1, 1, 20);
    vector.columns = random.at(2, 1, hw.vectorRowBytes);
    Result<Case> result = vectorCase(hw, vector, random.at(3), name);
    if (!result)
      return std::nullopt;
    predicted = {"vector", rowExactCycles(hw, vector), vectorCycles(hw, vector)};
    return std::move(*result);
  }
  default: {
    GemmDescriptor gemm = randomGemm(hw, random);
    Result<Case> result = gemmCase(hw, gemm, random.at(101), name);
    if (!result)
      return std::nullopt;
    predicted = {"gemm", rowExactCycles(hw, gemm), gemmCycles(hw, gemm)};
    return std::move(*result);
  }
  }
}

int writeCases(size_t index, int64_t count, uint64_t seed) {
  HardwareParameters hw = machine(index);
  Random random = Random(seed).stream(index);
  for (uint64_t attempt = 0; count > 0; ++attempt) {
    Prediction predicted;
    std::string name = "m" + std::to_string(index) + "-" + std::to_string(attempt);
    std::optional<Case> result = randomCase(hw, random.stream(attempt), name, predicted);
    if (!result)
      continue;
    std::cout << "# predicted " << name << ' ' << predicted.kind << ' ' << predicted.rowModel << ' '
              << predicted.closedForm << '\n';
    result->write(std::cout);
    --count;
  }
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  std::string mode = argc > 1 ? argv[1] : "";
  size_t index = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 0;
  if (mode == "machines") {
    std::cout << NumMachines << '\n';
    return 0;
  }
  if (mode == "package" && argc == 3 && index < NumMachines) {
    std::cout << configPackage(machine(index));
    return 0;
  }
  if (mode == "cases" && argc == 5 && index < NumMachines)
    return writeCases(index, std::atoll(argv[3]), std::strtoull(argv[4], nullptr, 10));
  std::cerr << "usage: RtlCases machines | package MACHINE | cases MACHINE COUNT SEED\n";
  return 2;
}
