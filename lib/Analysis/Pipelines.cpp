//===- Pipelines.cpp - Named pass pipelines -------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Analysis/Pipelines.h"
#include "Analysis/Passes.h"
#include "Conversion/Passes.h"
#include "Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void cat::buildLoweringPipeline(OpPassManager &pm) {
  pm.addPass(createConvertNNToAccel());
  // Before buffers are planned: a fused operator's intermediate value no longer exists.
  pm.addPass(createFuseDrain());
  pm.addPass(createPlanBuffers());
}

void cat::buildLinalgPipeline(OpPassManager &pm) {
  // Every layer has weights of its own, so each becomes operations of its own.
  pm.addPass(createUnrollRepeat());
  pm.addPass(createConvertNNToLinalg());
  // Layers make the same constants again and again, and reshape what was just reshaped.
  pm.addPass(createCanonicalizerPass());
}

void cat::buildCostPipeline(OpPassManager &pm) {
  pm.addPass(createMapGemms());
  pm.addPass(createSchedule());
  pm.addPass(createAnnotateLatency());
  pm.addPass(createAnnotateEnergy());
  pm.addPass(createAnnotateArea());
  pm.addPass(createAnnotateCarbon());
}

void cat::registerAllPassesAndPipelines() {
  registerCatConversionPasses();
  registerCatTransformsPasses();
  registerCatAnalysisPasses();
  PassPipelineRegistration<>("lower-to-accel", "Lower bound nn graphs to accel programs",
                             [](OpPassManager &pm) { buildLoweringPipeline(pm); });
  PassPipelineRegistration<>("nn-to-linalg", "Lower bound nn graphs to functions on tensors",
                             [](OpPassManager &pm) { buildLinalgPipeline(pm); });
  PassPipelineRegistration<>("cost",
                             "Map, schedule and annotate accel programs with every exact metric",
                             [](OpPassManager &pm) { buildCostPipeline(pm); });
}
