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
#include <thread>

using namespace cat;
using namespace cat::driver;
namespace cl = llvm::cl;

static std::string toolPath;

void driver::setToolPath(const char *argv0) {
  static int anchor;
  toolPath = llvm::sys::fs::getMainExecutable(argv0, &anchor);
}

SpecOptions::SpecOptions(cl::SubCommand &command)
    : spec(cl::Positional, cl::desc("SPEC"), cl::Required, cl::sub(command)),
      includes("I", cl::desc("Also look for imports in this folder"), cl::value_desc("folder"),
               cl::Prefix, cl::sub(command)),
      study("study", cl::desc("The study to use, if the spec has several"), cl::value_desc("name"),
            cl::sub(command)) {}

std::vector<std::string> driver::searchPaths(const std::vector<std::string> &includes) {
  std::vector<std::string> paths = includes;
  llvm::SmallString<256> library(
      llvm::sys::path::parent_path(llvm::sys::path::parent_path(toolPath)));
  llvm::sys::path::append(library, "share", "catc");
  paths.push_back(std::string(library));
  return paths;
}

LoadedSpec::LoadedSpec() {
  // Users see .cat text, never IR.
  context.printOpOnDiagnostic(false);
  context.disableMultithreading();
}

bool LoadedSpec::flush() {
  diagnostics.flush(llvm::errs());
  return !diagnostics.hasErrors();
}

std::unique_ptr<LoadedSpec> driver::loadSpec(const SpecOptions &options, bool requireStudy) {
  auto loaded = std::make_unique<LoadedSpec>();
  frontend::FrontendOptions frontend;
  frontend.searchPaths = searchPaths({options.includes.begin(), options.includes.end()});
  frontend.study = options.study;
  frontend.requireStudy = requireStudy;
  loaded->spec = frontend::loadSpec(options.spec, &loaded->context, frontend, loaded->diagnostics);
  if (!loaded->flush() || !loaded->spec)
    return nullptr;
  return loaded;
}

unsigned driver::jobsOrDefault(unsigned jobs) {
  return jobs ? jobs : std::max(1u, std::thread::hardware_concurrency());
}

int driver::fail(const llvm::Twine &message) {
  llvm::errs() << "catc: ";
  llvm::WithColor::error(llvm::errs()) << message << "\n";
  return kUserError;
}
