//===- Deployment.h - From carbon declarations to records -------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_ANALYSIS_DEPLOYMENT_H
#define CATC_ANALYSIS_DEPLOYMENT_H

#include "Accel/Accel.h"
#include "Carbon/Carbon.h"
#include "Space/Space.h"

namespace cat {

/// The plain record of a space.carbon with the process node of the machine, with the values that
/// `lookup` gives to parameters. Emits an error at the op at fault and fails.
llvm::FailureOr<carbon::Deployment> getDeployment(
    space::CarbonOp carbon, accel::MachineOp machine,
    ParameterLookup lookup = [](llvm::StringRef) -> std::optional<double> { return std::nullopt; });

/// Event counts of everything below `root`, loops multiplied out, under serial composition.
llvm::FailureOr<cost::EventCounts> getTotalCounts(mlir::Operation *root,
                                                  const cost::Machine &machine);

} // namespace cat

#endif // CATC_ANALYSIS_DEPLOYMENT_H
