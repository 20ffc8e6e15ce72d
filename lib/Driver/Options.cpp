//===- Options.cpp - What sub-commands have in common ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver/Options.h"
#include "Driver/Driver.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/WithColor.h"
#include <algorithm>
#include <thread>

using namespace cat;
using namespace cat::driver;
namespace cl = llvm::cl;

static std::string toolPath;

void driver::setToolPath(const char *argv0) {
  static int anchor;
  toolPath = llvm::sys::fs::getMainExecutable(argv0, &anchor);
}

std::string driver::toolFolder() { return llvm::sys::path::parent_path(toolPath).str(); }

SpecOptions::SpecOptions(cl::SubCommand &command)
    : spec(cl::Positional, cl::desc("SPEC"), cl::Required, cl::sub(command)),
      includes("I", cl::desc("Also look for imports in this folder"), cl::value_desc("folder"),
               cl::Prefix, cl::sub(command)),
      study("study", cl::desc("The study to use, if the spec has several"), cl::value_desc("name"),
            cl::sub(command)) {}

std::string driver::dataFolder() {
  llvm::SmallString<256> folder(
      llvm::sys::path::parent_path(llvm::sys::path::parent_path(toolPath)));
  llvm::sys::path::append(folder, "share", "catc");
  return std::string(folder);
}

std::vector<std::string> driver::searchPaths(const std::vector<std::string> &includes) {
  std::vector<std::string> paths = includes;
  paths.push_back(dataFolder());
  return paths;
}

JobsOption::JobsOption(cl::SubCommand &command)
    : jobs("jobs", cl::desc("Threads, and workers that measure (default: all processors)"),
           cl::value_desc("N"), cl::init(0), cl::sub(command)) {}

std::optional<unsigned> JobsOption::threads() const {
  constexpr unsigned kMost = 1024;
  if (jobs.getNumOccurrences() == 0)
    return std::clamp(std::thread::hardware_concurrency(), 1u, kMost);
  if (jobs >= 1 && jobs <= kMost)
    return jobs;
  failUsage("--jobs must be 1 to " + llvm::Twine(kMost) + ", but is " + llvm::Twine(jobs));
  return std::nullopt;
}

static void printError(const llvm::Twine &message) {
  llvm::errs() << "catc: ";
  llvm::WithColor::error(llvm::errs()) << message << "\n";
}

int driver::fail(const llvm::Twine &message) {
  printError(message);
  return kUserError;
}

int driver::failUsage(const llvm::Twine &message) {
  printError(message);
  return kUsageError;
}
