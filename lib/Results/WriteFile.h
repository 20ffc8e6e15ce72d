//===- WriteFile.h - All-or-nothing file output -----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An output file holds its old contents or all of the new ones, whatever fails or is killed in
// between.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_RESULTS_WRITEFILE_H
#define CATC_RESULTS_WRITEFILE_H

#include <optional>
#include <string>
#include <string_view>

namespace cat::results {

/// Writes a temporary file beside `path`, part by part; commit() syncs it to disk and renames it
/// over `path`. Links are followed. A path that names a device or pipe is written in place. Without
/// a successful commit() the old file stays, and no temporary file.
class FileWriter {
public:
  explicit FileWriter(std::string path);
  FileWriter(const FileWriter &) = delete;
  FileWriter &operator=(const FileWriter &) = delete;
  ~FileWriter();

  /// Does nothing after an error, which commit() reports.
  void append(std::string_view contents);
  /// The last call. Returns why the file could not be written, naming it, or nothing.
  std::optional<std::string> commit();

private:
  std::string path_, target_, temporary_; ///< temporary_ is empty if written in place
  int fd_ = -1;
  int error_ = 0; ///< an errno
};

/// A FileWriter's work in one call.
std::optional<std::string> writeFile(const std::string &path, std::string_view contents);

/// Reads a whole file into `contents`. Returns why it could not be read, naming it, or nothing.
std::optional<std::string> readFile(const std::string &path, std::string &contents);

} // namespace cat::results

#endif // CATC_RESULTS_WRITEFILE_H
