//===- Options.h - What sub-commands have in common -------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DRIVER_OPTIONS_H
#define CATC_DRIVER_OPTIONS_H

#include "Frontend/Frontend.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/CommandLine.h"
#include <memory>
#include <string>
#include <vector>

namespace cat::driver {

/// Options of every command that reads a spec.
struct SpecOptions {
  explicit SpecOptions(llvm::cl::SubCommand &command);

  llvm::cl::opt<std::string> spec;
  llvm::cl::list<std::string> includes;
  llvm::cl::opt<std::string> study;
};

/// A loaded spec with everything that must outlive its module. Diagnostics have been printed.
struct LoadedSpec {
  mlir::MLIRContext context;
  frontend::DiagnosticEngine diagnostics;
  frontend::Spec spec;

  LoadedSpec();
  /// Prints what has been recorded; true if there was no error.
  bool flush();
};

/// Folders in which `catlib/...` is found: those of -I, then the installed or built one beside the
/// tool.
std::vector<std::string> searchPaths(const std::vector<std::string> &includes);

/// Reads a spec; prints its diagnostics. Null after an error.
std::unique_ptr<LoadedSpec> loadSpec(const SpecOptions &options, bool requireStudy = true);

/// Threads to work with: --jobs, or all processors.
unsigned jobsOrDefault(unsigned jobs);

/// Prints "catc: error: MESSAGE" and returns the user error's exit code.
int fail(const llvm::Twine &message);

/// The tool's own path, from which the standard library is found.
void setToolPath(const char *argv0);

// The commands, each registered by a static object in its own file.
int runCheck();
int runCompile();
int runEmit();
int runEvaluate();
int runSearch();
llvm::cl::SubCommand &checkCommand();
llvm::cl::SubCommand &compileCommand();
llvm::cl::SubCommand &emitCommand();
llvm::cl::SubCommand &evaluateCommand();
llvm::cl::SubCommand &searchCommand();

} // namespace cat::driver

#endif // CATC_DRIVER_OPTIONS_H
