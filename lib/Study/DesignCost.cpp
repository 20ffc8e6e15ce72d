//===- DesignCost.cpp - One design through the pass pipeline --------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/DesignCost.h"
#include "Analysis/Pipelines.h"
#include "Support/Check.h"
#include "Transforms/Bind.h"
#include "Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace cat;
using namespace cat::study;

OwningOpRef<ModuleOp> study::isolateDesign(ModuleOp module, StringRef model, StringRef machine) {
  OwningOpRef<ModuleOp> copy = module.clone();
  for (Operation &op : llvm::make_early_inc_range(*copy->getBody())) {
    auto symbol = dyn_cast<SymbolOpInterface>(op);
    if (isa<nn::ModelOp>(op) && symbol.getName() != model)
      op.erase();
    else if (isa<accel::MachineOp>(op) && symbol.getName() != machine)
      op.erase();
  }
  return copy;
}

LogicalResult study::runTo(ModuleOp module, Stage stage) {
  PassManager pm(module.getContext(), ModuleOp::getOperationName());
  pm.enableVerifier(false);
  if (stage == Stage::NN)
    pm.addPass(createVerifyBound());
  if (stage == Stage::Accel) {
    buildLoweringPipeline(pm);
    buildCostPipeline(pm);
  }
  return pm.run(module);
}

carbon::Metrics study::readMetrics(ModuleOp module) {
  auto dictionary = module->getAttrOfType<DictionaryAttr>(accel::AccelDialect::getMetricsAttrName());
  auto get = [&](StringRef name) {
    auto value = dictionary ? dictionary.getAs<FloatAttr>(name) : FloatAttr();
    CATC_CHECK(value, "a metric is missing after the cost pipeline");
    return value.getValueAsDouble();
  };
  carbon::Metrics metrics;
  metrics.latency = Seconds(get("latency_s"));
  metrics.energy = Joules(get("energy_j"));
  metrics.area = SquareMillimetres(get("area_mm2"));
  metrics.peak = OperationsPerSecond(get("peak_tops") * 1e12);
  metrics.embodied = KilogramsCO2e(get("embodied_kg"));
  metrics.operational = KilogramsCO2e(get("operational_kg"));
  metrics.carbon = KilogramsCO2e(get("carbon_kg"));
  return metrics;
}

FailureOr<carbon::Metrics> study::costThroughIR(StudyOps ops, const ParameterTable &table, const Point &point) {
  OwningOpRef<ModuleOp> module = isolateDesign(ops.module, ops.model.getSymName(), ops.machine.getSymName());
  if (failed(bind(*module, table.literalsAt(point))) || failed(runTo(*module, Stage::Accel)))
    return failure();
  return readMetrics(*module);
}
