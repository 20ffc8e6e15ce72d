//===- Lbfgs.h - Minimisation with limited memory ---------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_LBFGS_H
#define CATC_SEARCH_LBFGS_H

#include <Eigen/Dense>
#include <functional>

namespace cat::search {

struct LbfgsOptions {
  int iterations = 60;
  int memory = 8;
  double gradientTolerance = 1e-4; ///< stop at a largest component below this
  double valueTolerance = 1e-9;    ///< stop at a relative decrease below this
  double largestStep = 2;          ///< of any component, in one iteration
};

/// Minimises `f(x, gradient)`, which returns the value and may return infinity or NaN outside its
/// domain, from x; returns the least value, with x its place. Two-loop recursion (Nocedal 1980)
/// with a backtracking line search.
double minimiseLbfgs(const std::function<double(const Eigen::VectorXd &, Eigen::VectorXd &)> &f,
                     Eigen::VectorXd &x, const LbfgsOptions &options = {});

} // namespace cat::search

#endif // CATC_SEARCH_LBFGS_H
