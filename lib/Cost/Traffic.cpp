//===- Traffic.cpp - Data movement of a loop nest ---------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost/Traffic.h"
#include <algorithm>
#include <cmath>

using namespace cat::cost::traffic;

namespace {

int64_t relevantTrips(const Nest &nest, Operand operand) { return tileElements(nest, operand, 0); }

/// The temporal loops of levels [0, count), outermost first.
Nest loopsAbove(const std::vector<Level> &levels, size_t count) {
  Nest nest;
  for (size_t i = 0; i != count; ++i)
    nest.insert(nest.end(), levels[i].temporal.begin(), levels[i].temporal.end());
  return nest;
}

/// Elements of the operand that one instance of level `index` holds; 1 for a multiplier.
int64_t heldElements(const std::vector<Level> &levels, Operand operand, size_t index) {
  int64_t elements = 1;
  for (size_t i = index; i < levels.size(); ++i)
    elements *=
        relevantTrips(levels[i].temporal, operand) * relevantTrips(levels[i].spatial, operand);
  return elements;
}

/// Elements that cross into, or out of, one instance of level `index`.
int64_t crossing(const std::vector<Level> &levels, Operand operand, size_t index) {
  Nest above = loopsAbove(levels, index);
  return heldElements(levels, operand, index) * tileFetches(above, operand, above.size());
}

} // namespace

bool cat::cost::traffic::isRelevant(Operand operand, Dimension dimension) {
  switch (dimension) {
  case Dimension::Batch:
    return true;
  case Dimension::M:
    return operand != Operand::W;
  case Dimension::N:
    return operand != Operand::A;
  case Dimension::K:
    return operand != Operand::Z;
  }
  return false;
}

int64_t cat::cost::traffic::tileElements(const Nest &nest, Operand operand, size_t first) {
  int64_t elements = 1;
  for (size_t i = first; i < nest.size(); ++i)
    if (isRelevant(operand, nest[i].dimension))
      elements *= nest[i].trips;
  return elements;
}

int64_t cat::cost::traffic::tileFetches(const Nest &nest, Operand operand, size_t last) {
  // The innermost loops that leave the tile as it is.
  while (last && (nest[last - 1].trips == 1 || !isRelevant(operand, nest[last - 1].dimension)))
    --last;
  int64_t fetches = 1;
  for (size_t i = 0; i != last; ++i)
    fetches *= nest[i].trips;
  return fetches;
}

int64_t cat::cost::traffic::movedElements(const Nest &nest, Operand operand, size_t position) {
  return tileElements(nest, operand, position) * tileFetches(nest, operand, position);
}

int64_t LevelTraffic::reads() const {
  int64_t sum = 0;
  for (const Accesses &a : operands)
    sum += a.reads;
  return sum;
}

int64_t LevelTraffic::writes() const {
  int64_t sum = 0;
  for (const Accesses &a : operands)
    sum += a.fills + a.updates;
  return sum;
}

std::vector<LevelTraffic> cat::cost::traffic::loopNestTraffic(const std::vector<Level> &levels) {
  std::vector<LevelTraffic> traffic(levels.size());
  for (size_t i = 0; i != levels.size(); ++i)
    for (Operand operand : kOperands) {
      Accesses &a = traffic[i].operands[static_cast<size_t>(operand)];
      int64_t below = crossing(levels, operand, i + 1) * relevantTrips(levels[i].spatial, operand);
      int64_t above = i ? crossing(levels, operand, i) : 0; // the outermost level holds everything
      if (operand != Operand::Z) {
        a.reads = below;
        a.fills = above;
        continue;
      }
      int64_t results =
          heldElements(levels, operand, i) * tileElements(loopsAbove(levels, i), operand);
      a.updates = below;
      a.reads = below - results;
      a.fills = i ? above - results : 0;
    }
  return traffic;
}

int64_t cat::cost::traffic::loopNestCycles(const std::vector<Level> &levels) {
  int64_t cycles = 1;
  for (const Level &level : levels)
    for (const Loop &loop : level.temporal)
      cycles *= loop.trips;
  std::vector<LevelTraffic> traffic = loopNestTraffic(levels);
  for (size_t i = 0; i != levels.size(); ++i) {
    if (levels[i].bandwidth <= 0)
      continue;
    int64_t reads = traffic[i].reads(), writes = traffic[i].writes();
    int64_t accesses = levels[i].sharedPort ? reads + writes : std::max(reads, writes);
    cycles = std::max(cycles, static_cast<int64_t>(
                                  std::ceil(static_cast<double>(accesses) / levels[i].bandwidth)));
  }
  return cycles;
}
