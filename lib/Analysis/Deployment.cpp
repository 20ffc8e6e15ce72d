//===- Deployment.cpp - From carbon declarations to records ---------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Analysis/Deployment.h"
#include "Interfaces/FieldReader.h"

using namespace mlir;
using namespace cat;

FailureOr<carbon::Deployment> cat::getDeployment(space::CarbonOp op, accel::MachineOp machine,
                                                 ParameterLookup lookup) {
  carbon::Deployment deployment;
  auto processes = machine.getBody().getOps<accel::ProcessOp>();
  if (processes.empty()) {
    machine.emitOpError("needs a process node to have embodied carbon");
    return failure();
  }
  accel::ProcessOp process = *processes.begin();
  FieldReader node(process, lookup), read(op, lookup);
  deployment.node.name = process.getSymName().str();
  node.quantity("energy_per_area", deployment.node.energyPerArea);
  node.quantity("gas_per_area", deployment.node.gasPerArea);
  node.quantity("material_per_area", deployment.node.materialPerArea);
  read.quantity("fab", deployment.fab);
  read.quantity("grid", deployment.grid);
  deployment.yield.fixed = read.number("yield", deployment.yield.fixed);
  if (op.getDefectDensity())
    deployment.yield.model = carbon::YieldModel::NegativeBinomial;
  read.quantity("defect_density", deployment.yield.defectDensity);
  deployment.yield.alpha = read.number("alpha", deployment.yield.alpha);
  deployment.dramYield = read.number("dram_yield", deployment.dramYield);
  read.quantity("wafer", deployment.wafer);
  read.quantity("package", deployment.package);
  deployment.packages = read.integer("packages", deployment.packages);
  read.quantity("design", deployment.design);
  read.quantity("training", deployment.training);
  read.quantity("training_energy", deployment.trainingEnergy);
  deployment.devices = read.integer("devices", deployment.devices);
  read.quantity("lifetime", deployment.lifetime);
  deployment.inferences = read.number("inferences", deployment.inferences);
  deployment.chargeIdle = read.number("idle", 1) != 0;
  if (failed(node.result()) || failed(read.result()))
    return failure();
  if (std::optional<std::string> problem = carbon::checkDeployment(deployment)) {
    op.emitOpError("cannot be costed: ") << *problem;
    return failure();
  }
  return deployment;
}

FailureOr<cost::EventCounts> cat::getTotalCounts(Operation *root, const cost::Machine &machine) {
  cost::EventCounts total;
  bool runs = true;
  if (failed(walkWork(root,
                      [&](CostOpInterface op, int64_t times) {
                        if (!runs)
                          return;
                        FailureOr<cost::EventCounts> work = op.getWork(machine);
                        runs = succeeded(work);
                        if (runs)
                          total += *work * times;
                      })) ||
      !runs)
    return failure();
  return total;
}
