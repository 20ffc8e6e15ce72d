//===- Area.cpp - Silicon area and peak throughput --------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost/Cost.h"
#include <algorithm>
#include <cmath>

using namespace cat;
using namespace cat::cost;

namespace {

/// Linear in log2(x) between table points, constant beyond them.
template <typename Q>
Q interpolate(const std::vector<int64_t> &xs, const std::vector<Q> &ys, int64_t x) {
  if (x <= xs.front())
    return ys.front();
  if (x >= xs.back())
    return ys.back();
  size_t hi = std::upper_bound(xs.begin(), xs.end(), x) - xs.begin();
  double x0 = static_cast<double>(xs[hi - 1]);
  double position =
      std::log2(static_cast<double>(x) / x0) / std::log2(static_cast<double>(xs[hi]) / x0);
  return ys[hi - 1] + (ys[hi] - ys[hi - 1]) * position;
}

SquareMillimetres cells(const SramTechnology &technology, int64_t capacity) {
  return interpolate(technology.capacities, technology.area, capacity) *
         Bytes(static_cast<double>(capacity));
}

/// A memory's cells grow with its word width (more columns and sense amplifiers), and so does its
/// wiring.
SquareMillimetres memoryArea(const Memory &memory) {
  const SramTechnology &t = memory.technology;
  double doublings = std::log2(static_cast<double>(memory.bytesPerCycle) / t.baseWidth);
  SquareMillimetres one = cells(t, memory.capacity) * (1 + t.areaPerDoubling * doublings) +
                          t.areaPerWidth * static_cast<double>(memory.bytesPerCycle);
  return one * static_cast<double>(memory.instances);
}

/// The formula that CATransformers (arXiv 2505.01386) uses, reproduced from the rows that its
/// authors published:
///   A = clusters (S(L2tc) + S(L2) + W D (MAC + L1tc) + W (MAC + L1vc)) + S(GLB)
/// where the cell carries MAC + L1tc and a vector lane MAC + L1vc. L2tc is the local SRAM, raised
/// to at least W D / 64 KB, to 256 KB at 256 x 32 and to 128 KB at 256 x 16.
AreaBreakdown caTransformersArea(const Machine &machine) {
  const MacArray &array = machine.array;
  const double clusters = static_cast<double>(machine.clusters);
  int64_t tensorLocal = std::max(machine.local.capacity, array.width * array.depth / 64 * 1024);
  if (array.width == 256 && array.depth == 32)
    tensorLocal = std::max<int64_t>(tensorLocal, 256 * 1024);
  if (array.width == 256 && array.depth == 16)
    tensorLocal = std::max<int64_t>(tensorLocal, 128 * 1024);
  AreaBreakdown a;
  a.array = interpolate(array.cellDepths, array.cellArea, array.depth) *
            static_cast<double>(machine.macSlots());
  a.vector = machine.vector.laneArea * (clusters * static_cast<double>(array.width));
  a.local = (cells(machine.local.technology, tensorLocal) +
             cells(machine.local.technology, machine.local.capacity)) *
            clusters;
  a.global = cells(machine.global.technology, machine.global.capacity);
  return a;
}

} // namespace

AreaBreakdown cost::area(const Machine &machine) {
  if (machine.areaModel == AreaModel::CATransformers)
    return caTransformersArea(machine);
  const MacArray &array = machine.array;
  const double clusters = static_cast<double>(machine.clusters);
  const int64_t units =
      (array.width * array.depth + array.macsPerRequantizer - 1) / array.macsPerRequantizer;
  AreaBreakdown a;
  a.array = interpolate(array.cellDepths, array.cellArea, array.depth) *
            static_cast<double>(machine.macSlots());
  a.accumulators = array.accumulatorArea *
                   Bytes(static_cast<double>(machine.clusters * array.width *
                                             array.accumulatorRows * array.accumulatorBytes));
  a.requantizers = array.requantizerArea * (clusters * static_cast<double>(units));
  a.vector = machine.vector.laneArea * (clusters * static_cast<double>(machine.vector.lanes));
  a.local = memoryArea(machine.local);
  a.global = memoryArea(machine.global);
  a.other = machine.otherArea;
  return a;
}

OperationsPerSecond cost::peakThroughput(const Machine &machine) {
  return Operations(2 * static_cast<double>(machine.macSlots())) * machine.clock;
}
