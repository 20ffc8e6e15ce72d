//===- References.h - Reference data for tests of weights -------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_WEIGHTS_REFERENCES_H
#define CATC_TEST_UNIT_WEIGHTS_REFERENCES_H

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace cat::weights::test {

/// The folder torch/ of the reference data ($CATC_REFS, else the default); it may be absent.
inline std::filesystem::path references() {
  const char *folder = std::getenv("CATC_REFS");
  return std::filesystem::path(folder ? folder : CATC_DEFAULT_REFS) / "torch";
}

/// Its files whose names begin and end so, by name.
inline std::vector<std::filesystem::path> referenceFiles(const std::string &prefix,
                                                         const std::string &suffix) {
  std::vector<std::filesystem::path> files;
  std::error_code absent;
  for (const auto &entry : std::filesystem::directory_iterator(references(), absent)) {
    std::string name = entry.path().filename().string();
    if (name.size() >= prefix.size() + suffix.size() &&
        name.compare(0, prefix.size(), prefix) == 0 &&
        name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0)
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

} // namespace cat::weights::test

/// Declares `name` with the reference files whose names begin and end so, or skips the test visibly
/// if there are none.
#define CATC_REFERENCES_OR_SKIP(name, prefix, suffix)                                              \
  std::vector<std::filesystem::path> name = ::cat::weights::test::referenceFiles(prefix, suffix);  \
  if (name.empty())                                                                                \
  GTEST_SKIP() << "no reference data: torch/" << prefix << "*" << suffix << " (set CATC_REFS)"

#endif // CATC_TEST_UNIT_WEIGHTS_REFERENCES_H
