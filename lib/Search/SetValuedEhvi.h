//===- SetValuedEhvi.h - Expected hypervolume gain of a model ---*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The gain of evaluating a model whose evaluated goal is a ~ N(mu, s^2), maximised, while its k
// other goals are known for each of its hardware points, H, all of which join the front at once.
// With the distinct levels t_0 = reference < t_1 < ... < t_J of the evaluated goal on the front,
// t_{J+1} infinite, and S_j the known goals of the points at level t_{j+1} and above,
//   EHVI(m) = sum_j A_j (psi(t_j) - psi(t_{j+1})),   A_j = HV_k(S_j u H) - HV_k(S_j),
// because the volume that a adds between two neighbouring levels is A_j high wherever a exceeds
// them. Olofsson et al. (IEEE TBME 2019) treat one analytic and one modelled objective; here H is a
// set, and k is any number (k = 0 is expected improvement, A = 1).
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_SETVALUEDEHVI_H
#define CATC_SEARCH_SETVALUEDEHVI_H

#include "Search/Hypervolume.h"
#include <utility>
#include <vector>

namespace cat::search {

class SetValuedEhvi {
public:
  /// `reference` has the k known goals, minimised; its size is k. `lowest` is t_0. `front` holds
  /// what was evaluated: the level of a model and the known goals of its hardware points.
  SetValuedEhvi(std::vector<double> reference, double lowest,
                std::vector<std::pair<double, PointSet>> front);

  /// Expected gain of a model.
  double operator()(double mu, double sigma, const PointSet &points) const;

  /// A_j of a model.
  std::vector<double> gains(const PointSet &points) const;

  /// t_0 ... t_J, ascending.
  const std::vector<double> &levels() const { return thresholds; }

  /// S_j in one and two dimensions: least value, staircase.
  double best(size_t level) const { return bests[level]; }
  const Staircase &stairs(size_t level) const { return staircases[level]; }

private:
  std::vector<double> reference, thresholds;
  std::vector<double> bests;         // one dimension
  std::vector<Staircase> staircases; // two
  std::vector<PointSet> sets;        // more
  std::vector<double> volumes;       // HV_k(S_j), more than two
};

} // namespace cat::search

#endif // CATC_SEARCH_SETVALUEDEHVI_H
