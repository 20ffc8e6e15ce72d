//===- Summary.h - What a search found, for people --------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DRIVER_SUMMARY_H
#define CATC_DRIVER_SUMMARY_H

#include "Results/Records.h"
#include "Study/Run.h"
#include "llvm/Support/raw_ostream.h"

namespace cat::driver {

/// The design that a spec compares with, costed like any other.
struct Baseline {
  std::string name;
  carbon::Metrics metrics;
  std::optional<study::NamedAccuracy> accuracy;
  std::string whyNotMeasured; ///< where accuracy is measured, and the baseline's is not
};

/// Costs the baseline that a study names through the IR; nothing if it names none.
llvm::FailureOr<std::optional<Baseline>> costBaseline(study::StudyOps ops);

/// Prints a dozen designs that stand for the front, the knee, what of the carbon a design controls,
/// and the distance to the baseline.
void printSummary(llvm::raw_ostream &os, const study::Codesign &codesign,
                  const results::FrontView &front, const study::RunOutcome &outcome,
                  const std::optional<Baseline> &baseline);

} // namespace cat::driver

#endif // CATC_DRIVER_SUMMARY_H
