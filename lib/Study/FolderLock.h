//===- FolderLock.h - One writer in a run folder ----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An advisory lock (flock) on a file in the run folder. The file stays when the lock is gone:
// removing it would let two processes lock two different files of that name. It tells who holds the
// lock. Private to lib/Study.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_STUDY_FOLDERLOCK_H
#define CATC_STUDY_FOLDERLOCK_H

#include "Study/Store.h"
#include <string>
#include <utility>

namespace cat::study {

class FolderLock {
public:
  /// Takes the lock of an existing folder without waiting.
  static StoreResult<FolderLock> acquire(const std::string &folder);

  FolderLock(FolderLock &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock(const FolderLock &) = delete;
  ~FolderLock();

private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

} // namespace cat::study

#endif // CATC_STUDY_FOLDERLOCK_H
