//===- Measuring.h - Where workers run and what they keep -------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DRIVER_MEASURING_H
#define CATC_DRIVER_MEASURING_H

#include "Driver/LoadedStudy.h"
#include "Study/Measurement.h"

namespace cat::driver {

/// What a study's evaluator says of its workers, with paths relative to the spec's folder. Its
/// errors are recorded as the spec's.
llvm::FailureOr<std::optional<study::MeasurementPlan>> planMeasurement(const LoadedStudy &study);

/// The session of a command, without its number of workers and its fidelity. What workers keep for
/// further searches goes to CATC_CACHE, else to XDG_CACHE_HOME/catc, else to ~/.cache/catc.
/// `runFolder` is empty if the command keeps nothing else.
study::MeasurementSession makeSession(const std::string &runFolder, uint64_t seed, int interrupt);

} // namespace cat::driver

#endif // CATC_DRIVER_MEASURING_H
