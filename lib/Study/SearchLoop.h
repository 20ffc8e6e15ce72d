//===- SearchLoop.h - Ask, evaluate, tell -----------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of a search that evaluates models: Run.h says what it promises. Private to lib/Study.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_STUDY_SEARCHLOOP_H
#define CATC_STUDY_SEARCHLOOP_H

#include "Search/Strategy.h"
#include "Study/Run.h"

namespace cat::study {

/// Runs a strategy to its end, continuing what the store holds.
std::variant<RunOutcome, RunError> runLoop(const Codesign &codesign, Evaluator &evaluator,
                                           search::Strategy &strategy, const RunOptions &options,
                                           Store &store,
                                           const std::function<void(const Progress &)> &report);

} // namespace cat::study

#endif // CATC_STUDY_SEARCHLOOP_H
