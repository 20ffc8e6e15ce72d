//===- ToyProblem.h - A co-design problem with a known optimum --*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ToyCLIP14: eight model and six hardware parameters as in CATransformers' space (1,071,875 models,
// 3,240 hardware points), closed-form metrics, an accuracy that depends on the model alone. Its
// exact hypervolumes and front sizes are reference data.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_SEARCH_TOYPROBLEM_H
#define CATC_TEST_UNIT_SEARCH_TOYPROBLEM_H

#include "Search/Problem.h"
#include <array>
#include <vector>

namespace cat::search::test {

/// Symbols: 0 latency (s), 1 energy (J), 2 carbon-relevant area (um2), 3 peak Tera-operations/s, 4
/// accuracy.
enum ToySymbol : int32_t { kToyLatency, kToyDynamicEnergy, kToyArea, kToyTops, kToyAccuracy };

/// The problem with goals accuracy, latency and carbon and the two limits on area and operations.
/// Thresholds are the worst values of interest in that order.
Problem toyProblem(const std::array<double, 3> &thresholds);

/// Accuracy of every model.
std::vector<Evaluation> toyAccuracies(const Problem &problem);

} // namespace cat::search::test

#endif // CATC_TEST_UNIT_SEARCH_TOYPROBLEM_H
