//===- Progress.cpp - How far a search is ---------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver/Progress.h"
#include "Results/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace cat;
using namespace cat::driver;

ProgressReporter::ProgressReporter(std::vector<study::GoalInfo> goals, bool quiet)
    : goals(std::move(goals)), quiet(quiet), terminal(llvm::errs().is_displayed()),
      start(std::chrono::steady_clock::now()) {}

ProgressReporter::~ProgressReporter() { end(); }

void ProgressReporter::end() {
  if (open)
    llvm::errs() << "\n";
  open = false;
}

void ProgressReporter::say(const std::string &message) {
  if (quiet || message.empty())
    return;
  if (terminal) {
    llvm::errs() << "\r\033[K" << message;
    open = true;
    return;
  }
  // Workers may have much to say; a log is content with a line now and then.
  auto now = std::chrono::steady_clock::now();
  if (said && now - *said < std::chrono::seconds(10))
    return;
  said = now;
  llvm::errs() << message << "\n";
}

std::string ProgressReporter::line(const study::Progress &progress) const {
  std::string text =
      std::to_string(progress.trials) + "/" + std::to_string(progress.total) + " trials";
  text += "  hypervolume " + results::shortNumber(progress.hypervolume);
  for (size_t g = 0; g < progress.best.size(); ++g) {
    double shown = progress.best[g] / goals[g].scale;
    text += "  best " + goals[g].name + " " + results::shortNumber(shown) +
            (goals[g].unit.empty() ? "" : " " + goals[g].unit);
  }
  int64_t done = progress.trials - first;
  if (done > 0 && progress.total > progress.trials) {
    std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    double left = elapsed.count() / static_cast<double>(done) *
                  static_cast<double>(progress.total - progress.trials);
    text += "  " + results::formatQuantity(left, "s") + " left";
  }
  return text;
}

void ProgressReporter::operator()(const study::Progress &progress) {
  if (quiet)
    return;
  if (!progress.message.empty()) {
    // While the first trials run, there is nothing else to show; later the figures say more.
    if (terminal)
      say((first < 0 ? "" : line(progress) + "  ") + progress.message);
    return;
  }
  if (first < 0)
    first = progress.trials - 1;
  if (terminal) {
    llvm::errs() << "\r\033[K" << line(progress);
    open = true;
    return;
  }
  // A log wants to see that it goes on, not each trial.
  int64_t step = std::max<int64_t>(1, progress.total / 10);
  if (progress.trials / step == printed && progress.trials != progress.total)
    return;
  printed = progress.trials / step;
  llvm::errs() << line(progress) << "\n";
}
