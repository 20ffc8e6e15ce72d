//===- Imports.h - Reading a spec and what it imports -----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_FRONTEND_IMPORTS_H
#define CATC_FRONTEND_IMPORTS_H

#include "Frontend/Diagnostics.h"
#include "Frontend/Frontend.h"
#include "Frontend/Object.h"
#include "llvm/ADT/StringMap.h"
#include <deque>

namespace cat::frontend {

/// Reads files and their imports, each once. An import is looked for beside the importing file,
/// then in the search path.
class FileSet {
public:
  /// With `stored`, files come from there instead of from disk.
  FileSet(std::vector<std::string> searchPaths, DiagnosticEngine &diagnostics,
          const std::vector<SourceText> *stored)
      : searchPaths_(std::move(searchPaths)), diagnostics_(diagnostics), stored_(stored) {}

  /// Reads a spec with all that it imports; null if it cannot be read or parsed. Errors are
  /// reported.
  FileScope *loadMain(const std::string &path);

  /// In the order in which they were opened; the spec first.
  std::deque<FileScope> &files() { return files_; }

private:
  FileScope *load(std::unique_ptr<llvm::MemoryBuffer> buffer, const std::string &path);
  void loadImport(FileScope &importer, const ast::Import &import);
  void loadStoredImport(FileScope &importer, const ast::Import &import);
  /// Gives an import the file that it names, which has been opened before; an error if it is still
  /// being read.
  void linkKnown(FileScope &importer, const ast::Import &import, FileScope *scope);

  std::vector<std::string> searchPaths_;
  DiagnosticEngine &diagnostics_;
  const std::vector<SourceText> *stored_;
  std::deque<FileScope> files_;
  llvm::StringMap<FileScope *> byIdentity_;
  std::vector<FileScope *> stack_; ///< files being read, for cycles
};

} // namespace cat::frontend

#endif // CATC_FRONTEND_IMPORTS_H
