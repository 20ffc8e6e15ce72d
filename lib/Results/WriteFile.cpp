//===- WriteFile.cpp - All-or-nothing file output -------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Results/WriteFile.h"
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace fs = std::filesystem;
using namespace cat::results;

static std::string message(const char *doing, const std::string &path, int error) {
  return std::string("cannot ") + doing + " '" + path +
         "': " + std::generic_category().message(error);
}

/// Opens without passing the descriptor on to child processes; -1 and errno on failure.
static int openFile(const std::string &path, int flags) {
  int fd;
  do
    fd = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  while (fd < 0 && errno == EINTR);
  return fd;
}

FileWriter::FileWriter(std::string path) : path_(std::move(path)) {
  struct stat status;
  bool exists = ::stat(path_.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) {
    error_ = EISDIR;
    return;
  }
  if (exists && !S_ISREG(status.st_mode)) {
    fd_ = openFile(path_, O_WRONLY);
  } else {
    std::error_code resolveError;
    fs::path target = exists ? fs::canonical(path_, resolveError) : fs::path(path_);
    if (resolveError) {
      error_ = resolveError.value();
      return;
    }
    fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
    target_ = target;
    temporary_ = folder / ("." + target.filename().string() + ".tmp-" + std::to_string(::getpid()));
    // A left-over of a killed process with our number is ours to replace.
    fd_ = openFile(temporary_, O_WRONLY | O_CREAT | O_TRUNC);
  }
  if (fd_ < 0) {
    error_ = errno;
    temporary_.clear();
  }
}

FileWriter::~FileWriter() {
  if (fd_ >= 0)
    ::close(fd_);
  if (!temporary_.empty())
    ::unlink(temporary_.c_str());
}

void FileWriter::append(std::string_view contents) {
  while (!contents.empty() && error_ == 0) {
    ssize_t written = ::write(fd_, contents.data(), contents.size());
    if (written >= 0)
      contents.remove_prefix(static_cast<size_t>(written));
    else if (errno != EINTR)
      error_ = errno;
  }
}

std::optional<std::string> FileWriter::commit() {
  // Pipes and character devices cannot be synced (EINVAL, EROFS), and need not be.
  if (error_ == 0 && ::fsync(fd_) != 0 && errno != EINVAL && errno != EROFS)
    error_ = errno;
  // On Linux the descriptor is gone even when close reports an error, so there is nothing to retry.
  if (fd_ >= 0 && ::close(std::exchange(fd_, -1)) != 0 && error_ == 0 && errno != EINTR)
    error_ = errno;
  if (error_ == 0 && !temporary_.empty() && ::rename(temporary_.c_str(), target_.c_str()) != 0)
    error_ = errno;
  if (error_ != 0)
    return message("write", path_, error_);
  if (temporary_.empty())
    return std::nullopt;
  temporary_.clear();
  // The rename itself must survive a power loss. Some file systems cannot sync folders; the file is
  // whole even so.
  fs::path folder = fs::path(target_).parent_path();
  int folderFd = openFile(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
  if (folderFd >= 0) {
    ::fsync(folderFd);
    ::close(folderFd);
  }
  return std::nullopt;
}

std::optional<std::string> cat::results::writeFile(const std::string &path,
                                                   std::string_view contents) {
  FileWriter writer(path);
  writer.append(contents);
  return writer.commit();
}

std::optional<std::string> cat::results::readFile(const std::string &path, std::string &contents) {
  int fd = openFile(path, O_RDONLY);
  if (fd < 0)
    return message("read", path, errno);
  contents.clear();
  char buffer[1 << 16];
  int error = 0;
  while (true) {
    ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got == 0)
      break;
    if (got > 0)
      contents.append(buffer, static_cast<size_t>(got));
    else if (errno != EINTR) {
      error = errno;
      break;
    }
  }
  ::close(fd);
  return error ? std::optional(message("read", path, error)) : std::nullopt;
}
