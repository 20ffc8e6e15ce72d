//===- MappedProgram.h - What a design runs, once each ----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A design's machine and the distinct operators of its program, for the targets that describe
// hardware: layers repeat, and what is equal is emitted, simulated and told once, with the number
// of its executions.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_MAPPEDPROGRAM_H
#define CATC_EMIT_MAPPEDPROGRAM_H

#include "Cost/Cost.h"
#include "Cost/Hardware.h"
#include "mlir/IR/BuiltinOps.h"

namespace cat::emit {

/// Operators that cost the same and run the same on the machine.
struct MappedOperator {
  cost::Operator op;                    ///< named as the first of them
  std::optional<cost::Mapping> mapping; ///< of a GEMM
  int64_t executions = 0;               ///< of all of them, in one run of the design
  int64_t cycles = 0;                   ///< of one execution, as costed
};

struct MappedProgram {
  cost::Machine machine;
  cost::HardwareParameters hardware;     ///< the machine as it is built
  mlir::Location location;               ///< of the machine, for diagnostics
  std::vector<MappedOperator> operators; ///< in the order in which they first run
};

/// The machine and operators of a costed design. Emits an error and fails if the machine cannot be
/// read.
llvm::FailureOr<MappedProgram> readMappedProgram(mlir::ModuleOp annotated);

/// Why hw/rtl is not the machine that the design was costed for, or nothing.
std::optional<std::string> whyNotBuildable(const MappedProgram &program);

/// The same for a target that writes hardware: also fails, with an error at the machine, if hw/rtl
/// cannot be built as it.
llvm::FailureOr<MappedProgram> readBuildableProgram(mlir::ModuleOp annotated);

/// A product as the busiest cluster runs it: its part of the rows, columns or batch items.
cost::Gemm busiestPart(const cost::Machine &machine, const cost::Gemm &gemm,
                       const cost::Mapping &mapping);

llvm::StringRef nameOf(cost::Hold hold);
llvm::StringRef nameOf(cost::ClusterSplit split);
llvm::StringRef nameOf(cost::VectorFunction function);

/// How often an operator of a program runs: the product of the loops around it.
int64_t executionsOf(mlir::Operation *op, mlir::Operation *program);

/// The name of an operator as a word of letters, digits and underscores, beginning with a letter.
std::string identifierOf(llvm::StringRef name);

} // namespace cat::emit

#endif // CATC_EMIT_MAPPEDPROGRAM_H
