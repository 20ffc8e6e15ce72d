//===- Pipelines.h - Named pass pipelines -----------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_ANALYSIS_PIPELINES_H
#define CATC_ANALYSIS_PIPELINES_H

#include "mlir/Pass/PassManager.h"

namespace cat {

/// nn -> accel, machine-independent: what cost programs are extracted from.
void buildLoweringPipeline(mlir::OpPassManager &pm);

/// nn -> linalg: a function of the inputs and the learned tensors for each model.
void buildLinalgPipeline(mlir::OpPassManager &pm);

/// accel with its machine -> annotated accel.
void buildCostPipeline(mlir::OpPassManager &pm);

/// Registers `lower-to-accel`, `nn-to-linalg` and `cost`, and all passes of the project.
void registerAllPassesAndPipelines();

} // namespace cat

#endif // CATC_ANALYSIS_PIPELINES_H
