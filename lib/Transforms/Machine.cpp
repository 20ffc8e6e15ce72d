//===- Machine.cpp - What a module is costed on, and what for -------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Transforms/Machine.h"

using namespace mlir;
using namespace cat;

/// The op of that name, or the module's only one of its kind (`noun`) if the name is empty.
template <typename SymbolOp>
static SymbolOp findOp(ModuleOp module, StringRef noun, StringRef name) {
  SymbolOp found;
  for (auto op : module.getOps<SymbolOp>()) {
    if (!name.empty() && op.getSymName() != name)
      continue;
    if (found) {
      module.emitError("the module has several ") << noun << "s; name one";
      return {};
    }
    found = op;
  }
  if (found)
    return found;
  InFlightDiagnostic error = module.emitError("the module has no ") << noun;
  if (!name.empty())
    error << " '" << name << "'";
  return {};
}

accel::MachineOp cat::findMachine(ModuleOp module, StringRef name) {
  return findOp<accel::MachineOp>(module, "machine", name);
}

accel::WorkloadOp cat::findWorkload(ModuleOp module, StringRef name) {
  return findOp<accel::WorkloadOp>(module, "workload", name);
}

FailureOr<cost::Machine> cat::readMachine(ModuleOp module, StringRef name) {
  accel::MachineOp op = findMachine(module, name);
  if (!op)
    return failure();
  return accel::getMachine(op);
}
