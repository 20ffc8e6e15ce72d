//===- Measuring.cpp - Where workers run and what they keep ---------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver/Measuring.h"
#include "Driver/Options.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"

using namespace cat;
using namespace cat::driver;
namespace path = llvm::sys::path;

static std::string absolutePath(llvm::StringRef relative) {
  llvm::SmallString<256> absolute(relative);
  // Without a working directory there is nothing better than the path as it is.
  (void)!llvm::sys::fs::make_absolute(absolute);
  path::remove_dots(absolute, /*remove_dot_dot=*/true);
  return std::string(absolute);
}

static std::string join(llvm::StringRef folder, llvm::StringRef name) {
  llvm::SmallString<256> joined(folder);
  path::append(joined, name);
  return std::string(joined);
}

static std::string cacheFolder(const std::string &runFolder) {
  auto variable = [](llvm::StringRef name) {
    return llvm::sys::Process::GetEnv(name).value_or(std::string());
  };
  if (std::string folder = variable("CATC_CACHE"); !folder.empty())
    return absolutePath(folder);
  // The base directory specification wants absolute paths here, and others ignored.
  if (std::string folder = variable("XDG_CACHE_HOME"); path::is_absolute(folder))
    return join(folder, "catc");
  if (std::string folder = variable("HOME"); path::is_absolute(folder))
    return join(join(folder, ".cache"), "catc");
  return runFolder.empty() ? absolutePath(".catc-cache") : join(runFolder, "cache");
}

llvm::FailureOr<std::optional<study::MeasurementPlan>>
driver::planMeasurement(const LoadedStudy &study) {
  return study::planMeasurement(study.ops(),
                                absolutePath(path::parent_path(study.spec().files.front().path)));
}

study::MeasurementSession driver::makeSession(const std::string &runFolder, uint64_t seed,
                                              int interrupt) {
  study::MeasurementSession session;
  session.programFolder = toolFolder();
  if (!runFolder.empty())
    session.runFolder = absolutePath(runFolder);
  session.cache = cacheFolder(session.runFolder);
  session.seed = seed;
  session.interrupt = interrupt;
  return session;
}
