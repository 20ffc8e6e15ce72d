//===- FolderLock.cpp - One writer in a run folder ------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/FolderLock.h"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

using namespace cat::study;

/// What the holder of the lock wrote of itself.
static std::string readHolder(int fd) {
  char text[300];
  ssize_t size = ::pread(fd, text, sizeof text, 0);
  std::string holder(text, size > 0 ? static_cast<size_t>(size) : 0);
  return holder.substr(0, holder.find('\n'));
}

static void writeHolder(int fd) {
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  std::string text = "process " + std::to_string(::getpid()) + " on " + host + "\n";
  // Only a help to people: the lock holds without it, also where the disk is full.
  if (::ftruncate(fd, 0) == 0)
    (void)!::pwrite(fd, text.data(), text.size(), 0);
}

StoreResult<FolderLock> FolderLock::acquire(const std::string &folder) {
  std::string path = folder + "/study.lock";
  // Closed on exec, or worker processes would keep the lock of a search that died.
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0)
    return StoreError{errno == ENOSPC ? StoreErrorKind::DiskFull : StoreErrorKind::Access,
                      "cannot write '" + path + "': " + std::strerror(errno),
                      "check that you may write in the run folder"};
  int code;
  do
    code = ::flock(fd, LOCK_EX | LOCK_NB);
  while (code != 0 && errno == EINTR);
  if (code == 0) {
    writeHolder(fd);
    return FolderLock(fd);
  }
  int error = errno;
  std::string holder = readHolder(fd);
  ::close(fd);
  if (error == EWOULDBLOCK)
    return StoreError{StoreErrorKind::Locked,
                      "another search is writing in '" + folder + "'" +
                          (holder.empty() ? "" : " (" + holder + ")"),
                      "wait for it to end, or choose another folder with --out"};
  return StoreError{StoreErrorKind::Access, "cannot lock '" + path + "': " + std::strerror(error),
                    "put the run folder on a file system that supports locks"};
}

FolderLock::~FolderLock() {
  if (fd_ >= 0)
    ::close(fd_);
}
