//===- Oracle.h - The best that so many models can reach --------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ceilings for documentation and tests: with the whole exact front known, how much of its
// hypervolume can n models reach together with all their hardware? No search that evaluates n
// models can do better.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_ORACLE_H
#define CATC_SEARCH_ORACLE_H

#include "Search/Enumerate.h"
#include <vector>

namespace cat::search {

/// Hypervolumes of the first 1, 2 ... `count` models, chosen greedily by gain among the models of
/// the exact front, each with its own front
/// (`reference` in the goals' senses). Within 1 - 1/e of the best choice, in practice nearly equal.
/// Shorter than `count` if the front has fewer models.
std::vector<double> greedyModelHypervolumes(const Problem &problem, const ModelFronts &fronts,
                                            const Front &front,
                                            const std::vector<Evaluation> &evaluations,
                                            const std::vector<double> &reference, size_t count);

/// The best hypervolume of 1, 2 ... `count` points of a front with two goals, by dynamic
/// programming over the sorted front: exact. Where one goal is the evaluated one and each model has
/// one point on the front, the ceiling for so many models.
std::vector<double> bestSubsetHypervolumes(const std::vector<Goal> &goals,
                                           const std::vector<FrontPoint> &points,
                                           const std::vector<double> &reference, size_t count);

} // namespace cat::search

#endif // CATC_SEARCH_ORACLE_H
