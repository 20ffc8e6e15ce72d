//===- Hardware.cpp - The template machine as it is built -----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost/Hardware.h"
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
  int64_t macs = std::max<int64_t>(1, machine.array.macsPerRequantizer);
  h.requantizers = std::min(h.width, std::max<int64_t>(1, divideUp(h.width * h.depth, macs)));
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

static bool isPowerOfTwo(int64_t x) { return x > 0 && (x & (x - 1)) == 0; }

std::optional<std::string> cost::checkHardware(const HardwareParameters &h) {
  struct Size {
    const char *name;
    int64_t value;
  };
  for (const Size &size : {Size{"clusters", h.clusters},
                           {"width", h.width},
                           {"depth", h.depth},
                           {"requantizers", h.requantizers},
                           {"accumulatorRows", h.accumulatorRows},
                           {"outputRows", h.outputRows},
                           {"inputWords", h.inputWords},
                           {"weightRows", h.weightRows},
                           {"vectorLanes", h.vectorLanes},
                           {"vectorRowBytes", h.vectorRowBytes},
                           {"wordBytes", h.wordBytes},
                           {"linkBytes", h.linkBytes},
                           {"globalBytes", h.globalBytes}})
    if (!isPowerOfTwo(size.value))
      return std::string(size.name) + " is " + std::to_string(size.value) +
             "; it must be a power of two";
  auto least = [](const char *name, int64_t value, int64_t bound) {
    return std::string(name) + " is " + std::to_string(value) + "; it must be at least " +
           std::to_string(bound);
  };
  if (h.depth < 2)
    return least("depth", h.depth, 2);
  if (h.requantizers > h.width)
    return "requantizers is " + std::to_string(h.requantizers) + "; there are only " +
           std::to_string(h.width) + " lanes";
  if (h.accumulatorRows < 4)
    return least("accumulatorRows", h.accumulatorRows, 4);
  if (h.outputRows < h.leastOutputRows())
    return least("outputRows", h.outputRows, h.leastOutputRows());
  if (h.inputWords < 16)
    return least("inputWords", h.inputWords, 16);
  if (h.weightRows < 2 * h.depth + 8)
    return least("weightRows", h.weightRows, 2 * h.depth + 8);
  if (h.vectorLanes > h.wordBytes)
    return "vectorLanes is " + std::to_string(h.vectorLanes) + "; a word has only " +
           std::to_string(h.wordBytes) + " bytes";
  if (h.vectorLanes < 2)
    return least("vectorLanes", h.vectorLanes, 2);
  if (h.vectorLanes > 256)
    return "vectorLanes is " + std::to_string(h.vectorLanes) + "; it must be at most 256";
  if (h.vectorRowBytes < 2 * h.vectorLanes)
    return least("vectorRowBytes", h.vectorRowBytes, 2 * h.vectorLanes);
  if (h.globalBytes < 16 * 4 * h.wordBytes)
    return least("globalBytes", h.globalBytes, 16 * 4 * h.wordBytes);
  if (h.dramRate < 1 || h.dramRate > 65536)
    return "dramRate is " + std::to_string(h.dramRate) + "; it must be between 1 and 65536";
  return std::nullopt;
}
