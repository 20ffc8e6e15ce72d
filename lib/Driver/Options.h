//===- Options.h - What sub-commands have in common -------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DRIVER_OPTIONS_H
#define CATC_DRIVER_OPTIONS_H

#include "llvm/Support/CommandLine.h"
#include <optional>
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

/// The option --jobs.
class JobsOption {
public:
  explicit JobsOption(llvm::cl::SubCommand &command);

  /// Threads to work with: those asked for, or all processors. Nothing after printing what is wrong
  /// with the option.
  std::optional<unsigned> threads() const;

private:
  llvm::cl::opt<unsigned> jobs;
};

/// Folders in which `catlib/...` is found: those of -I, then the installed or built one beside the
/// tool.
std::vector<std::string> searchPaths(const std::vector<std::string> &includes);

/// Prints "catc: error: MESSAGE" and returns the exit code of a user's error.
int fail(const llvm::Twine &message);

/// The same for an option that no spec could make right, with the exit code of a usage error.
int failUsage(const llvm::Twine &message);

/// The tool's own path, from which the standard library is found.
void setToolPath(const char *argv0);
/// The folder that the tool is in.
std::string toolFolder();
/// The folder of what is installed or built beside the tool: catlib, hw.
std::string dataFolder();

// The commands, each registered by a static object in its own file.
int runCheck();
int runCompile();
int runEmit();
int runEvaluate();
int runSearch();
int runSimulate();
llvm::cl::SubCommand &checkCommand();
llvm::cl::SubCommand &compileCommand();
llvm::cl::SubCommand &emitCommand();
llvm::cl::SubCommand &evaluateCommand();
llvm::cl::SubCommand &searchCommand();
llvm::cl::SubCommand &simulateCommand();

} // namespace cat::driver

#endif // CATC_DRIVER_OPTIONS_H
