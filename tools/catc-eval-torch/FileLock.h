//===- FileLock.h - One worker at a time ------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_TORCH_FILELOCK_H
#define CATC_EVAL_TORCH_FILELOCK_H

#include <chrono>
#include <fcntl.h>
#include <functional>
#include <string>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

namespace cat::torcheval {

/// An advisory lock on a file, held until the object goes. The kernel drops it when the process
/// ends, however it ends.
class FileLock {
public:
  /// Waits for the lock; `wait` is called every half second and gives up by returning false.
  FileLock(const std::string &path, const std::function<bool()> &wait)
      : descriptor_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
    while (descriptor_ >= 0 && !(held_ = flock(descriptor_, LOCK_EX | LOCK_NB) == 0) && wait())
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  ~FileLock() {
    if (descriptor_ >= 0)
      close(descriptor_);
  }
  FileLock(const FileLock &) = delete;
  FileLock &operator=(const FileLock &) = delete;

  bool held() const { return held_; }

private:
  int descriptor_;
  bool held_ = false;
};

} // namespace cat::torcheval

#endif // CATC_EVAL_TORCH_FILELOCK_H
