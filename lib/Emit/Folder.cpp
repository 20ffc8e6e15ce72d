//===- Folder.cpp - A folder written whole or not at all ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Folder.h"
#include "Emit/Tool.h"
#include "Results/WriteFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/SHA256.h"

using namespace cat;
using namespace cat::emit;
namespace fs = llvm::sys::fs;

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

static std::string hex(llvm::ArrayRef<uint8_t> digest) {
  return llvm::toHex(digest, /*LowerCase=*/true);
}

File File::of(std::string name, const std::string &contents) {
  return {std::move(name), contents.size(),
          hex(llvm::SHA256::hash(llvm::arrayRefFromStringRef(contents)))};
}

Result<File> File::read(std::string name, const std::string &path) {
  auto fault = [&](const std::string &why) { return Fault{"cannot read '" + path + "': " + why}; };
  llvm::Expected<fs::file_t> file = fs::openNativeFileForRead(path);
  if (!file)
    return fault(llvm::toString(file.takeError()));
  File result{std::move(name), 0, ""};
  llvm::SHA256 digest;
  std::vector<char> buffer(size_t(1) << 20);
  std::string problem;
  while (problem.empty()) {
    llvm::Expected<size_t> count = fs::readNativeFile(*file, buffer);
    if (!count) {
      problem = llvm::toString(count.takeError());
    } else if (*count == 0) {
      break;
    } else {
      digest.update(llvm::StringRef(buffer.data(), *count));
      result.bytes += *count;
    }
  }
  fs::closeFile(*file);
  if (!problem.empty())
    return fault(problem);
  result.sha256 = hex(digest.final());
  return result;
}

//===----------------------------------------------------------------------===//
// The folder
//===----------------------------------------------------------------------===//

Folder::Folder(std::string path, int interrupt)
    : path_(std::move(path)),
      temporary_(path_ + ".tmp-" + std::to_string(llvm::sys::Process::getProcessId())),
      interrupt_(interrupt) {}

Folder::Folder(Folder &&other) noexcept
    : path_(std::move(other.path_)), temporary_(std::move(other.temporary_)),
      interrupt_(other.interrupt_), files_(std::move(other.files_)) {
  other.temporary_.clear();
}

Folder::~Folder() {
  // What is left of a failure is in the way of nothing; the failure is what matters.
  if (!temporary_.empty())
    (void)!fs::remove_directories(temporary_);
}

/// The folder itself, where a path leads through links or ends with a dot.
static std::string resolved(const std::string &path) {
  llvm::SmallString<256> result;
  if (!fs::real_path(path, result))
    return std::string(result);
  result = path;
  llvm::sys::path::remove_dots(result);
  return std::string(result);
}

std::optional<std::string> Folder::whyNotWritable(const std::string &folder, const char *option) {
  fs::file_status status;
  if (!fs::exists(folder)) {
    if (!fs::status(folder, status, /*follow=*/false))
      return "'" + folder + "' is a link to nothing";
    return std::nullopt;
  }
  std::error_code error;
  if (!fs::is_directory(folder))
    return "'" + folder + "' exists and is no folder";
  if (fs::directory_iterator(folder, error) != fs::directory_iterator() || error)
    return "'" + folder + "' is not empty; name another folder with " + option +
           ", or remove it first";
  // A complete folder takes its place in the end, which neither of these can be made to give up.
  const char *what = nullptr;
  fs::file_status parent;
  if (fs::equivalent(folder, "."))
    what = "the current folder";
  else if (!fs::status(folder, status) &&
           !fs::status(llvm::sys::path::parent_path(resolved(folder)), parent) &&
           status.getUniqueID().getDevice() != parent.getUniqueID().getDevice())
    what = "where a file system is mounted";
  if (what)
    return "'" + folder + "' is " + what +
           ", which cannot be replaced; name a new folder in it with " + option;
  return std::nullopt;
}

Result<Folder> Folder::create(std::string path, int interrupt) {
  if (std::optional<std::string> problem = whyNotWritable(path))
    return Fault{*problem};
  Folder folder(resolved(path), interrupt);
  if (std::error_code error = fs::create_directories(folder.temporary_, /*IgnoreExisting=*/false)) {
    std::string temporary = std::move(folder.temporary_);
    folder.temporary_.clear();
    return Fault{"cannot make '" + temporary + "': " + error.message()};
  }
  return folder;
}

std::optional<std::string> Folder::add(const std::string &name, const std::string &contents) {
  if (isInterrupted(interrupt_))
    return kInterrupted;
  std::string path = pathOf(name);
  llvm::StringRef parent = llvm::sys::path::parent_path(path);
  if (std::error_code error = fs::create_directories(parent))
    return "cannot make '" + parent.str() + "': " + error.message();
  if (std::optional<std::string> problem = results::writeFile(path, contents))
    return problem;
  files_.push_back(File::of(name, contents));
  return std::nullopt;
}

std::optional<std::string> Folder::adopt(const std::string &name) {
  Result<File> file = File::read(name, pathOf(name));
  if (!file)
    return file.error();
  files_.push_back(std::move(*file));
  return std::nullopt;
}

std::optional<std::string> Folder::commit() {
  if (isInterrupted(interrupt_))
    return kInterrupted;
  if (std::error_code error = fs::rename(temporary_, path_))
    return "cannot make '" + path_ + "': " + error.message();
  temporary_.clear();
  return std::nullopt;
}
