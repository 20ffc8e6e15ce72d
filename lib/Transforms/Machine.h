//===- Machine.h - The machine a module is costed on ------------*- C++ -*-===//
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

} // namespace cat

#endif // CATC_TRANSFORMS_MACHINE_H
