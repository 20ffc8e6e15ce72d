//===- Folder.h - A folder written whole or not at all ----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files are written into a temporary folder beside the one that is wanted, which it becomes in the
// end: a folder that exists is complete.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_FOLDER_H
#define CATC_EMIT_FOLDER_H

#include "Support/Result.h"
#include <cstdint>
#include <vector>

namespace cat::emit {

/// A file of the folder.
struct File {
  std::string name;
  uint64_t bytes = 0;
  std::string sha256; ///< in lower case

  /// What a file with these contents is.
  static File of(std::string name, const std::string &contents);
  /// Reads the file `path`, whatever its size. A fault if it cannot be read.
  static Result<File> read(std::string name, const std::string &path);
};

class Folder {
public:
  /// Why a folder that an option names cannot be written, or nothing: it is none, is not empty, or
  /// cannot be replaced by another.
  static std::optional<std::string> whyNotWritable(const std::string &path,
                                                   const char *option = "--out");
  /// Begins a folder. What is done with it stops with a problem, kInterrupted (Emit/Tool.h), once
  /// the descriptor `interrupt` is readable.
  static Result<Folder> create(std::string path, int interrupt = -1);
  Folder(Folder &&other) noexcept;
  Folder(const Folder &) = delete;
  /// Without a successful commit() nothing is left.
  ~Folder();

  /// Writes a file; its name may lead through subfolders ("rtl/top.sv"). Returns why it could not
  /// be written, or nothing.
  std::optional<std::string> add(const std::string &name, const std::string &contents);
  /// Where someone else writes a file of the folder.
  std::string pathOf(const std::string &name) const { return temporary_ + "/" + name; }
  /// Counts what was written to pathOf(name) as a file of the folder. Returns why it could not be
  /// read, or nothing.
  std::optional<std::string> adopt(const std::string &name);
  /// The descriptor that create() was given.
  int interrupt() const { return interrupt_; }
  /// In the order in which they were added.
  const std::vector<File> &files() const { return files_; }

  /// The last call. Returns why the folder could not be made, or nothing.
  std::optional<std::string> commit();

private:
  Folder(std::string path, int interrupt);

  std::string path_, temporary_; ///< temporary_ is empty once nothing is to be removed
  int interrupt_;
  std::vector<File> files_;
};

} // namespace cat::emit

#endif // CATC_EMIT_FOLDER_H
