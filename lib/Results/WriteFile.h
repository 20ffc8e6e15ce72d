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

/// Writes a temporary file beside `path`, syncs it to disk and renames it over `path`. Links are
/// followed. A path that names a device or pipe is written in place. Returns why the file could not
/// be written, naming it, or nothing; a failure leaves no temporary file.
std::optional<std::string> writeFile(const std::string &path, std::string_view contents);

/// Reads a whole file into `contents`. Returns why it could not be read, naming it, or nothing.
std::optional<std::string> readFile(const std::string &path, std::string &contents);

} // namespace cat::results

#endif // CATC_RESULTS_WRITEFILE_H
