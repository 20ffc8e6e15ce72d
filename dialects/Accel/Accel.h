//===- Accel.h - The accel dialect ------------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_ACCEL_ACCEL_H
#define CATC_ACCEL_ACCEL_H

#include "Cost/Cost.h"
#include "Interfaces/CatInterfaces.h"
#include "Space/Space.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace cat::cost {
llvm::hash_code hash_value(const Mapping &mapping);
llvm::hash_code hash_value(const EventCounts &counts);
} // namespace cat::cost

#include "Accel/AccelDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "Accel/AccelAttrs.h.inc"

#define GET_OP_CLASSES
#include "Accel/AccelOps.h.inc"

namespace cat::accel {

/// The plain record of a machine, with the values that `lookup` gives to parameters, unchecked.
/// Emits an error at the component that is unbound or whose field is out of range, and fails.
llvm::FailureOr<cost::Machine> readMachine(MachineOp machine, ParameterLookup lookup);

/// The place of the component at fault.
mlir::Location locateProblem(MachineOp machine, const cost::MachineProblem &problem);

/// Emits an error where the machine gives the field at fault.
void reportProblem(MachineOp machine, const cost::MachineProblem &problem);

/// The same as readMachine, but emits an error and fails if the machine cannot be costed or built.
llvm::FailureOr<cost::Machine> getMachine(
    MachineOp machine,
    ParameterLookup lookup = [](llvm::StringRef) -> std::optional<double> { return std::nullopt; });

/// The operators below `root` (a program, workload or module) in order, with their repeats
/// multiplied out of enclosing loops. Fails if a loop count is unbound.
llvm::FailureOr<cost::Program> getProgram(mlir::Operation *root, llvm::StringRef name);

} // namespace cat::accel

#endif // CATC_ACCEL_ACCEL_H
