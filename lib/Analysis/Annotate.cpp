//===- Annotate.cpp - Cost annotations ------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Analysis/Deployment.h"
#include "Analysis/Passes.h"
#include "Transforms/Machine.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Remarks.h"

namespace cat {
#define GEN_PASS_DEF_ANNOTATELATENCY
#define GEN_PASS_DEF_ANNOTATEENERGY
#define GEN_PASS_DEF_ANNOTATEAREA
#define GEN_PASS_DEF_ANNOTATECARBON
#include "Analysis/Passes.h.inc"
} // namespace cat

using namespace mlir;
using namespace cat;

//===----------------------------------------------------------------------===//
// What every annotation needs
//===----------------------------------------------------------------------===//

namespace {

/// The machine and workload that a pass annotates.
struct Subject {
  ModuleOp module;
  accel::MachineOp machineOp;
  accel::WorkloadOp workload;
  cost::Machine machine;
};

} // namespace

static FailureOr<Subject> findSubject(ModuleOp module, StringRef machineName,
                                      StringRef workloadName) {
  Subject subject{module, findMachine(module, machineName), {}, {}};
  if (!subject.machineOp)
    return failure();
  subject.workload = findWorkload(module, workloadName);
  if (!subject.workload)
    return failure();
  FailureOr<cost::Machine> machine = accel::getMachine(subject.machineOp);
  if (failed(machine))
    return failure();
  subject.machine = std::move(*machine);
  return subject;
}

/// Adds metrics to the module's dictionary.
static void setMetrics(ModuleOp module, ArrayRef<std::pair<StringRef, double>> metrics) {
  Builder b(module.getContext());
  NamedAttrList list;
  if (auto before =
          module->getAttrOfType<DictionaryAttr>(accel::AccelDialect::getMetricsAttrName()))
    list = NamedAttrList(before);
  for (auto [name, value] : metrics)
    list.set(name, b.getF64FloatAttr(value));
  module->setAttr(accel::AccelDialect::getMetricsAttrName(),
                  list.getDictionary(module.getContext()));
}

/// A remark about one figure of an operator, for people who ask where a metric comes from.
static void remarkFigure(Operation *op, StringRef pass, StringRef name, double value) {
  remark::analysis(op->getLoc(), remark::RemarkOpts::name(name).category(pass))
      << remark::metric(name, static_cast<float>(value));
}

//===----------------------------------------------------------------------===//
// Passes
//===----------------------------------------------------------------------===//

namespace {

struct AnnotateLatencyPass : cat::impl::AnnotateLatencyBase<AnnotateLatencyPass> {
  using Base::Base;
  void runOnOperation() override {
    FailureOr<Subject> subject = findSubject(getOperation(), machineName, workloadName);
    if (failed(subject))
      return signalPassFailure();
    MLIRContext *context = &getContext();
    cost::EventCounts total;
    for (auto program : subject->workload.getBody().getOps<accel::ProgramOp>()) {
      WalkResult walked = program.walk([&](CostOpInterface op) {
        FailureOr<cost::EventCounts> counts = op.getWork(subject->machine);
        if (failed(counts))
          return WalkResult::interrupt();
        op->setAttr("counts", accel::CountsAttr::get(context, *counts));
        remarkFigure(op, "annotate-latency", "cycles", static_cast<double>(counts->cycles));
        return WalkResult::advance();
      });
      if (walked.wasInterrupted())
        return signalPassFailure();
      FailureOr<cost::EventCounts> counts = getTotalCounts(program, subject->machine);
      if (failed(counts))
        return signalPassFailure();
      program.setCountsAttr(accel::CountsAttr::get(context, *counts));
      total += *counts;
    }
    setMetrics(getOperation(), {{"latency_s", cost::latency(subject->machine, total).value()}});
  }
};

struct AnnotateEnergyPass : cat::impl::AnnotateEnergyBase<AnnotateEnergyPass> {
  using Base::Base;
  void runOnOperation() override {
    FailureOr<Subject> subject = findSubject(getOperation(), machineName, workloadName);
    if (failed(subject))
      return signalPassFailure();
    Builder b(&getContext());
    WalkResult walked = subject->workload.walk([&](CostOpInterface op) {
      FailureOr<cost::EventCounts> counts = op.getWork(subject->machine);
      if (failed(counts))
        return WalkResult::interrupt();
      double joules = cost::energy(subject->machine, *counts).total().value();
      op->setAttr("energy", b.getF64FloatAttr(joules));
      remarkFigure(op, "annotate-energy", "energy_j", joules);
      return WalkResult::advance();
    });
    if (walked.wasInterrupted())
      return signalPassFailure();
    FailureOr<cost::EventCounts> total = getTotalCounts(subject->workload, subject->machine);
    if (failed(total))
      return signalPassFailure();
    setMetrics(getOperation(),
               {{"energy_j", cost::energy(subject->machine, *total).total().value()}});
  }
};

struct AnnotateAreaPass : cat::impl::AnnotateAreaBase<AnnotateAreaPass> {
  using Base::Base;
  void runOnOperation() override {
    FailureOr<cost::Machine> machine = readMachine(getOperation(), machineName);
    if (failed(machine))
      return signalPassFailure();
    setMetrics(getOperation(), {{"area_mm2", cost::area(*machine).total().value()},
                                {"peak_tops", cost::peakThroughput(*machine).value() / 1e12}});
  }
};

struct AnnotateCarbonPass : cat::impl::AnnotateCarbonBase<AnnotateCarbonPass> {
  using Base::Base;
  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<Subject> subject = findSubject(module, machineName, workloadName);
    if (failed(subject))
      return signalPassFailure();
    auto carbons = module.getOps<space::CarbonOp>();
    if (!llvm::hasSingleElement(carbons)) {
      module.emitError("expected one 'space.carbon' in the module");
      return signalPassFailure();
    }
    FailureOr<carbon::Deployment> deployment = getDeployment(*carbons.begin(), subject->machineOp);
    FailureOr<cost::EventCounts> total = getTotalCounts(subject->workload, subject->machine);
    if (failed(deployment) || failed(total))
      return signalPassFailure();
    carbon::Metrics metrics = carbon::metrics(*deployment, subject->machine, *total);
    setMetrics(module, {{"embodied_kg", metrics.embodied.value()},
                        {"operational_kg", metrics.operational.value()},
                        {"carbon_kg", metrics.carbon.value()}});
  }
};

} // namespace
