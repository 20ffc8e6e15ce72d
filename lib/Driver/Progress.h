//===- Progress.h - How far a search is -------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DRIVER_PROGRESS_H
#define CATC_DRIVER_PROGRESS_H

#include "Study/Run.h"
#include <chrono>

namespace cat::driver {

/// Shows trials done, hypervolume, the best of each goal and the time left on standard error: one
/// line that renews itself on a terminal, plain lines now and then elsewhere.
class ProgressReporter {
public:
  ProgressReporter(std::vector<study::GoalInfo> goals, bool quiet);
  ~ProgressReporter();

  void operator()(const study::Progress &progress);
  /// Shows what a worker prepares.
  void say(const std::string &message);
  /// Ends the line that renews itself, before something else is printed.
  void end();

private:
  std::string line(const study::Progress &progress) const;

  std::vector<study::GoalInfo> goals;
  bool quiet, terminal, open = false;
  std::chrono::steady_clock::time_point start;
  std::optional<std::chrono::steady_clock::time_point> said; ///< a message, in a log
  int64_t first = -1, printed = 0;
};

} // namespace cat::driver

#endif // CATC_DRIVER_PROGRESS_H
