//===- ClosedForm.cpp - Cycles of an operator in closed form --------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost/ClosedForm.h"
#include "Cost/HardwareMath.h"
#include "Cost/RowModelVector.h"
#include <algorithm>

using namespace cat;
using namespace cat::cost;

namespace {

/// One block of a GEMM on one cluster, visit by visit. A visit is a chunk of rows at a column step:
/// its four servers (array, weight stream, input stream, result stream) work at the same time, and
/// what they buffer hides all but the slowest. What is held in local SRAM comes with the first
/// visit that uses it, as far as the ring had no room for it before.
class BlockForm {
public:
  BlockForm(const HardwareParameters &hw, const GemmDescriptor &gemm, const GemmPlan &plan,
            const GemmShare &share)
      : hw(hw), gemm(gemm), plan(plan), share(share), logW(log2Of(hw.width)),
        logD(log2Of(hw.depth)), logG(log2Of(hw.wordBytes)), latency(hw.arrayLatency()),
        drain(hw.drainCycles()), link(hw.linkCycles()) {
    weightRows = ParameterRows + (plan.depthSteps << logD);
    weights = std::max(weightRows, weightSlots(plan.tileWords));
    weightRing = hw.weightRows * weights / weightRows;
    // Constants and the first tile: the slot of the last word, its way, its rows.
    int64_t first = words((ParameterRows + hw.depth) << logW);
    int64_t rowsOfWord = std::max<int64_t>(1, hw.wordBytes >> logW);
    fill = std::max(ParameterRows + hw.depth, weightSlots(first - 1) + rowsOfWord) + readLatency();
    end = visit(share.lastRows);
    whole = share.chunks > 1 && plan.rows != share.lastRows ? visit(plan.rows) : end;
    inputRing = hw.inputWords * whole.input / (plan.depthSteps * whole.rows);
    // Residual rows, which come between the inputs of two visits, have a ring of their own.
    if (gemm.residual)
      inputRing =
          std::min(inputRing, hw.accumulatorRows / whole.rows * whole.input +
                                  whole.residual * (hw.accumulatorRows - whole.rows) / whole.rows);
  }

  /// Cycles between two barriers, in a block of `columns` column steps.
  int64_t cycles(int64_t columns) const {
    // The first visit ends when each server has done its part. After the last word of a stream come
    // the rows of the last step that could not start before.
    int64_t byInput = whole.input + whole.residual + readLatency() +
                      std::max<int64_t>(0, whole.last - whole.lastArrival);
    int64_t byWeights = weights + readLatency() + whole.last;
    int64_t start = std::max({fill + whole.alone, byWeights, byInput});
    // Streams that waited for another one are ahead, as far as their rings go.
    int64_t all = rest(columns, true, true), sum = all;
    if (int64_t ahead = std::min(start - byInput, inputRing))
      sum -= std::min(all - rest(columns, false, true), ahead);
    if (int64_t ahead = std::min(start - byWeights, weightRing))
      sum -= std::min(all - rest(columns, true, false), ahead);
    // The second visit's constants have a place of their own.
    if (sum > 0)
      sum -= std::max<int64_t>(0, whole.slowest(true, true) - whole.slowestAlone());
    // The last visit's last step, in which rows start as they can or, if weights are there long
    // before, as they come; and its results.
    int64_t span = end.last, issues = (end.rows - 1) * drain;
    if (end.lastArrival > span && end.slowest(true, true) == end.input + end.residual) {
      int64_t visits = share.batch * share.chunks * columns;
      int64_t early = (end.input + end.residual - end.weights) * visits;
      span = issues = std::min(end.lastArrival, span + early);
    }
    return start + sum - span + latency + drain + 9 + std::max(issues, end.results - plan.frame) +
           plan.frame / 2 + link + plan.active + 2;
  }

private:
  struct Visit {
    int64_t rows;
    int64_t array, alone, last; ///< all depth steps, without waiting for constants, the last one
    int64_t weights, input, residual, results;
    int64_t lastArrival; ///< in which the rows come that the last step waits for
    /// The slowest server.
    int64_t slowest(bool withInput, bool withWeights) const {
      return std::max(
          {array, withWeights ? weights : 0, (withInput ? input : 0) + residual, results});
    }
    int64_t slowestAlone() const { return std::max({alone, weights, input + residual, results}); }
  };
  /// All visits but the first, with or without what the two streams bring.
  int64_t rest(int64_t columns, bool withInput, bool withWeights) const {
    int64_t others = share.chunks - 1; // chunks of plan.rows rows
    if (gemm.hold == Hold::Input && columns > 1) {
      // Input words that find no room beside the chunk before wait until its last visit frees them.
      // All of them come behind the chunk's residual rows, and so wait until those find room.
      auto chunk = [&](const Visit &visit) {
        int64_t held = visit.slowest(false, withWeights) * columns;
        if (!withInput)
          return held;
        int64_t size = plan.depthSteps * visit.rows, late = 2 * size - hw.inputWords;
        int64_t slowest = visit.slowest(false, withWeights);
        int64_t exposed = visit.residual - 2 * slowest;
        if (late > 0)
          exposed += late >= size ? visit.input : late * visit.input / size;
        if (gemm.residual) {
          int64_t window = std::min(hw.accumulatorRows / visit.rows + 1, columns);
          exposed = std::max(exposed, visit.input + visit.residual - window * slowest);
        }
        return std::max(held + std::max<int64_t>(0, exposed),
                        visit.input + columns * visit.residual);
      };
      int64_t first = chunk(whole), sum = first * (share.batch * others - 1);
      return sum + share.batch * chunk(end) + (columns - 1) * whole.slowest(false, withWeights);
    }
    if (gemm.hold == Hold::Weight && others > 0) {
      int64_t first = whole.slowest(withInput, false), last = end.slowest(withInput, false);
      int64_t column = others * first + last;
      // Constants stay for all chunks of a column step.
      int64_t steady = std::max(column, constantsOf(others * whole.alone + end.alone));
      if (withWeights) {
        int64_t late = 2 * weightRows - hw.weightRows, exposed = -last - first;
        if (late > 0)
          exposed += weights - (weightRing - weights); // what the ring holds beside a column step
        steady = std::max({steady, column + std::max<int64_t>(0, exposed), weights});
      }
      return (share.batch * columns - 1) * steady + column - first;
    }
    int64_t first = whole.slowest(withInput, withWeights);
    return share.batch * columns * (others * first + end.slowest(withInput, withWeights)) - first;
  }

  int64_t words(int64_t bytes) const { return shiftUp(bytes, logG); }
  /// Cycles in which the weight stream's slots, or the input stream's, come round `count` times.
  int64_t weightSlots(int64_t count) const {
    return perSlots(SlotPeriod * count, plan.weightSlots) * plan.frame;
  }
  int64_t inputSlots(int64_t count) const {
    return perSlots(SlotPeriod * count, SlotPeriod - plan.weightSlots) * plan.frame;
  }
  /// divideUp by 1 .. 7, which compilers turn into multiplications.
  static int64_t perSlots(int64_t count, int64_t slots) {
    switch (slots) {
    case 1:
      return count;
    case 2:
      return divideUp(count, 2);
    case 3:
      return divideUp(count, 3);
    case 4:
      return divideUp(count, 4);
    case 5:
      return divideUp(count, 5);
    case 6:
      return divideUp(count, 6);
    default:
      return divideUp(count, 7);
    }
  }
  /// From a slot to the issue of the row that it brought.
  int64_t readLatency() const { return 2 + link + 2; }

  /// What visits that take `array` cycles, and share their constants, take at least: the constants
  /// of those after next take their place.
  int64_t constantsOf(int64_t array) const {
    return (array + latency + hw.depth + ParameterRows + 3) / 2;
  }

  Visit visit(int64_t rows) const {
    Visit v;
    v.rows = rows;
    v.results = words(rows << logW) * plan.frame;
    // The next visit's first rows need not wait for the drain to take the last row.
    int64_t others = (plan.depthSteps - 1) * std::max(rows, hw.depth);
    v.last = std::max(rows * drain - std::min(drain - 1, others), ParameterRows + hw.depth);
    // Rows wait for the results of the rows that fill the FIFO before them.
    if (rows > hw.outputRows)
      v.last = std::max(v.last, v.results * (rows - hw.outputRows) / rows + latency + drain);
    v.alone = others + v.last;
    const bool constantsStay = gemm.hold == Hold::Weight && share.chunks > 1;
    v.array = constantsStay ? v.alone : std::max(v.alone, constantsOf(v.alone));
    v.input = std::max(plan.depthSteps * rows, inputSlots(words(plan.depthSteps * rows << logD)));
    v.residual = gemm.residual ? std::max(rows, inputSlots(words(rows << logW))) : 0;
    v.lastArrival = gemm.residual ? v.residual : std::max(rows, inputSlots(words(rows << logD)));
    // In a long last step the weight stream stops when its ring is full.
    v.weights = weights + std::max<int64_t>(0, v.last - weightRing);
    return v;
  }

  const HardwareParameters &hw;
  const GemmDescriptor &gemm;
  const GemmPlan &plan;
  const GemmShare &share;
  int64_t logW, logD, logG, latency, drain, link;
  int64_t weightRows, weights;   ///< of a column step: rows, cycles
  int64_t weightRing, inputRing; ///< cycles in which a stream fills its ring
  int64_t fill;                  ///< until the first row's issue
  Visit whole, end;              ///< of the first chunk, of the last
};

} // namespace

int64_t cost::gemmCycles(const HardwareParameters &hw, const GemmDescriptor &gemm,
                         const GemmPlan &plan) {
  const GemmShare &busiest = plan.active > 1 ? plan.full : plan.last;
  BlockForm form(hw, gemm, plan, busiest);
  int64_t lastBlock = plan.blocks - 1;
  int64_t columns = plan.columnsIn(lastBlock, busiest.columnSteps);
  int64_t rest = form.cycles(columns);
  int64_t whole = columns == plan.blockColumns ? rest : form.cycles(plan.blockColumns);
  if (!gemm.parameters)
    return rest + 4;
  int64_t total = dramCycles(hw, plan.blockWords(0)) + rest + 4 * (plan.blocks + 1);
  if (plan.blocks == 1)
    return total;
  // Blocks whose successor is whole for every cluster, then one for which the last cluster's
  // columns may end, then those where it has none.
  int64_t ends = std::min(plan.last.columnSteps / plan.blockColumns, lastBlock);
  total += std::max<int64_t>(0, ends - 1) * std::max(whole, dramCycles(hw, plan.blockWords(0)));
  int64_t block = std::max<int64_t>(1, ends);
  if (block < lastBlock) {
    total += std::max(whole, dramCycles(hw, plan.blockWords(block)));
    ++block;
  }
  if (block < lastBlock)
    total += (lastBlock - block) * std::max(whole, dramCycles(hw, plan.blockWords(block)));
  return total + std::max(whole, dramCycles(hw, plan.blockWords(lastBlock)));
}

int64_t cost::gemmCycles(const HardwareParameters &hw, const GemmDescriptor &gemm) {
  return gemmCycles(hw, gemm, GemmPlan(hw, gemm));
}

int64_t cost::copyCycles(const HardwareParameters &hw, const CopyDescriptor &copy) {
  return dramCycles(hw, divideUp(copy.bytes, hw.wordBytes)) + 3;
}

int64_t cost::vectorCycles(const HardwareParameters &hw, const VectorDescriptor &vector) {
  int64_t rows = divideUp(vector.rows, hw.clusters);
  int64_t active = divideUp(vector.rows, rows);
  int64_t frame = std::max(active, hw.linkCycles());
  VectorWork work{vector.function, rows, vector.columns, hw.vectorLanes};
  return closedFormVectorUnit(work, hw.wordBytes, frame, frame) + 2 * hw.linkCycles() + active + 5;
}
