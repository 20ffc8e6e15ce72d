//===- Machine.h - What a module is costed on, and what for -----*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TRANSFORMS_MACHINE_H
#define CATC_TRANSFORMS_MACHINE_H

#include "Accel/Accel.h"
#include "mlir/IR/BuiltinOps.h"

namespace cat {

/// The machine of that name, or the module's only one if the name is empty. Emits an error and
/// returns null otherwise.
accel::MachineOp findMachine(mlir::ModuleOp module, llvm::StringRef name = "");

/// The workload, found likewise.
accel::WorkloadOp findWorkload(mlir::ModuleOp module, llvm::StringRef name = "");

/// The plain record of the machine that `findMachine` finds. Emits an error and fails if there is
/// none, or it is unbound or cannot be costed.
llvm::FailureOr<cost::Machine> readMachine(mlir::ModuleOp module, llvm::StringRef name = "");

} // namespace cat

#endif // CATC_TRANSFORMS_MACHINE_H
