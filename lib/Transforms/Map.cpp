//===- Map.cpp - Tile every GEMM ------------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Transforms/Machine.h"
#include "Transforms/Passes.h"

namespace cat {
#define GEN_PASS_DEF_MAPGEMMS
#define GEN_PASS_DEF_SCHEDULE
#include "Transforms/Passes.h.inc"
} // namespace cat

using namespace mlir;
using namespace cat;

namespace {

struct MapGemmsPass : cat::impl::MapGemmsBase<MapGemmsPass> {
  using Base::Base;
  void runOnOperation() override {
    FailureOr<cost::Machine> machine = readMachine(getOperation(), machineName);
    if (failed(machine))
      return signalPassFailure();
    WalkResult walked = getOperation().walk([&](accel::GemmOp gemm) {
      FailureOr<cost::Mapping> mapping = gemm.getBestMapping(*machine);
      if (failed(mapping))
        return WalkResult::interrupt();
      gemm.setMappingAttr(accel::MappingAttr::get(&getContext(), *mapping));
      return WalkResult::advance();
    });
    if (walked.wasInterrupted())
      signalPassFailure();
  }
};

struct SchedulePass : cat::impl::ScheduleBase<SchedulePass> {
  using Base::Base;
  void runOnOperation() override {
    for (auto workload : getOperation().getOps<accel::WorkloadOp>()) {
      int64_t stage = 0;
      for (auto program : workload.getBody().getOps<accel::ProgramOp>())
        program.setStage(stage++);
    }
  }
};

} // namespace
