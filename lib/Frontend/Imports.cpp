//===- Imports.cpp - Reading a spec and what it imports -------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Imports.h"
#include "Frontend/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace cat::frontend;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

/// One name for a file however it is reached.
static std::string identityOf(const std::string &file) {
  llvm::SmallString<256> real;
  return fs::real_path(file, real) ? file : std::string(real);
}

/// Specs are written by hand or by a script; what is larger is some other file.
static constexpr uint64_t kLargestFile = 64 << 20;

static llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> readFile(const std::string &file) {
  fs::file_status status;
  if (std::error_code error = fs::status(file, status))
    return error;
  if (fs::is_directory(status))
    return std::make_error_code(std::errc::is_a_directory);
  if (status.type() == fs::file_type::fifo_file)
    return llvm::MemoryBuffer::getFileAsStream(file);
  // A device can be endless.
  if (!fs::is_regular_file(status))
    return std::make_error_code(std::errc::invalid_argument);
  if (status.getSize() > kLargestFile)
    return std::make_error_code(std::errc::file_too_large);
  return llvm::MemoryBuffer::getFile(file, /*IsText=*/false, /*RequiresNullTerminator=*/true,
                                     /*IsVolatile=*/true);
}

FileScope *FileSet::loadMain(const std::string &file) {
  if (stored_) {
    if (!stored_->empty())
      return load(
          llvm::MemoryBuffer::getMemBufferCopy(stored_->front().text, stored_->front().path),
          stored_->front().path);
    diagnostics_.error({}, "no text of '" + file + "' is stored");
    return nullptr;
  }
  auto buffer = readFile(file);
  if (!buffer) {
    diagnostics_.error({}, "cannot read '" + file + "': " + buffer.getError().message());
    return nullptr;
  }
  return load(std::move(*buffer), file);
}

FileScope *FileSet::load(std::unique_ptr<llvm::MemoryBuffer> buffer, const std::string &file) {
  FileScope &scope = files_.emplace_back();
  scope.path = file;
  scope.bufferId = diagnostics_.addSource(std::move(buffer));
  byIdentity_[identityOf(file)] = &scope;
  scope.tree = parse(scope.bufferId, diagnostics_);
  if (!scope.tree)
    return nullptr;
  stack_.push_back(&scope);
  for (const ast::Import &import : scope.tree->imports)
    loadImport(scope, import);
  stack_.pop_back();
  return &scope;
}

void FileSet::linkKnown(FileScope &importer, const ast::Import &import, FileScope *scope) {
  auto open = std::find(stack_.begin(), stack_.end(), scope);
  if (open == stack_.end()) {
    importer.imports[import.alias.text] = scope;
    return;
  }
  std::string chain;
  for (; open != stack_.end(); ++open)
    chain += "'" + (*open)->path + "' imports ";
  diagnostics_.error(import.pathRange, "import cycle: " + chain + "'" + scope->path + "'");
}

static std::string withoutDots(llvm::StringRef file) {
  llvm::SmallString<256> plain(file);
  path::remove_dots(plain, /*remove_dot_dot=*/true);
  return std::string(plain);
}

// Stored files stand in the order in which they were first opened, so the position of a file in
// files_ is its position in stored_, and a file found through a search path, which nobody
// remembers, is the next one or one that was opened before.
void FileSet::loadStoredImport(FileScope &importer, const ast::Import &import) {
  llvm::SmallString<256> beside;
  if (!path::is_absolute(import.path))
    beside = path::parent_path(importer.path);
  path::append(beside, import.path);
  size_t next = files_.size(), found = stored_->size();
  for (size_t i = 0; i < stored_->size() && found == stored_->size(); ++i)
    if (withoutDots((*stored_)[i].path) == withoutDots(beside))
      found = i;
  auto isNamed = [&](size_t i) {
    return llvm::StringRef((*stored_)[i].path).ends_with("/" + std::string(import.path));
  };
  if (found == stored_->size() && next < stored_->size() && isNamed(next))
    found = next;
  for (size_t i = 0; i < next && found == stored_->size(); ++i)
    if (isNamed(i))
      found = i;
  if (found < next) {
    linkKnown(importer, import, &files_[found]);
  } else if (found == next && found < stored_->size()) {
    const SourceText &file = (*stored_)[found];
    if (FileScope *scope =
            load(llvm::MemoryBuffer::getMemBufferCopy(file.text, file.path), file.path))
      importer.imports[import.alias.text] = scope;
  } else {
    diagnostics_.error(import.pathRange, "no text of '" + std::string(import.path) + "' is stored");
  }
}

void FileSet::loadImport(FileScope &importer, const ast::Import &import) {
  if (stored_)
    return loadStoredImport(importer, import);
  if (import.path.empty()) {
    diagnostics_.error(import.pathRange, "an import needs the path of a file");
    return;
  }
  std::vector<std::string> candidates;
  if (path::is_absolute(import.path)) {
    candidates.push_back(import.path);
  } else {
    auto add = [&](llvm::StringRef folder) {
      llvm::SmallString<256> joined(folder);
      path::append(joined, import.path);
      candidates.push_back(std::string(joined));
    };
    add(path::parent_path(importer.path));
    for (const std::string &folder : searchPaths_)
      add(folder);
  }

  for (const std::string &candidate : candidates) {
    if (!fs::exists(candidate))
      continue;
    auto known = byIdentity_.find(identityOf(candidate));
    if (known != byIdentity_.end()) {
      linkKnown(importer, import, known->second);
      return;
    }
    auto buffer = readFile(candidate);
    if (!buffer) {
      diagnostics_.error(import.pathRange,
                         "cannot read '" + candidate + "': " + buffer.getError().message());
      return;
    }
    if (FileScope *scope = load(std::move(*buffer), candidate))
      importer.imports[import.alias.text] = scope;
    return;
  }
  Diagnostic &error = diagnostics_.error(import.pathRange, "cannot find '" + import.path + "'");
  for (const std::string &candidate : candidates)
    error.note({}, "looked for '" + candidate + "'");
}
