//===- Hardware.cpp - The template machine as it is built -----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost/Hardware.h"
#include "Cost/Cost.h"
#include "Cost/HardwareMath.h"
#include <algorithm>
#include <cmath>

using namespace cat;
using namespace cat::cost;

HardwareParameters HardwareParameters::fromMachine(const Machine &machine) {
  HardwareParameters h;
  h.clusters = machine.clusters;
  h.width = machine.array.width;
  h.depth = machine.array.depth;
  h.style = machine.array.style;
  h.requantizers = requantizersPerCluster(machine.array);
  h.accumulatorRows = machine.array.accumulatorRows;
  h.outputRows = machine.array.outputRows;
  h.inputWords = machine.local.capacity / 2 / h.depth;
  h.weightRows = machine.local.capacity / 2 / h.width;
  h.vectorLanes = machine.vector.lanes;
  h.vectorRowBytes = machine.vector.rowBytes;
  h.wordBytes = machine.global.bytesPerCycle;
  h.linkBytes = machine.local.bytesPerCycle;
  h.globalBytes = machine.global.capacity;
  double wordsPerCycle = machine.dram.bandwidth.value() * machine.dram.efficiency /
                         machine.clock.value() / static_cast<double>(h.wordBytes);
  h.dramRate = static_cast<int64_t>(std::floor(65536.0 * std::min(1.0, wordsPerCycle)));
  h.dramLatency = machine.dram.latencyCycles;
  return h;
}

int64_t HardwareParameters::arrayLatency() const {
  return style == ArrayStyle::Systolic ? depth + width - 1 : 2 + log2Of(depth);
}

int64_t HardwareParameters::leastOutputRows() const {
  return divideUp(arrayLatency() + 12, drainCycles()) + 2;
}
