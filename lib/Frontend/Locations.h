//===- Locations.h - Source ranges as MLIR locations, and back --*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_FRONTEND_LOCATIONS_H
#define CATC_FRONTEND_LOCATIONS_H

#include "Frontend/Diagnostics.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"

namespace cat::frontend {

/// The location (FileLineColRange, columns from 1, end exclusive) of a source range.
mlir::Location locationOf(mlir::MLIRContext *context, const llvm::SourceMgr &sources,
                          llvm::SMRange range);

/// The range that a location stands for, if it lies in one of the sources; an invalid range
/// otherwise.
llvm::SMRange rangeOf(mlir::Location location, const llvm::SourceMgr &sources);

/// While it lives, errors and warnings that verifiers and passes emit are recorded like the front
/// end's own, at the place in the .cat file that the op came from, without mention of ops.
class MlirDiagnosticHandler {
public:
  MlirDiagnosticHandler(mlir::MLIRContext *context, DiagnosticEngine &diagnostics);

private:
  mlir::ScopedDiagnosticHandler handler_;
};

} // namespace cat::frontend

#endif // CATC_FRONTEND_LOCATIONS_H
