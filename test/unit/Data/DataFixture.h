//===- DataFixture.h - Files for tests of data ------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_DATA_DATAFIXTURE_H
#define CATC_TEST_UNIT_DATA_DATAFIXTURE_H

#include "Data/Dataset.h"
#include <optional>
#include <string>
#include <string_view>

namespace cat::data::test {

/// The path of a reference file ($CATC_REFS, else the default); nothing if it is absent.
std::optional<std::string> findReference(const std::string &name);

/// A file read whole; fails the test if it cannot be.
std::string readFile(const std::string &path);

/// A folder that is gone, with what it holds, when the test is over.
class TemporaryFolder {
public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder &) = delete;
  ~TemporaryFolder();

  const std::string &path() const { return path_; }
  /// Writes a file, makes the folders on its way, and returns its path.
  std::string write(const std::string &name, std::string_view contents) const;

private:
  std::string path_;
};

/// A picture in which no two neighbours are the same, and which a JPEG keeps.
Image gradient(int64_t width, int64_t height);

/// A JPEG of a picture's first channels: 3 as RGB, 1 as grey, or 4 (CMYK) with the first twice.
std::string encodeJpeg(const Image &image, int channels = 3);

/// A tar archive (ustar) of files, by name and contents, with its mark of the end.
std::string makeTar(const std::vector<std::pair<std::string, std::string>> &files);

/// What a pass gives: the keys in order, and the faults.
struct Pass {
  std::vector<std::string> keys;
  std::vector<std::string> faults;
  std::vector<Sample> samples;
};
/// All of a pass, faults passed over; the test fails if it does not end.
Pass readAll(Source &source);

} // namespace cat::data::test

/// Declares `name` as the path of a reference file, or skips the test visibly.
#define CATC_REFERENCE_OR_SKIP(name, file)                                                         \
  std::optional<std::string> name = ::cat::data::test::findReference(file);                        \
  if (!name)                                                                                       \
  GTEST_SKIP() << "no reference data: " << file << " (set CATC_REFS)"

#endif // CATC_TEST_UNIT_DATA_DATAFIXTURE_H
