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

/// A bank of an SRAM of the technology: cells, and periphery for each byte of its word and for each
/// word.
SquareMillimetres bankArea(const SramTechnology &t, int64_t bytes, int64_t wordBytes) {
  return cells(t, bytes) + t.areaPerWidth * static_cast<double>(wordBytes) +
         t.areaPerWord * (static_cast<double>(bytes) / static_cast<double>(wordBytes)) +
         t.areaPerBank;
}

/// The local SRAM is two rings that are filled while they are read: words of D bytes of the input,
/// and of W bytes of weights.
SquareMillimetres localArea(const Machine &machine) {
  const SramTechnology &t = machine.local.technology;
  int64_t half = machine.local.capacity / 2;
  SquareMillimetres halves =
      bankArea(t, half, machine.array.depth * machine.elementBytes) +
      bankArea(t, machine.local.capacity - half, machine.array.width * machine.elementBytes);
  return halves * (t.portArea * static_cast<double>(machine.local.instances));
}

SquareMillimetres globalArea(const Machine &machine) {
  return bankArea(machine.global.technology, machine.global.capacity / kGlobalBanks,
                  machine.global.bytesPerCycle) *
         static_cast<double>(kGlobalBanks * machine.global.instances);
}

SquareMillimetres arrayArea(const Machine &machine) {
  const MacArray &array = machine.array;
  bool systolic = array.style == ArrayStyle::Systolic;
  const std::vector<SquareMillimetres> &cell =
      systolic && !array.systolicCellArea.empty() ? array.systolicCellArea : array.cellArea;
  SquareMillimetres area =
      interpolate(array.cellDepths, cell, array.depth) * static_cast<double>(machine.macSlots());
  if (systolic)
    area += array.registerArea * static_cast<double>(machine.clusters * skewBits(array));
  return area;
}

/// Sums and as many residual rows, memories that are read and written in the same cycle; and the
/// finished rows that wait, in registers.
SquareMillimetres accumulatorsArea(const Machine &machine) {
  const MacArray &array = machine.array;
  const int64_t sums = array.width * array.accumulatorBytes;
  const int64_t row = array.width * machine.elementBytes;
  const int64_t bytes = array.accumulatorRows * (sums + row);
  SquareMillimetres one = array.accumulatorArea * Bytes(static_cast<double>(bytes)) +
                          array.accumulatorWidthArea * static_cast<double>(sums + row) +
                          array.fifoArea * Bytes(static_cast<double>(array.outputRows * row)) +
                          array.laneArea * static_cast<double>(array.width);
  return one * static_cast<double>(machine.clusters);
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

/// Of one unit. A group of lanes reads a byte each of a row and four of its parameters.
SquareMillimetres vectorArea(const Machine &machine) {
  const VectorUnit &unit = machine.vector;
  const double lanes = static_cast<double>(unit.lanes);
  return unit.unitArea + unit.laneArea * lanes + machine.array.accumulatorWidthArea * (5 * lanes) +
         machine.array.accumulatorArea * Bytes(6 * static_cast<double>(unit.rowBytes));
}

} // namespace

AreaBreakdown cost::area(const Machine &machine) {
  if (machine.areaModel == AreaModel::CATransformers)
    return caTransformersArea(machine);
  const double clusters = static_cast<double>(machine.clusters);
  AreaBreakdown a;
  a.array = arrayArea(machine);
  a.accumulators = accumulatorsArea(machine);
  a.requantizers = machine.array.requantizerArea *
                   (clusters * static_cast<double>(requantizersPerCluster(machine.array)));
  a.vector = vectorArea(machine) * clusters;
  a.local = localArea(machine);
  a.global = globalArea(machine);
  // The buffer's own multiplexers are about as large as what one cluster has for its words.
  a.links =
      machine.wordArea * (static_cast<double>(machine.global.bytesPerCycle) * (clusters + 1)) +
      machine.linkArea * (static_cast<double>(machine.local.bytesPerCycle) * clusters);
  a.other = machine.otherArea + machine.clusterArea * clusters;
  return a;
}

int64_t cost::requantizersPerCluster(const MacArray &array) {
  int64_t units =
      (array.width * array.depth + array.macsPerRequantizer - 1) / array.macsPerRequantizer;
  return std::min(array.width, units);
}

int64_t cost::skewBits(const MacArray &array) {
  // Operand byte, swap and load of each row; weight byte and partial sum of each column.
  int64_t sum = 16;
  for (int64_t depth = 1; depth < array.depth; depth *= 2)
    ++sum;
  return array.depth * (array.depth - 1) / 2 * 10 + array.width * (array.width - 1) / 2 * (8 + sum);
}

OperationsPerSecond cost::peakThroughput(const Machine &machine) {
  return Operations(2 * static_cast<double>(machine.macSlots())) * machine.clock;
}
