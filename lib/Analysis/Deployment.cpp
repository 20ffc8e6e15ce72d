//===- Deployment.cpp - From carbon declarations to records ---------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Analysis/Deployment.h"

using namespace mlir;
using namespace cat;

/// Reads attribute `name` of `op` into `out`; absent ones keep the value. Fails at the op if it is not bound.
template <typename Quantity>
static LogicalResult read(Operation *op, StringRef name, Quantity &out) {
  Attribute attr = op->getAttr(name);
  if (!attr)
    return success();
  std::optional<double> value = getBoundNumber(attr);
  if (!value)
    return op->emitOpError() << "'" << name << "' is not bound";
  out = Quantity(*value);
  return success();
}

FailureOr<carbon::Deployment> cat::getDeployment(space::CarbonOp carbon, accel::MachineOp machine) {
  carbon::Deployment deployment;
  auto processes = machine.getBody().getOps<accel::ProcessOp>();
  if (processes.empty()) {
    machine.emitOpError("needs a process node to have embodied carbon");
    return failure();
  }
  accel::ProcessOp process = *processes.begin();
  deployment.node.name = process.getSymName().str();
  double packages = 1, idle = 1;
  if (failed(read(process, "energy_per_area", deployment.node.energyPerArea)) ||
      failed(read(process, "gas_per_area", deployment.node.gasPerArea)) ||
      failed(read(process, "material_per_area", deployment.node.materialPerArea)) ||
      failed(read(carbon, "fab", deployment.fab)) || failed(read(carbon, "grid", deployment.grid)) ||
      failed(read(carbon, "yield", deployment.yield.fixed)) ||
      failed(read(carbon, "defect_density", deployment.yield.defectDensity)) ||
      failed(read(carbon, "alpha", deployment.yield.alpha)) ||
      failed(read(carbon, "dram_yield", deployment.dramYield)) || failed(read(carbon, "wafer", deployment.wafer)) ||
      failed(read(carbon, "package", deployment.package)) || failed(read(carbon, "packages", packages)) ||
      failed(read(carbon, "design", deployment.design)) || failed(read(carbon, "lifetime", deployment.lifetime)) ||
      failed(read(carbon, "inferences", deployment.inferences)) || failed(read(carbon, "idle", idle)))
    return failure();
  deployment.packages = static_cast<int64_t>(packages);
  deployment.chargeIdle = idle != 0;
  if (carbon.getDefectDensity())
    deployment.yield.model = carbon::YieldModel::NegativeBinomial;
  if (std::optional<std::string> problem = carbon::checkDeployment(deployment)) {
    carbon.emitOpError("cannot be costed: ") << *problem;
    return failure();
  }
  return deployment;
}

static LogicalResult addCounts(Operation *op, int64_t times, const cost::Machine &machine, cost::EventCounts &total) {
  if (auto loop = dyn_cast<ExecutionCountOpInterface>(op)) {
    FailureOr<int64_t> count = loop.getExecutionCount();
    if (failed(count))
      return op->emitOpError("repeats an unbound number of times");
    times *= *count;
  }
  if (auto costed = dyn_cast<CostOpInterface>(op))
    total += costed.getWork(machine) * times;
  for (Region &region : op->getRegions())
    for (Operation &child : region.getOps())
      if (failed(addCounts(&child, times, machine, total)))
        return failure();
  return success();
}

FailureOr<cost::EventCounts> cat::getTotalCounts(Operation *root, const cost::Machine &machine) {
  cost::EventCounts total;
  if (failed(addCounts(root, 1, machine, total)))
    return failure();
  return total;
}
