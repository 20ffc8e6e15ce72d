//===- DataReuse.cpp - An out-of-tree pass over accel ops -----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Annotates every operator with the multiply-accumulates that it does for each byte it moves over
// the DRAM channel. The lowest figures are the operators that a faster memory would help and a
// larger array would not.
//
// The pass asks `CostOpInterface` for the work and never names an op, so it covers operators added
// later.
//
//===----------------------------------------------------------------------===//

#include "Accel/Accel.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

using namespace mlir;
using namespace cat;

namespace {

constexpr llvm::StringLiteral kReuseAttrName = "data_reuse.macs_per_dram_byte";

/// Before:  accel.machine @edge ...
///          accel.gemm %0 {m = 197, n = 768, k = 768, ...}
/// After:   accel.gemm %0 {m = 197, ..., data_reuse.macs_per_dram_byte = 1.0e2}
/// Operators that move nothing over the channel get no attribute. Tested by test/data-reuse.mlir.
struct DataReusePass : PassWrapper<DataReusePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(DataReusePass)

  StringRef getArgument() const final { return "data-reuse"; }
  StringRef getDescription() const final {
    return "Annotate operators with their multiply-accumulates per byte of DRAM traffic";
  }

  void runOnOperation() final {
    auto machines = llvm::to_vector(getOperation().getOps<accel::MachineOp>());
    if (machines.size() != 1) {
      getOperation().emitError("data-reuse needs one machine in the module, found ")
          << machines.size();
      return signalPassFailure();
    }
    FailureOr<cost::Machine> machine = accel::getMachine(machines.front());
    if (failed(machine))
      return signalPassFailure();

    Builder builder(&getContext());
    WalkResult walked = getOperation().walk([&](CostOpInterface op) {
      FailureOr<cost::EventCounts> work = op.getWork(*machine);
      if (failed(work))
        return WalkResult::interrupt();
      int64_t bytes = work->dramReadBytes + work->dramWriteBytes;
      if (bytes > 0)
        op->setAttr(kReuseAttrName, builder.getF64FloatAttr(static_cast<double>(work->macs) /
                                                            static_cast<double>(bytes)));
      return WalkResult::advance();
    });
    if (walked.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace

extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "DataReuse", "0.1", [] { PassRegistration<DataReusePass>(); }};
}
