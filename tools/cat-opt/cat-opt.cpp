//===- cat-opt.cpp - Pass development driver ------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Accel/Accel.h"
#include "Analysis/Pipelines.h"
#include "NN/NN.h"
#include "Space/Space.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<cat::space::SpaceDialect, cat::nn::NNDialect, cat::accel::AccelDialect>();
  cat::registerAllPassesAndPipelines();
  mlir::registerTransformsPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "catc pass driver\n", registry));
}
