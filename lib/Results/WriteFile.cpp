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

namespace fs = std::filesystem;

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

/// Writes everything, syncs (where the file can be synced) and closes. Returns 0 or an errno.
static int writeAndClose(int fd, std::string_view contents) {
  int error = 0;
  while (!contents.empty() && error == 0) {
    ssize_t written = ::write(fd, contents.data(), contents.size());
    if (written >= 0)
      contents.remove_prefix(static_cast<size_t>(written));
    else if (errno != EINTR)
      error = errno;
  }
  // Pipes and character devices cannot be synced (EINVAL, EROFS), and need not be.
  if (error == 0 && ::fsync(fd) != 0 && errno != EINVAL && errno != EROFS)
    error = errno;
  // On Linux the descriptor is gone even when close reports an error, so there is nothing to retry.
  if (::close(fd) != 0 && error == 0 && errno != EINTR)
    error = errno;
  return error;
}

std::optional<std::string> cat::results::writeFile(const std::string &path,
                                                   std::string_view contents) {
  struct stat status;
  bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode))
    return message("write", path, EISDIR);
  if (exists && !S_ISREG(status.st_mode)) {
    int fd = openFile(path, O_WRONLY);
    int error = fd < 0 ? errno : writeAndClose(fd, contents);
    return error ? std::optional(message("write", path, error)) : std::nullopt;
  }

  std::error_code resolveError;
  fs::path target = exists ? fs::canonical(path, resolveError) : fs::path(path);
  if (resolveError)
    return message("write", path, resolveError.value());
  fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  std::string temporary =
      folder / ("." + target.filename().string() + ".tmp-" + std::to_string(::getpid()));

  // A left-over of a killed process with our number is ours to replace.
  int fd = openFile(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (fd < 0)
    return message("write", path, errno);
  int error = writeAndClose(fd, contents);
  if (error == 0 && ::rename(temporary.c_str(), target.c_str()) != 0)
    error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    return message("write", path, error);
  }
  // The rename itself must survive a power loss. Some file systems cannot sync folders; the file is
  // whole even so.
  int folderFd = openFile(folder, O_RDONLY | O_DIRECTORY);
  if (folderFd >= 0) {
    ::fsync(folderFd);
    ::close(folderFd);
  }
  return std::nullopt;
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
