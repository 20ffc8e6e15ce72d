//===- RandomProblems.h - Small problems and their brute-force fronts -*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_SEARCH_RANDOMPROBLEMS_H
#define CATC_TEST_UNIT_SEARCH_RANDOMPROBLEMS_H

#include "Search/Problem.h"
#include <cstdint>
#include <random>
#include <vector>

namespace cat::search::test {

/// A random stream that is the same with every standard library.
class Dice {
public:
  explicit Dice(uint64_t seed) : engine(seed) {}
  int64_t below(int64_t n) { return static_cast<int64_t>(engine() % static_cast<uint64_t>(n)); }
  bool chance(double p) { return uniform() < p; }
  double uniform() { return static_cast<double>(engine() >> 11) * 0x1p-53; }
  double normal();

private:
  std::mt19937_64 engine;
};

struct ProblemOptions {
  bool mixed = false;    ///< goals and requirements may combine the evaluated metric with hardware
  bool composite = true; ///< goals may be products, maxima ...
  int goals = 0;         ///< 0: one to four
  bool evaluatedGoal =
      false; ///< the first goal is the evaluated metric, and nothing else depends on it
};

/// A problem with everything that the library distinguishes: shared and free parameters,
/// categoricals, empty tables and bases, ties, exact terms that differ from the tables by rounding,
/// goals in both senses, thresholds or none, compound requirements.
Problem randomProblem(Dice &dice, const ProblemOptions &options = {});

std::vector<Evaluation> randomEvaluations(Dice &dice, const Problem &problem);

/// The front by definition: every design, compared with every other.
std::vector<FrontPoint> bruteForceFront(const Problem &problem,
                                        const std::vector<Evaluation> &evaluations);

/// The same over the designs of one model.
std::vector<FrontPoint> bruteForceModelFront(const Problem &problem, ModelId model,
                                             const Evaluation &evaluation);

/// Symbol values of a design, as expressions see them.
std::vector<double> symbolValues(const Problem &problem, ModelId model, HardwareId hardware,
                                 const Evaluation &evaluation);

} // namespace cat::search::test

#endif // CATC_TEST_UNIT_SEARCH_RANDOMPROBLEMS_H
