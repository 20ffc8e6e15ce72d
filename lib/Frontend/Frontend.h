//===- Frontend.h - From a .cat file to space IR ----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_FRONTEND_FRONTEND_H
#define CATC_FRONTEND_FRONTEND_H

#include "Frontend/Diagnostics.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <string>
#include <vector>

namespace cat::frontend {

/// A file that was read: the run's store keeps them all.
struct SourceText {
  std::string path, text;
};

struct FrontendOptions {
  /// Folders in which imports are looked for, after the importing file's own: the parent of catlib,
  /// and those of -I.
  std::vector<std::string> searchPaths;
  /// Name of the study to compile; may be empty where the spec has one only.
  std::string study;
  /// A file without a study is an error. Otherwise it is checked, and gives an empty module.
  bool requireStudy = true;
  /// If set, nothing is read from disk: these are the spec and its imports as a former loadSpec
  /// gave them in Spec::files. It must outlive the call.
  const std::vector<SourceText> *stored = nullptr;
};

struct Spec {
  /// Space IR of the study; null after an error.
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::string study;
  /// Names of all studies of the spec, in order.
  std::vector<std::string> studies;
  /// The spec, then its imports in the order in which they were read. Complete also after an error
  /// in one of them.
  std::vector<SourceText> files;

  explicit operator bool() const { return module.get() != nullptr; }
};

/// Registers the dialects that a spec's module consists of, and loads them.
void loadDialects(mlir::MLIRContext *context);

/// Reads, checks and lowers a spec. All errors, those of verifiers included, are recorded in
/// `diagnostics`, which keeps the source buffers; nothing is printed. The whole spec is checked,
/// its other studies and unused blocks too.
Spec loadSpec(const std::string &path, mlir::MLIRContext *context, const FrontendOptions &options,
              DiagnosticEngine &diagnostics);

} // namespace cat::frontend

#endif // CATC_FRONTEND_FRONTEND_H
