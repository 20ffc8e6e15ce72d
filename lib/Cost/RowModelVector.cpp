//===- RowModelVector.cpp - When the vector unit's groups move ------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost/RowModelVector.h"
#include "Cost/HardwareMath.h"
#include "Support/Check.h"
#include <algorithm>
#include <array>

using namespace cat;
using namespace cat::cost;

namespace {

// Cycles of hw/rtl/catc_vector*.sv.
constexpr int64_t kConstantBytes = 16, kTableBytes = 256;
/// Output FIFO: groups between issue and departure.
constexpr int64_t kOutputGroups = 16;
/// From a row's last group to its maximum and sums, beside one for each level of their trees.
constexpr int64_t kReductionCycles = 3;
/// From a group's issue to its exponentials' part of the total, beside the levels.
constexpr int64_t kExponentialCycles = 6;
/// From the total, or from a row's sums, to the first result's issue: the scalar unit, and one.
constexpr int64_t kReciprocalCycles = 10, kRootCycles = 21;
/// From issue to the output FIFO's head.
constexpr int64_t kResultCycles = 11, kStreamCycles = 4;

int64_t treeLevels(int64_t lanes) {
  int64_t levels = 0;
  while ((int64_t(1) << levels) < lanes)
    ++levels;
  return levels;
}

bool streams(VectorFunction function) {
  return function == VectorFunction::Add || function == VectorFunction::Pointwise;
}

/// From the cycle in which a row's computation starts to its first result's issue.
int64_t cyclesToResults(const VectorWork &work) {
  if (work.function != VectorFunction::Softmax)
    return kRootCycles;
  return work.rowGroups() + kExponentialCycles + treeLevels(work.lanes) + kReciprocalCycles;
}

/// Departure of results: when they leave, and whether another may be issued.
class Departures {
public:
  Departures(const GroupTransfer &write, int64_t latency) : write(write), latency(latency) {}

  /// The earliest issue that leaves room for its result.
  int64_t room() const { return index < kOutputGroups ? 0 : left[index % kOutputGroups] + 1; }
  void issue(int64_t cycle) {
    last = write(index, std::max(cycle + latency, last + 1));
    left[index++ % kOutputGroups] = last;
  }
  int64_t lastCycle() const { return last; }

private:
  const GroupTransfer &write;
  int64_t latency;
  int64_t index = 0, last = 0;
  std::array<int64_t, kOutputGroups> left = {};
};

} // namespace

int64_t VectorWork::headerGroups() const {
  int64_t constants = divideUp(kConstantBytes, lanes);
  switch (function) {
  case VectorFunction::LayerNorm:
  case VectorFunction::L2Norm:
    return constants + 4 * rowGroups();
  case VectorFunction::Pointwise:
    return constants + kTableBytes / lanes;
  case VectorFunction::Softmax:
  case VectorFunction::Add:
    break;
  }
  return constants;
}

int64_t VectorWork::rowInputGroups() const {
  return function == VectorFunction::Add ? 2 * rowGroups() : rowGroups();
}

int64_t VectorWork::passes() const {
  return streams(function) ? 1 : function == VectorFunction::Softmax ? 3 : 2;
}

int64_t cost::runVectorUnit(const VectorWork &work, const GroupTransfer &read,
                            const GroupTransfer &write) {
  CATC_CHECK(work.rows > 0 && work.columns > 0 && work.lanes >= 2 && work.lanes <= 256,
             "a vector unit's work is out of range");
  int64_t index = 0, arrived = 0;
  auto take = [&](int64_t earliest) {
    arrived = read(index++, std::max(arrived + 1, earliest));
    return arrived;
  };
  for (int64_t group = 0; group != work.headerGroups(); ++group)
    take(0);

  if (streams(work.function)) {
    Departures departures(write, kStreamCycles);
    for (int64_t group = 0; group != work.outputGroups(); ++group) {
      if (work.function == VectorFunction::Add)
        take(0);
      departures.issue(take(departures.room()));
    }
    return departures.lastCycle() + 1;
  }

  Departures departures(write, kResultCycles);
  // When the halves of the row buffer and the computation are free again.
  int64_t freed = 0, freedBefore = 0;
  for (int64_t row = 0; row != work.rows; ++row) {
    for (int64_t group = 0; group != work.rowGroups(); ++group)
      take(freedBefore);
    int64_t start = std::max(arrived + kReductionCycles + treeLevels(work.lanes), freed);
    int64_t next = start + cyclesToResults(work);
    for (int64_t group = 0; group != work.rowGroups(); ++group) {
      next = std::max(next, departures.room());
      departures.issue(next++);
    }
    freedBefore = freed;
    freed = next;
  }
  return departures.lastCycle() + 1;
}

int64_t cost::closedFormVectorUnit(const VectorWork &work, int64_t wordBytes, int64_t readCycles,
                                   int64_t writeCycles) {
  auto in = [&](int64_t groups) {
    return std::max(groups, divideUp(groups * work.lanes * readCycles, wordBytes));
  };
  auto out = [&](int64_t groups) {
    return std::max(groups, divideUp(groups * work.lanes * writeCycles, wordBytes));
  };
  int64_t header = in(work.headerGroups());
  int64_t row = std::max(in(work.rowInputGroups()), out(work.rowGroups()));
  if (streams(work.function))
    return header + work.rows * row + kStreamCycles + 1;
  // Once the FIFO and the word that is being packed are full, a result is issued when one leaves.
  int64_t results = work.rowGroups(), waiting = kOutputGroups + wordBytes / work.lanes - 1;
  if (results > waiting)
    results = std::max(results, out(results - 1 - waiting) + kResultCycles + 2);
  int64_t compute = cyclesToResults(work) + results;
  return header + in(work.rowGroups()) + kReductionCycles + treeLevels(work.lanes) +
         (work.rows - 1) * std::max(row, compute) + cyclesToResults(work) + out(work.rowGroups()) +
         kResultCycles;
}
