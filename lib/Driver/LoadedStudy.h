//===- LoadedStudy.h - A spec that a command has read -----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DRIVER_LOADEDSTUDY_H
#define CATC_DRIVER_LOADEDSTUDY_H

#include "Driver/Options.h"
#include "Frontend/Frontend.h"
#include "Frontend/Locations.h"
#include "Study/Codesign.h"
#include <memory>

namespace cat::driver {

/// A loaded spec with everything that must outlive its module. Diagnostics have been printed.
struct LoadedSpec {
  mlir::MLIRContext context;
  frontend::DiagnosticEngine diagnostics;
  frontend::Spec spec;

  LoadedSpec();
  /// Prints what has been recorded; true if there was no error.
  bool flush();
};

/// Reads a spec; prints its diagnostics. Null after an error.
std::unique_ptr<LoadedSpec> loadSpec(const SpecOptions &options, bool requireStudy);

/// The study of a loaded spec. What passes find wrong from here on is recorded as the spec's
/// diagnostics, and printed by flush().
class LoadedStudy {
public:
  /// Reads a spec and finds its study; prints what is wrong. Null after an error.
  static std::unique_ptr<LoadedStudy> load(const SpecOptions &options);
  /// The same for a spec that has been read.
  static std::unique_ptr<LoadedStudy> of(std::unique_ptr<LoadedSpec> loaded);

  study::StudyOps ops() const { return ops_; }
  mlir::ModuleOp module() const { return ops_.module; }
  const study::ParameterTable &table() const { return *table_; }
  const frontend::Spec &spec() const { return loaded_->spec; }
  frontend::DiagnosticEngine &diagnostics() { return loaded_->diagnostics; }

  /// A copy of the model and the machine alone.
  mlir::OwningOpRef<mlir::ModuleOp> isolate() const;

  /// Prints what has been recorded; true if there was no error.
  bool flush() { return loaded_->flush(); }

private:
  explicit LoadedStudy(std::unique_ptr<LoadedSpec> loaded)
      : loaded_(std::move(loaded)), handler_(&loaded_->context, loaded_->diagnostics) {}

  std::unique_ptr<LoadedSpec> loaded_;
  frontend::MlirDiagnosticHandler handler_;
  study::StudyOps ops_;
  std::optional<study::ParameterTable> table_;
};

} // namespace cat::driver

#endif // CATC_DRIVER_LOADEDSTUDY_H
