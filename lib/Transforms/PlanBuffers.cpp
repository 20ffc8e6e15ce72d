//===- PlanBuffers.cpp - Liveness in the global buffer --------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Transforms/Passes.h"

namespace cat {
#define GEN_PASS_DEF_PLANBUFFERS
#include "Transforms/Passes.h.inc"
} // namespace cat

using namespace mlir;
using namespace cat;

namespace {

/// Elements of a value that occupies the global buffer; what lies in DRAM occupies none.
int64_t bufferedElements(Value value) {
  if (value.getDefiningOp<accel::SourceOp>())
    return 0;
  return cast<RankedTensorType>(value.getType()).getNumElements();
}

struct PlanBuffersPass : cat::impl::PlanBuffersBase<PlanBuffersPass> {
  using Base::Base;
  void runOnOperation() override {
    getOperation().walk([](accel::ProgramOp program) { planBlock(program.getBody().front(), 0); });
  }

private:
  /// Plans a block during which `outside` elements of enclosing blocks stay live.
  static void planBlock(Block &block, int64_t outside) {
    SmallVector<Operation *> order;
    DenseMap<Operation *, int64_t> position;
    for (Operation &op : block) {
      position[&op] = order.size();
      order.push_back(&op);
    }
    // Each value's interval: from its definition to its last user in this block (or the op that
    // contains it).
    struct Interval {
      Value value;
      int64_t first, last;
    };
    SmallVector<Interval> intervals;
    auto addValue = [&](Value value, int64_t first) {
      int64_t last = first;
      for (Operation *user : value.getUsers())
        last = std::max(last, position.lookup(block.findAncestorOpInBlock(*user)));
      intervals.push_back({value, first, last});
    };
    for (BlockArgument argument : block.getArguments())
      addValue(argument, 0);
    for (Operation *op : order)
      for (Value result : op->getResults())
        addValue(result, position[op]);

    for (Operation *op : order) {
      int64_t here = position[op], live = outside;
      for (const Interval &interval : intervals)
        if (interval.first <= here && here <= interval.last)
          live += bufferedElements(interval.value);
      if (auto gemm = dyn_cast<accel::GemmOp>(op)) {
        cost::Gemm g = gemm.getGemm();
        int64_t own = g.batch * (g.m * g.k + g.m * g.n);
        if (g.stationary == cost::Stationary::Activation)
          own += g.batch * g.k * g.n;
        gemm.setLiveElements(std::max<int64_t>(0, live - own));
      } else if (auto loop = dyn_cast<accel::LoopOp>(op)) {
        // The loop's value enters as the body's argument and is counted there; its result exists
        // only afterwards.
        int64_t around = outside;
        for (const Interval &interval : intervals)
          if (interval.first < here && interval.last > here)
            around += bufferedElements(interval.value);
        planBlock(loop.getBody().front(), around);
      }
    }
  }
};

} // namespace
