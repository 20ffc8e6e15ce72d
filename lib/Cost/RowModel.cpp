//===- RowModel.cpp - Cycles of an operator, row by row -------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost/RowModel.h"
#include "Cost/ClosedForm.h"
#include "Cost/HardwareMath.h"
#include "Cost/RowModelVector.h"
#include "Cost/RowStreams.h"
#include <vector>

using namespace cat;
using namespace cat::cost;

namespace {

/// The last `size` of a sequence of times; those before the first are -1. The size is a power of
/// two.
class History {
public:
  explicit History(int64_t size) : times(static_cast<size_t>(size), -1), mask(size - 1) {}
  int64_t &operator[](int64_t index) { return times[static_cast<size_t>(index & mask)]; }

private:
  std::vector<int64_t> times;
  int64_t mask;
};

/// One block of a GEMM on one cluster (hw/rtl/catc_gemm.sv between its reader and its writer).
class GemmBlock {
public:
  GemmBlock(const HardwareParameters &hw, const GemmDescriptor &gemm, const GemmPlan &plan,
            const GemmShare &share, int64_t columns)
      : hw(hw), gemm(gemm), plan(plan), share(share), columns(columns), latency(hw.arrayLatency()),
        drain(hw.drainCycles()), inputs(hw, plan.frame, static_cast<uint8_t>(~plan.slotMask())),
        weights(hw, plan.frame, plan.slotMask()), results(hw, plan.frame),
        inputTaken(hw.inputWords), inputFreed(hw.inputWords), weightTaken(hw.weightRows),
        weightFreed(hw.weightRows), resultTaken(hw.outputRows), residualTaken(hw.accumulatorRows),
        residualFreed(hw.accumulatorRows) {}

  /// The slot of the last word of results.
  int64_t lastSlot() {
    for (int64_t batch = 0; batch < share.batch; ++batch) {
      if (gemm.hold == Hold::Weight)
        for (int64_t column = 0; column < columns; ++column)
          for (int64_t chunk = 0; chunk < share.chunks; ++chunk)
            visit(chunk, column);
      else
        for (int64_t chunk = 0; chunk < share.chunks; ++chunk)
          for (int64_t column = 0; column < columns; ++column)
            visit(chunk, column);
    }
    return results.lastSlot();
  }

private:
  /// A chunk of rows at a column step.
  void visit(int64_t chunk, int64_t column) {
    bool lastChunk = chunk == share.chunks - 1;
    bool sendsInput = gemm.hold != Hold::Input || column == 0;
    bool freesInput = gemm.hold != Hold::Input || column == columns - 1;
    bool sendsWeights = gemm.hold != Hold::Weight || chunk == 0;
    bool freesWeights = gemm.hold != Hold::Weight || lastChunk;
    int64_t rows = lastChunk ? share.lastRows : plan.rows;
    int64_t segment = rows * plan.depthSteps;

    if (sendsWeights)
      loadConstants();
    int64_t weight = tileWeights, input = chunkInput, inputEnd = chunkInput + segment;
    for (int64_t step = 0; step < plan.depthSteps; ++step) {
      bool lastStep = step == plan.depthSteps - 1;
      for (int64_t row = 0; row < hw.depth; ++row, ++weight) {
        if (sendsWeights)
          takeWeight(lastStep && row == hw.depth - 1);
        loaded = std::max(loaded + 1, weightTaken[weight] + 1);
        if (row == 0)
          loaded = std::max(loaded, swapped);
        if (freesWeights)
          weightFreed[weight] = loaded;
      }
      for (int64_t row = 0; row < rows; ++row, ++input) {
        if (sendsInput && input == inputsTaken)
          takeInput(input + 1 == inputEnd);
        int64_t issue = std::max(issued + 1, inputTaken[input] + 1);
        if (row == 0)
          issue = std::max(issue, loaded + 1);
        if (lastStep) {
          issue = std::max({issue, drained + drain, resultTaken[resultsIssued] + 1});
          if (gemm.residual) {
            // The residual rows follow the chunk's input in the stream.
            while (sendsInput && inputsTaken < inputEnd)
              takeInput(inputsTaken + 1 == inputEnd);
            issue = std::max(issue, takeResidual(row == rows - 1) + 1);
            residualFreed[resultsIssued] = issue + latency + 6;
          }
          drained = issue;
          resultTaken[resultsIssued] =
              results.next(hw.width, issue + latency + drain + 9, row == rows - 1);
          ++resultsIssued;
        }
        issued = issue;
        if (row == 0)
          swapped = issue;
        if (freesInput)
          inputFreed[input] = issue;
      }
    }
    if (freesInput)
      chunkInput = input;
    if (freesWeights) {
      tileWeights = weight;
      setFreed[visits++ % 2] = issued + latency + drain + 1;
    }
  }

  void loadConstants() {
    for (int64_t row = 0; row < ParameterRows; ++row) {
      takeWeight(false);
      loaded = std::max({loaded + 1, weightTaken[tileWeights] + 1, setFreed[visits % 2] + 1});
      weightFreed[tileWeights++] = loaded;
    }
  }

  void takeWeight(bool last) {
    int64_t ready = weightFreed[weightsTaken] + 1; // of the row that had the place
    weightTaken[weightsTaken++] = weights.next(hw.width, ready, last);
  }
  void takeInput(bool last) {
    int64_t ready = inputFreed[inputsTaken] + 1;
    inputTaken[inputsTaken++] = inputs.next(hw.depth, ready, last);
  }
  int64_t takeResidual(bool last) {
    int64_t ready = residualFreed[resultsIssued] + 1;
    return residualTaken[resultsIssued] = inputs.next(hw.width, ready, last);
  }

  const HardwareParameters &hw;
  const GemmDescriptor &gemm;
  const GemmPlan &plan;
  const GemmShare &share;
  int64_t columns, latency, drain;
  ReadStream inputs, weights;
  WriteStream results;
  History inputTaken, inputFreed, weightTaken, weightFreed, resultTaken, residualTaken,
      residualFreed;
  int64_t inputsTaken = 0, weightsTaken = 0, resultsIssued = 0, visits = 0;
  int64_t chunkInput = 0;  ///< index of the chunk's first input word
  int64_t tileWeights = 0; ///< index of the column step's first weight row
  int64_t loaded = -1, swapped = -1, issued = -1, drained = -1000000;
  int64_t setFreed[2] = {-1, -1};
};

} // namespace

/// Cycles from a transfer's start until the control sees its end.
static int64_t transferEnd(const HardwareParameters &hw, int64_t words) {
  return dramCycles(hw, words) + 1;
}

int64_t cost::rowExactCycles(const HardwareParameters &hw, const GemmDescriptor &gemm) {
  GemmPlan plan(hw, gemm);
  auto end = [&](const GemmShare &share, int64_t columns, int64_t cluster) -> int64_t {
    if (columns == 0)
      return 0;
    return GemmBlock(hw, gemm, plan, share, columns).lastSlot() + hw.linkCycles() + 1 + cluster;
  };
  int64_t total = gemm.parameters ? transferEnd(hw, plan.blockWords(0)) + 2 : 1;
  int64_t knownFull = -1, knownLast = -1, known = 0;
  for (int64_t block = 0; block < plan.blocks; ++block) {
    int64_t full = plan.active > 1 ? plan.columnsIn(block, plan.full.columnSteps) : 0;
    int64_t last = plan.columnsIn(block, plan.last.columnSteps);
    if (full != knownFull || last != knownLast) {
      known =
          std::max(end(plan.full, full, plan.active - 2), end(plan.last, last, plan.active - 1));
      knownFull = full;
      knownLast = last;
    }
    int64_t next = block + 1 < plan.blocks ? transferEnd(hw, plan.blockWords(block + 1)) : 0;
    total += std::max(known, next) + 2;
  }
  return total;
}

int64_t cost::rowExactCycles(const HardwareParameters &hw, const VectorDescriptor &vector) {
  int64_t rows = divideUp(vector.rows, hw.clusters);
  int64_t active = divideUp(vector.rows, rows);
  int64_t frame = std::max(active, hw.linkCycles());
  int64_t lanes = hw.vectorLanes;
  auto end = [&](int64_t clusterRows, int64_t cluster) {
    VectorWork work{vector.function, clusterRows, vector.columns, lanes};
    ReadStream input(hw, frame, 0xff);
    WriteStream results(hw, frame);
    // The unit's time begins with its start, a cycle before the block's first slot.
    runVectorUnit(
        work,
        [&](int64_t index, int64_t earliest) {
          bool last = index == work.headerGroups() - 1 || index == work.inputGroups() - 1;
          return input.next(lanes, earliest - 1, last) + 1;
        },
        [&](int64_t index, int64_t earliest) {
          return results.next(lanes, earliest - 1, index == work.outputGroups() - 1) + 1;
        });
    return results.lastSlot() + hw.linkCycles() + 1 + cluster;
  };
  int64_t last = end(vector.rows - (active - 1) * rows, active - 1);
  return 1 + std::max(active > 1 ? end(rows, active - 2) : 0, last) + 2;
}

int64_t cost::rowExactCycles(const HardwareParameters &hw, const CopyDescriptor &copy) {
  return transferEnd(hw, divideUp(copy.bytes, hw.wordBytes)) + 2;
}
